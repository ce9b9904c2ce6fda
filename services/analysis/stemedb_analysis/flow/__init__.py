"""The flow pass: which input reaches which call. `model` tells what is known of input, `taint` walks one body, `observe` finds the sinks."""

import stemedb_analysis.rules  # noqa: F401 - before any module here: rules hold flow rules, whose names are those of rules
