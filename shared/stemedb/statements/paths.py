"""Concept paths: the names that claims are about.

::

    pkg://pypi/blake3/1.0.11            scheme ``pkg``, segments ``pypi``, ``blake3``, ``1.0.11`` (the leaf)
    rfc://9110/tls/cert_verification    scheme ``rfc``, …
    coffee/strength                     a bare string: the same as custom://coffee/strength

    path    = [ scheme "://" ] segment *( "/" segment )
    scheme  = lower-case letter, then lower-case letters, digits, "+", ".", "-"
    segment = 1 or more characters, none of them "/", a control character or a lone surrogate

Invariants

* The *wire form* (``scheme://a/b/c``) is one-to-one with the pair of scheme and segments: two texts mean one path
  exactly if their wire forms are equal. Map keys are built from it, so a prefix of segments is a prefix of bytes.
* Bounds are on the wire form, so the wire form of a path is a path.
* Nothing is rewritten: case, ``%``-escapes, Unicode normal forms, ``.`` and ``..`` have no meaning here. A statement
  keeps the text that was published.

What it does not do: it fetches nothing, and a path is no URL; ``pypi`` above is not a host.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from stemedb.errors import InvalidPath
from stemedb.statements import limits

DEFAULT_SCHEME: Final = "custom"
_SEPARATOR: Final = "://"
_BARE_BYTES_MAX: Final = limits.SUBJECT_BYTES_MAX - len(DEFAULT_SCHEME + _SEPARATOR)

CONTROL_CHARACTERS: Final = "\x00-\x1f\x7f-\x9f"
"""The Unicode category Cc, as the inside of a character class: what no name may contain."""

_SCHEME: Final = re.compile(rf"[a-z][a-z0-9+.\-]{{0,{limits.SCHEME_LENGTH_MAX - 1}}}")
_SEGMENT: Final = re.compile(rf"[^/{CONTROL_CHARACTERS}\ud800-\udfff]+")
_PATH: Final = re.compile(rf"(?:{_SCHEME.pattern}://)?{_SEGMENT.pattern}(?:/{_SEGMENT.pattern})*")


class ConceptPath(NamedTuple):
    """A scheme and one or more segments; ordered by scheme, then by segments."""

    scheme: str
    segments: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "ConceptPath":
        """Return the path that `text` means. Raises `InvalidPath` with the reason."""
        scheme, separator, rest = text.partition(_SEPARATOR)
        bytes_max = limits.SUBJECT_BYTES_MAX if separator else _BARE_BYTES_MAX
        if len(text.encode("utf-8", "surrogatepass")) > bytes_max:
            raise InvalidPath("path", f"got more than {bytes_max} bytes")
        if not separator:
            scheme, rest = DEFAULT_SCHEME, text
        if not _SCHEME.fullmatch(scheme):
            raise InvalidPath(
                "path", f"got scheme {scheme!r:.60}, want lower-case letters, digits, '+', '.', '-'"
            )
        segments = tuple(rest.split("/"))
        if len(segments) > limits.PATH_SEGMENTS_MAX:
            raise InvalidPath(
                "path", f"got {len(segments)} segments, want at most {limits.PATH_SEGMENTS_MAX}"
            )
        for position, segment in enumerate(segments):
            if not segment:
                raise InvalidPath("path", f"segment {position} is empty")
            if not _SEGMENT.fullmatch(segment):
                raise InvalidPath("path", f"segment {position} has a control character or a lone surrogate")
        return cls(scheme, segments)

    @property
    def wire(self) -> str:
        """The canonical text, always with a scheme."""
        return f"{self.scheme}{_SEPARATOR}{'/'.join(self.segments)}"

    @property
    def leaf(self) -> str:
        """The last segment."""
        return self.segments[-1]

    @property
    def parent(self) -> "ConceptPath | None":
        """The path without its leaf; ``None`` where only the leaf is left."""
        return ConceptPath(self.scheme, self.segments[:-1]) if len(self.segments) > 1 else None

    def is_prefix_of(self, other: "ConceptPath") -> bool:
        """Whether `other` is this path or lies below it; ``a/b`` is no prefix of ``a/bc``."""
        return self.scheme == other.scheme and self.segments == other.segments[: len(self.segments)]

    def __str__(self) -> str:
        return self.wire


def is_well_formed(text: str) -> bool:
    """Whether `ConceptPath.parse` takes `text`: the same grammar in one regular expression, for hot loops."""
    slashes, bytes_max = text.count("/"), _BARE_BYTES_MAX
    if _SEPARATOR in text:
        slashes, bytes_max = slashes - 2, limits.SUBJECT_BYTES_MAX
    return (
        len(text) <= bytes_max
        and slashes < limits.PATH_SEGMENTS_MAX
        and _PATH.fullmatch(text) is not None
        and (text.isascii() or len(text.encode()) <= bytes_max)
    )


def subject_key(subject: str) -> str:
    """Return the wire form of a well-formed subject, without taking it apart."""
    return subject if _SEPARATOR in subject else f"{DEFAULT_SCHEME}{_SEPARATOR}{subject}"


class Aliases:
    """Paths that mean the same, as classes of equivalence.

    An alias is symmetric and transitive, so pairs may come in any order and in circles: the classes are the same.
    Each class is represented by its smallest path. Immutable once built; a path in no pair stands for itself.
    """

    __slots__ = ("_members", "_representative")

    def __init__(self, pairs: Iterable[tuple[ConceptPath, ConceptPath]] = ()) -> None:
        members: dict[ConceptPath, set[ConceptPath]] = {}
        for left, right in pairs:
            smaller, larger = members.setdefault(left, {left}), members.setdefault(right, {right})
            if smaller is larger:
                continue
            if len(smaller) > len(larger):
                smaller, larger = larger, smaller
            larger |= smaller  # the smaller into the larger: each path moves at most log2(n) times
            for path in smaller:
                members[path] = larger
        frozen = {id(group): frozenset(group) for group in members.values()}
        self._members: Mapping[ConceptPath, frozenset[ConceptPath]] = MappingProxyType(
            {path: frozen[id(group)] for path, group in members.items()}
        )
        self._representative: Mapping[ConceptPath, ConceptPath] = MappingProxyType(
            {path: smallest for group in frozen.values() for smallest in (min(group),) for path in group}
        )

    def resolve(self, path: ConceptPath) -> ConceptPath:
        """Return the one path that stands for all that mean the same as `path`."""
        return self._representative.get(path, path)

    def expand(self, path: ConceptPath) -> frozenset[ConceptPath]:
        """Return every path that means the same as `path`, itself included."""
        return self._members.get(path, frozenset((path,)))
