; What is asked of a Python file, in one walk. Captures that belong together never start at the same place as another
; of their name, so that in the order of their starts their lists run in parallel.

(function_definition
  name: (identifier) @function.name
  parameters: (parameters) @function.parameters) @function
(lambda) @lambda
(class_definition name: (identifier) @class.name) @class
(decorator) @decorator
(call function: (_) @callee)
(assignment left: (_) @assign.left right: (_) @assign.right)
(assignment left: (_) @declare.left type: (type) @declare.type)
(augmented_assignment left: (_) @bound) @augmented
(comparison_operator) @comparison
(named_expression name: (_) @assign.left value: (_) @assign.right)
(as_pattern (_) @as.value alias: (as_pattern_target) @as.alias)
(for_statement left: (_) @bound)
(for_in_clause left: (_) @bound)
(case_pattern (dotted_name) @bound)
(global_statement) @global
(pair key: (string) @pair.key value: (_) @pair.value)
(keyword_argument name: (_) @keyword.name value: [(true) (false)] @keyword.value)
(import_statement) @import
(import_from_statement) @import
(string) @string
(ERROR) @error
(MISSING) @missing
