"""Markers: claims that somebody wrote into a comment and that nobody has formalised yet.

::

    # @stemedb:claim[safety] a cart is never charged twice
                     ──┬───  ────────────┬───────────────
                   category             text

A marker is open until it is formalised, which makes a claim of it in ``claims.toml``, or rejected, with a reason. It is known by its file,
category and text, so it may move in the file; with another text it is another marker.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from blake3 import blake3

from stemedb_analysis.project.claims import Claims
from stemedb_analysis.scan.result import Note

MARKER_BYTES: Final = 8


class Marker(NamedTuple):
    """One marker and what became of it."""

    id: str
    file: str
    line: int
    category: str
    text: str
    state: str
    """``open``, ``formalised as …`` or ``rejected: …``."""

    @property
    def is_open(self) -> bool:
        """Whether somebody has still to look at it."""
        return self.state == "open"


def markers(notes: Mapping[str, Iterable[Note]], claims: Claims) -> list[Marker]:
    """Return the markers among a scan's notes, in the order of the files."""
    formalised = {claim.marker: claim.id for claim in claims.claims if claim.marker}
    rejected = dict(claims.rejected)
    found = []
    for file, written in notes.items():
        for note in written:
            if note.kind != "claim":
                continue
            name = blake3(f"{file}\0{note.argument}\0{note.text}".encode()).hexdigest(MARKER_BYTES)
            state = "open"
            if name in formalised:
                state = f"formalised as {formalised[name]}"
            elif name in rejected:
                state = f"rejected: {rejected[name]}"
            found.append(Marker(name, file, note.line, note.argument, note.text, state))
    return found


def find(known: Iterable[Marker], wanted: str) -> list[Marker]:
    """Return the markers that a person means: by id, the beginning of one, or ``file:line``."""
    return [
        one for one in known if f"{one.file}:{one.line}" == wanted or (wanted and one.id.startswith(wanted))
    ]
