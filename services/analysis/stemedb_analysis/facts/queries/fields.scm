; The fields of a class as JavaScript names them.

(field_definition property: (_) @field.name value: (_) @field.value)
