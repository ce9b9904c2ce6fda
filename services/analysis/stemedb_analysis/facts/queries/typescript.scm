; What TypeScript adds to JavaScript.

(abstract_class_declaration) @class
(public_field_definition name: (_) @field.name value: (_) @field.value)
(public_field_definition name: (_) @typed.name type: (_) @typed.type)
(variable_declarator name: (identifier) @typed.name type: (_) @typed.type)

(enum_declaration name: (_) @enum.name body: (_) @enum.body)
