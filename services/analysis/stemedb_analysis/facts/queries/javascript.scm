; What is asked of a JavaScript file, in one walk; TypeScript adds to it. Captures that belong together never start at the same place as
; another of their name, so that in the order of their starts their lists run in parallel.

[
  (function_declaration)
  (function_expression)
  (generator_function)
  (generator_function_declaration)
  (arrow_function)
  (method_definition)
] @function
[(class_declaration) (class)] @class
(decorator) @decorator
(call_expression function: (_) @callee)
(new_expression constructor: (_) @callee)
(variable_declarator name: (_) @declare.left value: (_) @declare.right)
(variable_declarator name: (identifier) @declared)
(assignment_expression left: (_) @set.left right: (_) @set.right)
(augmented_assignment_expression left: (_) @bound)
(update_expression argument: (identifier) @bound)
(for_in_statement left: (_) @loop)
(catch_clause parameter: (_) @loop)
(pair key: (_) @pair.key value: (_) @pair.value)
(binary_expression operator: ["===" "!==" "==" "!="]) @compare
(binary_expression left: (member_expression) operator: ["<" "<="] right: (number)) @shorter
(while_statement condition: (parenthesized_expression (true))) @forever
(import_statement) @import
(string) @string
(template_string) @string

(ERROR) @error
(MISSING) @missing
