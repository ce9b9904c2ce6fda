"""Every subject and JetStream name of the protocol, in one place.

::

    stemedb.v1.<replica>.assert | vote | epoch      intake, a work queue: statements in
    stemedb.v1.<replica>.rejected                   what ingest refused, with the reason
    stemedb.v1.<replica>.ingest.append | replicate | status     request/reply, answered by ingest
    stemedb.v1.<replica>.event.committed | indexed | scan | finding    events
    stemedb.v1.<replica>.index.get | query | log | prove | root    request/reply, answered by index
    stemedb.v1.<replica>.sync.digest | range | fetch | consistency | subtree | control    request/reply, answered by sync
    stemedb.v1.<replica>.analysis.scan | findings | status    request/reply, answered by analysis
    stemedb.v1.digest                               gossip from every sync to every other

A replica's name is one subject token, so it may hold neither dots nor wildcards; ``Subjects`` refuses what does
not match. Stream names allow no dots, hence the underscores there.
"""

import re
from dataclasses import dataclass
from typing import Final

from stemedb.errors import InvalidInput
from stemedb.types import REPLICA_NAME_PATTERN, Kind

PREFIX: Final = "stemedb.v1"
GOSSIP: Final = f"{PREFIX}.digest"
"""Where every replica tells where it stands."""
CONSUMER: Final = "ingest"
"""The durable name of the one consumer of a replica's intake."""

_REPLICA_NAME = re.compile(REPLICA_NAME_PATTERN)


@dataclass(frozen=True, slots=True)
class Subjects:
    """The subjects of one replica; raises ``InvalidInput`` for a name that is not one."""

    replica: str

    def __post_init__(self) -> None:
        if not _REPLICA_NAME.fullmatch(self.replica):
            raise InvalidInput("replica", f"got {self.replica!r}, want {REPLICA_NAME_PATTERN}")

    @property
    def base(self) -> str:
        """What all subjects of this replica start with."""
        return f"{PREFIX}.{self.replica}"

    @property
    def assert_(self) -> str:
        """Intake of assertions."""
        return f"{self.base}.assert"

    @property
    def vote(self) -> str:
        """Intake of votes."""
        return f"{self.base}.vote"

    @property
    def epoch(self) -> str:
        """Intake of epochs."""
        return f"{self.base}.epoch"

    @property
    def intake(self) -> dict[str, Kind]:
        """The three intake subjects and the kind of statement that each one takes."""
        return {self.assert_: Kind.ASSERTION, self.vote: Kind.VOTE, self.epoch: Kind.EPOCH}

    @property
    def rejected(self) -> str:
        """What ingest refused."""
        return f"{self.base}.rejected"

    @property
    def append(self) -> str:
        """Request: make these statements durable."""
        return f"{self.base}.ingest.append"

    @property
    def replicate(self) -> str:
        """Request: make these statements of a peer durable, under the stamps they have."""
        return f"{self.base}.ingest.replicate"

    @property
    def status(self) -> str:
        """Request: how far the log is, and the checkpoint."""
        return f"{self.base}.ingest.status"

    @property
    def committed(self) -> str:
        """Event: the log grew."""
        return f"{self.base}.event.committed"

    @property
    def indexed(self) -> str:
        """Event: the map caught up."""
        return f"{self.base}.event.indexed"

    @property
    def scanned(self) -> str:
        """Event: how far a scan is."""
        return f"{self.base}.event.scan"

    @property
    def found(self) -> str:
        """Event: a finding is new, gone, or of another verdict."""
        return f"{self.base}.event.finding"

    @property
    def get(self) -> str:
        """Request: one statement by id."""
        return f"{self.base}.index.get"

    @property
    def query(self) -> str:
        """Request: claims by subject, resolved through a lens."""
        return f"{self.base}.index.query"

    @property
    def entries(self) -> str:
        """Request: what the log holds from a place on."""
        return f"{self.base}.index.log"

    @property
    def prove(self) -> str:
        """Request: an inclusion or exclusion proof."""
        return f"{self.base}.index.prove"

    @property
    def root(self) -> str:
        """Request: the root of the map."""
        return f"{self.base}.index.root"

    @property
    def digest(self) -> str:
        """Request: where the replica stands, as in its gossip."""
        return f"{self.base}.sync.digest"

    @property
    def range(self) -> str:
        """Request: a run of entries of the log."""
        return f"{self.base}.sync.range"

    @property
    def fetch(self) -> str:
        """Request: statements by log index or id."""
        return f"{self.base}.sync.fetch"

    @property
    def consistency(self) -> str:
        """Request: the proof that the log of one size begins that of another."""
        return f"{self.base}.sync.consistency"

    @property
    def subtree(self) -> str:
        """Request: parts of the map, to find differences."""
        return f"{self.base}.sync.subtree"

    @property
    def control(self) -> str:
        """Request: what an operator wants of sync."""
        return f"{self.base}.sync.control"

    @property
    def scan(self) -> str:
        """Request: scan code."""
        return f"{self.base}.analysis.scan"

    @property
    def findings(self) -> str:
        """Request: what was observed, and how it is judged."""
        return f"{self.base}.analysis.findings"

    @property
    def analysis_status(self) -> str:
        """Request: what analysis knows."""
        return f"{self.base}.analysis.status"

    @property
    def intake_stream(self) -> str:
        """The JetStream stream behind the three intake subjects."""
        return f"STEMEDB_{self.replica}_INTAKE"

    @property
    def rejected_stream(self) -> str:
        """The JetStream stream behind ``rejected``."""
        return f"STEMEDB_{self.replica}_REJECTED"
