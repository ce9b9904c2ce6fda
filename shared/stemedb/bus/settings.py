"""Settings of a service, read from ``STEMEDB_*`` environment variables and from nowhere else.

Every service extends ``ServiceSettings`` with its own few. A value that does not fit is ``Refused`` with the name of
the variable, so that the operator sees one line and not a traceback.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, FilePath, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from stemedb.errors import Refused
from stemedb.types import REPLICA_NAME_PATTERN

ENV_PREFIX = "STEMEDB_"


class ServiceSettings(BaseSettings):
    """What every service needs: who it is, where its files and its bus are, how it reports."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="ignore")

    replica: Annotated[str, Field(pattern=f"^{REPLICA_NAME_PATTERN}$")] = "local"
    data_dir: Path = Path("stemedb-data")
    nats_url: str = "nats://127.0.0.1:4222"
    """One or more server URLs, separated by commas."""
    nats_credentials: FilePath | None = None
    """A NATS ``.creds`` file (user JWT and nkey seed)."""
    nats_inbox: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")] = "_INBOX"
    """What the subjects of replies to us begin with: a server whose users have permissions may give each one of its own."""
    nats_wait_s: Annotated[float, Field(gt=0, le=3600)] = 5.0
    """How long to wait at start for the first connection; after that, reconnecting never ends."""
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port of /metrics, /healthz and /readyz; 0 takes a free one, which is logged."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

    @property
    def nats_servers(self) -> list[str]:
        """The server URLs as a list."""
        return [url.strip() for url in self.nats_url.split(",") if url.strip()]

    @classmethod
    def load(cls) -> Self:
        """Read the environment; raises ``Refused`` naming the first variable that does not fit."""
        try:
            return cls()
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = ENV_PREFIX + "_".join(str(part) for part in first["loc"]).upper()
            reason = first["msg"].removeprefix("Value error, ")
            field = cls.model_fields.get(str(first["loc"][0]))
            got = (
                "" if field is not None and not field.repr else f", got {first['input']!r}"
            )  # no secrets in logs
            raise Refused(f"{name}: {reason}{got}; correct it and start again") from None
