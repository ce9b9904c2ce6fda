; What is asked of a Rust file, in one walk. Captures that belong together never start at the same place as another of their name, so that
; in the order of their starts their lists run in parallel.

[(function_item) (closure_expression)] @function
(struct_item name: (_) @struct.name) @struct
(impl_item type: (_) @impl.name) @impl
(trait_item name: (_) @impl.name) @impl
(use_declaration argument: (_) @import)
(call_expression function: (_) @callee)
(macro_invocation macro: (_) @macro)
(struct_expression name: (_) @literal)
(let_declaration pattern: (_) @declare.left value: (_) @declare.right)
(let_declaration pattern: (identifier) @typed.name type: (_) @typed.type)
(const_item name: (_) @declare.left value: (_) @declare.right)
(static_item name: (_) @declare.left value: (_) @declare.right)
(let_condition pattern: (_) @pattern)
(match_pattern) @pattern
(for_expression pattern: (_) @pattern)
(assignment_expression left: (_) @set.left right: (_) @set.right)
(compound_assignment_expr left: (_) @changed)
(attribute_item (attribute) @attribute)
(field_initializer field: (_) @pair.key value: (_) @pair.value)
(field_declaration name: (_) @field.name type: (_) @field.type)
[(string_literal) (raw_string_literal)] @string
(type_item name: (type_identifier) @alias.name type: (_) @alias.type)
(binary_expression left: (_) operator: ["==" "!="] right: (_)) @compare
(binary_expression left: (call_expression) operator: ["<" "<="] right: [(integer_literal) (identifier)]) @less
(loop_expression) @endless
(while_expression condition: (boolean_literal)) @endless
(if_expression condition: (identifier) @dead.test consequence: (block) @dead.body)
(ERROR) @error
(MISSING) @missing
