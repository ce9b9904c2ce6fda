r"""What a call or a test clears because of what it is given, not by its name alone.

::

    strings.ReplaceAll(x, "\n", " ")       no line break is left: not in a log, not in a header
    filepath.Clean("/" + x)                 no step leads above the root
    switch x { case "asc", "desc": … }      x is one of these
"""

from typing import Final

from stemedb_analysis.facts.model import Call, Expr
from stemedb_analysis.rules.names import last_part

LINES: Final = frozenset({"log", "header", "mail"})
PATHS: Final = frozenset({"path", "archive"})
NOTHING: Final[frozenset[str]] = frozenset()

_REPLACING: Final = frozenset({"Replace", "ReplaceAll", "replace", "replaceAll", "replacen", "retain", "Map"})


def cleared_by_arguments(call: Call) -> frozenset[str]:
    """Return the kinds of harm that the result of `call` cannot do, given what is written among its arguments."""
    last = last_part(call.name)
    if last in _REPLACING:
        args = list(call.args)
        of = call.receiver
        if of is not None and of.kind == "call" and isinstance(of.value, Call):
            args += of.value.args  # strings.NewReplacer("\r", "", "\n", "").Replace(x)
        texts = {str(arg.value.value) for arg in args if arg.value.kind == "str"}
        return LINES if texts & {"\n", "\r", "\r\n"} else NOTHING
    if last == "Clean" and call.args and call.args[0].value.kind == "concat":
        first = call.args[0].value.value
        if isinstance(first, tuple) and first and first[0].kind == "str" and str(first[0].value)[:1] == "/":
            return PATHS
    return NOTHING


def one_of_labels(guard: Expr) -> str:
    """Return the name that a condition says to be one of several texts, empty if it says no such thing."""
    parts = guard.value
    if guard.kind != "other" or not isinstance(parts, tuple) or len(parts) < 2:
        return ""
    is_name = isinstance(parts[0], Expr) and parts[0].kind == "name"
    if is_name and all(one.kind == "str" and one.value for one in parts[1:]):
        return str(parts[0].value)
    return ""
