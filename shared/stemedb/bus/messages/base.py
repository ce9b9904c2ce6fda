"""What all messages share: how they are encoded, how strict they are, the stamp and the error."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from stemedb.errors import InvalidRequest, StemeError
from stemedb.types import REPLICA_NAME_PATTERN, Hlc
from stemedb.types import Stamp as CoreStamp

HexDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""32 bytes as lower-case hex."""

Count = Annotated[int, Field(ge=0, lt=2**53)]
"""A number of things, or an index into them."""

COUNTER_BITS = 16
COUNTER_MASK = (1 << COUNTER_BITS) - 1


class Message(BaseModel):
    """A public message: frozen, JSON on the wire, absent optional fields left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    def encode(self) -> bytes:
        """Return the JSON that is sent."""
        return self.model_dump_json(exclude_none=True).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Parse JSON from the wire; raises ``InvalidRequest`` with the first field that does not fit."""
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            raise invalid(error) from None


class Request(Message):
    """What a client asks: unknown fields are refused, and an empty body is the request with all defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Parse JSON from the wire; raises ``InvalidRequest`` with the first field that does not fit."""
        return super().decode(data or b"{}")


class Reply(Message):
    """What a service answers."""


class Stamp(Message):
    """A clock reading of one replica: what orders statements."""

    ms: Annotated[int, Field(ge=0, lt=2**48)]
    """Unix time in milliseconds."""
    counter: Annotated[int, Field(ge=0, lt=2**COUNTER_BITS)]
    origin: Annotated[str, StringConstraints(pattern=f"^{REPLICA_NAME_PATTERN}$")]

    @classmethod
    def of(cls, stamp: CoreStamp) -> Self:
        """Return the message for a stamp of the core."""
        return cls(ms=stamp.hlc >> COUNTER_BITS, counter=stamp.hlc & COUNTER_MASK, origin=stamp.origin)

    @property
    def core(self) -> CoreStamp:
        """The same as a stamp of the core."""
        return CoreStamp(Hlc(self.ms << COUNTER_BITS | self.counter), self.origin)


class ErrorReply(Message):
    """The body of a refused request; the headers say that it is one."""

    code: str
    """One of the codes of ``stemedb.errors``."""
    message: str
    field: str | None = None
    """What of the request is wrong, where it is the request."""

    @classmethod
    def of(cls, error: StemeError) -> Self:
        """Return the message for an error."""
        return cls(code=error.code, message=error.message, field=getattr(error, "field", None))


def invalid(error: ValidationError) -> InvalidRequest:
    """Return the first fault that pydantic found, as our own error."""
    first = error.errors(include_url=False, include_context=False)[0]
    return InvalidRequest(".".join(str(part) for part in first["loc"]), first["msg"])
