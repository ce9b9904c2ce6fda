"""The lenses by name, and how a name such as ``epoch(constraints(votes))`` is read.

::

    name    = plain | wrapper [ "(" name ")" ]              a wrapper alone wraps authority
    plain   = "recency" | "confidence" | "consensus" | "votes" | "authority" | "layered" | "skeptic"
    wrapper = "epoch" | "constraints"

Parameters are the fields of ``narrowing.Bounds`` and go to the outermost ``constraints`` of the name; parameters for a
name without one are refused, since a bound that bounds nothing is a mistake of the sender.
"""

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

LENS_NAME_LENGTH_MAX: Final = 128
"""Longer than any name within ``LENS_DEPTH_MAX``."""

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

_WRAPPERS: Final = ("epoch", "constraints")
_WRAPPED: Final = "authority"


def lens(name: str, **params: object) -> Lens:
    """Return the lens that `name` means, with `params` as the bounds of its outermost ``constraints``.

    Raises ``InvalidRequest`` with the known names for a name that means none, and with the field for a parameter
    that is unknown, ill-typed or out of range.
    """
    *wrappers, plain = _words(name)
    bounds = _bounds(params)
    if params and "constraints" not in wrappers:
        raise InvalidRequest("lens", f"got {', '.join(sorted(params))} for {name}, want constraints({name})")
    bounded = wrappers.index("constraints") if params else None
    built = LENSES[plain]
    for depth, wrapper in reversed(list(enumerate(wrappers))):
        if wrapper == "epoch":
            built = EpochAware(built)
        else:
            built = Constraints(built, bounds if depth == bounded else Bounds())
    return built


def _words(name: str) -> list[str]:
    """Return the names in `name`: known wrappers from the outermost in, and a plain lens last."""
    if len(name) > LENS_NAME_LENGTH_MAX:
        raise InvalidRequest(
            "lens", f"got a name of {len(name)} characters, want at most {LENS_NAME_LENGTH_MAX}"
        )
    body = name.rstrip(")")
    words = [word.strip() for word in body.split("(")]
    for word in words:
        if word not in LENSES:
            raise InvalidRequest("lens", _unknown(word))
    if len(words) > LENS_DEPTH_MAX:
        raise InvalidRequest("lens", f"got {len(words)} lenses in one another, want at most {LENS_DEPTH_MAX}")
    if len(name) - len(body) != len(words) - 1:
        raise InvalidRequest("lens", f"got unbalanced parentheses in {name!r}")
    for word in words[:-1]:
        if word not in _WRAPPERS:
            raise InvalidRequest("lens", f"{word} wraps no other lens; {' and '.join(_WRAPPERS)} do")
    return [*words, _WRAPPED] if words[-1] in _WRAPPERS else words


def _unknown(word: str) -> str:
    nearest = get_close_matches(word, LENSES, n=1)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    return f"got {word!r}, want one of {', '.join(LENSES)}{hint}"


def _bounds(params: Mapping[str, object]) -> Bounds:
    unknown = sorted(params.keys() - set(Bounds.__struct_fields__))
    if unknown:
        raise InvalidRequest(
            f"lens.{unknown[0]}", f"no such parameter, want {', '.join(Bounds.__struct_fields__)}"
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
