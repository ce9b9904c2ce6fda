; What is asked of a Go file, in one walk. Captures that belong together never start at the same place as another of their name, so that
; in the order of their starts their lists run in parallel.

[(function_declaration) (method_declaration) (func_literal)] @function
(type_spec name: (_) @struct.name type: (struct_type) @struct)
(field_declaration) @field
(import_spec) @import
(call_expression function: (_) @callee)
(composite_literal type: [(qualified_type) (type_identifier) (generic_type)] @literal)
(short_var_declaration left: (_) @declare.left right: (_) @declare.right)
(assignment_statement left: (_) @set.left right: (_) @set.right)
[(const_spec) (var_spec)] @spec
(range_clause left: (_) @loop)
(receive_statement left: (_) @loop)
(type_switch_statement alias: (_) @loop)
(inc_statement (identifier) @changed)
(dec_statement (identifier) @changed)
(assignment_statement left: (expression_list (index_expression operand: (identifier) @changed index: [(identifier) (int_literal) (binary_expression)])))
(keyed_element key: (_) @pair.key value: (_) @pair.value)
[(interpreted_string_literal) (raw_string_literal)] @string
(binary_expression left: (_) operator: ["==" "!="] right: (_)) @compare
(binary_expression left: (call_expression) operator: ["<" "<="] right: [(int_literal) (identifier)]) @less
(binary_expression operator: "+" right: (selector_expression)) @joined
(for_statement . (block)) @endless
(return_statement (expression_list (selector_expression) @given))
(if_statement condition: (identifier) @dead.test consequence: (block) @dead.body)
(ERROR) @error
(MISSING) @missing
