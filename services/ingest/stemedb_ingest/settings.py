"""Settings of the ingest service, beside those that every service has."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stemedb.bus.settings import ServiceSettings
from stemedb.bus.streams import INTAKE_BYTES_MAX, INTAKE_MESSAGES_MAX
from stemedb.statements import SigningPolicy, decode_public_key


def _split(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",") if key.strip()]


def _public_keys(keys: str) -> str:
    for key in _split(keys):
        decode_public_key(key)  # raises ValueError, which names what is wrong
    return keys


class IngestSettings(ServiceSettings):
    """What the operator may decide about the replica that is made and about what comes in."""

    realm_key: Annotated[str, Field(pattern="^([0-9a-f]{64})?$", repr=False)] = ""
    """The realm's secret, 64 hex digits, which all replicas that are to compare their maps have in common. Empty: a new
    replica draws its own, and one that is there keeps the one it has."""

    signatures: Literal["optional", "required"] = "optional"
    """Whether unsigned statements are taken; a signature that is there must hold either way."""
    signing_keys: Annotated[str, AfterValidator(_public_keys)] = ""
    """Public nkeys, separated by commas: a signature must be by one of these. Empty: by any key."""
    intake_messages_max: Annotated[int, Field(ge=1)] = INTAKE_MESSAGES_MAX
    intake_bytes_max: Annotated[int, Field(ge=1024 * 1024)] = INTAKE_BYTES_MAX
    """What may wait in the intake stream; beyond either bound publishers are refused."""

    @property
    def realm(self) -> bytes | None:
        """The realm's secret as bytes, or ``None`` where the operator leaves it to the replica."""
        return bytes.fromhex(self.realm_key) or None

    @property
    def signing_policy(self) -> SigningPolicy:
        """The two signing settings as the policy that statements are checked with."""
        return SigningPolicy(
            required=self.signatures == "required", keys=frozenset(_split(self.signing_keys)) or None
        )
