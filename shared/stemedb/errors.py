"""Every error that StemeDB raises on purpose, in one tree.

The branches are what a caller *does*, the leaves say what happened::

    StemeError
    ├── InvalidInput            reject it, go on with the next        (bytes from a user or the wire)
    │   ├── InvalidStatement    a statement that breaks a rule: field, reason
    │   ├── InvalidRequest      a request that breaks a rule: field, reason
    │   └── InvalidPath         a concept path that does not parse
    ├── ProofError              do not believe it                     (proof, signature, checkpoint, evidence)
    │   └── TamperedPack        a policy pack that somebody changed after it was signed
    ├── NotFound                it is not here
    ├── Unavailable             try again later                       (server away, still starting, timed out)
    │   └── Overloaded          try again later and slower
    ├── Refused                 the operator must change something
    │   ├── WrongReplica        the directory belongs to another replica or realm
    │   ├── UnsupportedFormat   written by a newer version
    │   ├── Locked              another process writes here
    │   └── ClockDrift          a stamp too far ahead of the local clock
    └── Fatal                   stop the process; nothing unacknowledged may be acknowledged any more
        ├── Corruption          bytes on disk are not what was written: file, offset
        └── DurabilityLost      a write or fsync failed: the durable state is unknown

Misuse of our own functions is ``ValueError``; a broken assumption of our own code is ``assert``. Messages are
lower-case and carry the place, what was got and what was wanted. ``code`` is what travels on the wire.
"""

from typing import ClassVar


class StemeError(Exception):
    """The root of the tree; never raised itself."""

    code: ClassVar[str] = "error"

    @property
    def message(self) -> str:
        """The text for a person, without the code."""
        return str(self)


class InvalidInput(StemeError):
    """Bytes from a user or the wire that break a rule; the thing is rejected and work goes on."""

    code = "invalid_input"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


class InvalidStatement(InvalidInput):
    """A statement that breaks a rule; ``field`` is a dotted path such as ``source.tier``, or empty."""

    code = "invalid_statement"


class InvalidRequest(InvalidInput):
    """A request that breaks a rule."""

    code = "invalid_request"


class InvalidPath(InvalidInput):
    """A concept path that does not parse."""

    code = "invalid_path"


class ProofError(StemeError):
    """A proof, signature or checkpoint that does not hold: it must not be believed."""

    code = "bad_proof"


class TamperedPack(ProofError):
    """A policy pack whose signature does not hold: its author signs another one, no replica can help."""

    code = "tampered_pack"


class NotFound(StemeError):
    """What was asked for is not here."""

    code = "not_found"


class Unavailable(StemeError):
    """Cannot be answered now; trying again later may work."""

    code = "unavailable"


class Overloaded(Unavailable):
    """A bound on work in flight is reached; try again later and slower."""

    code = "overloaded"


class Refused(StemeError):
    """The operator must change something before this can work."""

    code = "refused"


class WrongReplica(Refused):
    """The data directory belongs to another replica or realm."""

    code = "wrong_replica"


class UnsupportedFormat(Refused):
    """The file was written by a newer version of the software."""

    code = "unsupported_format"


class Locked(Refused):
    """Another process is the writer of this file or directory."""

    code = "locked"


class ClockDrift(Refused):
    """A remote stamp is further ahead of the local clock than the drift bound allows."""

    code = "clock_drift"


class Fatal(StemeError):
    """The process must stop; nothing may be acknowledged after this."""

    code = "fatal"


class Corruption(Fatal):
    """Bytes on disk are not what was written; the text of ``path`` names the file."""

    code = "corruption"

    def __init__(self, path: object, offset: int, reason: str) -> None:
        super().__init__(f"{path}: offset {offset}: {reason}")
        self.path = str(path)
        self.offset = offset
        self.reason = reason


class DurabilityLost(Fatal):
    """A write or an fsync failed, so what is on disk is unknown; nobody retries on that.

    The text of ``path`` names the file.
    """

    code = "durability_lost"

    def __init__(self, path: object, operation: str, cause: OSError) -> None:
        super().__init__(f"{path}: {operation} failed: {cause.strerror or cause}")
        self.path = str(path)
        self.operation = operation
        self.errno = cause.errno
