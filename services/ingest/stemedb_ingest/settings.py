"""Settings of the ingest service, beside those that every service has."""

from typing import Annotated, Literal

from pydantic import Field

from stemedb.bus.settings import ServiceSettings
from stemedb.bus.streams import INTAKE_BYTES_MAX, INTAKE_MESSAGES_MAX
from stemedb.statements import SigningPolicy


class IngestSettings(ServiceSettings):
    """What the operator may decide about what comes in."""

    signatures: Literal["optional", "required"] = "optional"
    """Whether unsigned statements are taken; a signature that is there must hold either way."""
    signing_keys: str = ""
    """Public nkeys, separated by commas: only statements signed by these are taken. Empty: by any key."""
    intake_messages_max: Annotated[int, Field(ge=1)] = INTAKE_MESSAGES_MAX
    intake_bytes_max: Annotated[int, Field(ge=1024 * 1024)] = INTAKE_BYTES_MAX
    """What may wait in the intake stream; beyond either bound publishers are refused."""

    @property
    def signing_policy(self) -> SigningPolicy:
        """The two signing settings as the policy that statements are checked with."""
        keys = frozenset(key.strip() for key in self.signing_keys.split(",") if key.strip())
        return SigningPolicy(required=self.signatures == "required", keys=keys or None)
