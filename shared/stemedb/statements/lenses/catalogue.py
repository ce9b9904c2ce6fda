"""The lenses by name, and how a name such as ``epoch(constraints(tier<=2, votes))`` is read.

::

    name    = plain | "epoch" [ "(" name ")" ] | "constraints" [ "(" arguments ")" ]
    plain   = "recency" | "confidence" | "consensus" | "votes" | "authority" | "layered" | "skeptic"
    arguments = bound *( "," bound ) [ "," name ]  |  name

A wrapper without a name in its parentheses wraps ``authority``. White space between the words does not matter.

A bound is one of these, in any order and each once; ``a|b`` lists what is let through:

| bound                        | field of ``Bounds`` | lets through claims                                    |
|------------------------------|---------------------|--------------------------------------------------------|
| ``tier<=2``                  | `tier_max`          | of this tier or a stronger one                         |
| ``confidence>=0.8``          | `confidence_min`    | at least this confident                                |
| ``lifecycle=approved|proposed`` | `lifecycle`      | with one of these lifecycles                           |
| ``agent=alice|bob``          | `agents`            | by one of these agents                                 |
| ``stamp>=1760000000000``     | `not_before_ms`     | first accepted then or later, Unix milliseconds        |
| ``stamp<=1760000000000``     | `not_after_ms`      | first accepted then or earlier                         |
| ``type=number``              | `object_type`       | whose value is of this type                            |

Agents whose names hold a comma, a bar or parentheses can only be given in code: the fields of ``Bounds`` may also be
passed to ``lens`` as parameters, and go to the outermost ``constraints`` of the name. Parameters for a name without one
are refused, since a bound that bounds nothing is a mistake of the sender.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

import msgspec

from stemedb.errors import InvalidRequest
from stemedb.statements.lenses.agreement import Consensus, Votes
from stemedb.statements.lenses.authority import Authority, Layered
from stemedb.statements.lenses.lens import Lens
from stemedb.statements.lenses.merit import Confidence, Recency
from stemedb.statements.lenses.narrowing import Bounds, Constraints, EpochAware
from stemedb.statements.lenses.skeptic import Skeptic

LENS_DEPTH_MAX: Final = 4
"""How many lenses a name may nest: each wrapper once is three, and one to spare."""

LENS_NAME_LENGTH_MAX: Final = 1_024
"""Room for every bound and a few dozen agents; longer lists are for parameters."""

LENSES: Final[Mapping[str, Lens]] = MappingProxyType(
    {
        "recency": Recency(),
        "confidence": Confidence(),
        "consensus": Consensus(),
        "votes": Votes(),
        "authority": Authority(),
        "layered": Layered(),
        "epoch": EpochAware(Authority()),
        "constraints": Constraints(Authority(), Bounds()),
        "skeptic": Skeptic(),
    }
)
"""Every lens under its plain name; wrappers wrap ``authority``."""

_EPOCH: Final = "epoch"
_CONSTRAINTS: Final = "constraints"
_WRAPPED: Final = "authority"

_BOUND: Final = re.compile(r"\s*([a-z]+)\s*([<>]?=)\s*([^,()]*?)\s*(?:,|\Z)")
_NUMBER: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")
_FIELDS: Final[Mapping[str, str]] = {
    "tier<=": "tier_max",
    "confidence>=": "confidence_min",
    "lifecycle=": "lifecycle",
    "agent=": "agents",
    "stamp>=": "not_before_ms",
    "stamp<=": "not_after_ms",
    "type=": "object_type",
}
_LISTS: Final = frozenset({"lifecycle", "agents"})
_SHOWN_MAX: Final = 64


def lens(name: str, **params: object) -> Lens:
    """Return the lens that `name` means, with `params` as further bounds of its outermost ``constraints``.

    Raises ``InvalidRequest`` with the known names for a name that means none, and with the field for a bound or a
    parameter that is unknown, ill-typed, out of range or there twice.
    """
    if len(name) > LENS_NAME_LENGTH_MAX:
        raise InvalidRequest(
            "lens", f"got a name of {len(name)} characters, want at most {LENS_NAME_LENGTH_MAX}"
        )
    if name.count("(") != name.count(")"):
        raise InvalidRequest("lens", f"got unbalanced parentheses in {_shown(name)}")
    depth = name.count("(") + 1
    if depth > LENS_DEPTH_MAX:
        raise InvalidRequest("lens", f"got {depth} lenses in one another, want at most {LENS_DEPTH_MAX}")
    built = _read(name, params)
    if params and _CONSTRAINTS not in name:
        raise InvalidRequest("lens", f"got {', '.join(sorted(params))} for {name}, want constraints({name})")
    return built


def _read(name: str, params: Mapping[str, object]) -> Lens:
    """Return the lens that `name` means, `params` being for the outermost ``constraints`` in it."""
    word, opened, rest = name.strip().partition("(")
    word = word.rstrip()
    if word not in LENSES:
        raise InvalidRequest("lens", _unknown(word))
    if not opened:
        return Constraints(LENSES[_WRAPPED], _bounds(params)) if word == _CONSTRAINTS else LENSES[word]
    if word not in {_EPOCH, _CONSTRAINTS}:
        raise InvalidRequest("lens", f"{word} wraps no other lens; {_EPOCH} and {_CONSTRAINTS} do")
    inner, closed, behind = rest.rpartition(")")
    if not closed or behind:
        raise InvalidRequest("lens", f"got {_shown(behind)} behind the parentheses of {word}")
    if word == _EPOCH:
        return EpochAware(_read(inner, params))
    inner, given = _read_bounds(inner)
    for field in params.keys() & given.keys():
        raise InvalidRequest(f"lens.{field}", "is there twice")
    return Constraints(_read(inner, {}), _bounds({**given, **params}))


def _read_bounds(arguments: str) -> tuple[str, dict[str, object]]:
    """Return the name behind the bounds at the beginning of `arguments`, and the bounds as fields of ``Bounds``."""
    given: dict[str, object] = {}
    while bound := _BOUND.match(arguments):
        what = bound[1] + bound[2]
        if what not in _FIELDS:
            raise InvalidRequest("lens", f"got bound {_shown(what)}, want one of {', '.join(_FIELDS)}")
        field = _FIELDS[what]
        if field in given:
            raise InvalidRequest(f"lens.{field}", "is there twice")
        given[field] = _value(field, bound[3])
        arguments = arguments[bound.end() :]
    return arguments if arguments.strip() or not given else _WRAPPED, given


def _value(field: str, text: str) -> object:
    """Return what `text` spells as a value of `field`; what spells no number stays text, which is no number either."""
    if field in _LISTS:
        return [item.strip() for item in text.split("|")]
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    return float(text) if number[1] else int(text)


def _unknown(word: str) -> str:
    nearest = get_close_matches(word[:_SHOWN_MAX], LENSES, n=1)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    return f"got {_shown(word)}, want one of {', '.join(LENSES)}{hint}"


def _bounds(params: Mapping[str, object]) -> Bounds:
    unknown = sorted(params.keys() - set(Bounds.__struct_fields__))
    if unknown:
        raise InvalidRequest(
            f"lens.{unknown[0][:_SHOWN_MAX]}",
            f"no such parameter, want {', '.join(Bounds.__struct_fields__)}",
        )
    for field, value in params.items():
        try:
            msgspec.convert({field: value}, Bounds)
        except msgspec.ValidationError as error:
            reason, _, _ = str(error).partition(" - at `$")
            raise InvalidRequest(f"lens.{field}", reason) from error
    bounds = msgspec.convert(dict(params), Bounds)
    first, last = bounds.not_before_ms, bounds.not_after_ms
    if first is not None and last is not None and first > last:
        raise InvalidRequest("lens.not_before_ms", f"got {first}, want at most not_after_ms, which is {last}")
    return bounds


def _shown(text: str) -> str:
    return repr(text[:_SHOWN_MAX])
