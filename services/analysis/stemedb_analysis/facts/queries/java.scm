; What is asked of a Java file, in one walk. Captures that belong together never start at the same place as another of their name, so that
; in the order of their starts their lists run in parallel.

[(method_declaration) (constructor_declaration) (compact_constructor_declaration) (lambda_expression)] @function
[(class_declaration) (interface_declaration) (enum_declaration) (record_declaration)] @class
(import_declaration) @import
(method_invocation name: (identifier) @callee)
(object_creation_expression type: (_) @created)
[(annotation) (marker_annotation)] @annotation
(variable_declarator name: (identifier) @declared)
(variable_declarator name: (identifier) @declare.left value: (_) @declare.right)
(resource name: (identifier) @resource)
(enhanced_for_statement name: (identifier) @loop)
(catch_formal_parameter name: (identifier) @loop)
(instanceof_expression name: (identifier) @pattern)
(assignment_expression left: (_) @set.left right: (_) @set.right)
(update_expression (identifier) @changed)
(if_statement condition: (parenthesized_expression [(identifier) (field_access) (false) (true) (unary_expression operand: (identifier))]) @tested)
(string_literal) @string
(ERROR) @error
(MISSING) @missing
