"""A receiver of alerts that one can see working: ``python -m stemedb.bus.alert_log`` beside an Alertmanager.

::

    Prometheus ──rule holds──▶ Alertmanager ──POST /alerts──▶ one line of JSON per alert, on standard output
                                (groups, waits, repeats)        {"event": "alert", "status": "firing", "alert": …}

It is the end of the line where no pager, chat or mail is configured, and the means to see that the rest of the line works. Lines
carry what the rule says: severity, replica, service, peer, summary, description and where the runbook has it. An alert
that is over is told with ``status`` resolved.

It keeps nothing and acknowledges what it has printed.
"""

import sys
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Annotated, Final, Literal

from prometheus_client import CollectorRegistry, Counter
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from structlog.typing import FilteringBoundLogger

from stemedb.bus import health, logs, runtime
from stemedb.bus.lifetime import Lifetime
from stemedb.bus.metrics import registry
from stemedb.bus.settings import ServiceSettings
from stemedb.errors import InvalidInput

SERVICE: Final = "alert-log"
PATH: Final = "/alerts"

ALERTS_MAX: Final = 1000
"""Of one notification: many more than there are rules times replicas."""

STATUSES: Final = ("firing", "resolved")


class Alert(BaseModel):
    """One alert, as Alertmanager tells it (version 4 of its webhook)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: Literal["firing", "resolved"]
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = Field(default_factory=dict)
    startsAt: datetime  # noqa: N815 - the name on the wire


class Notification(BaseModel):
    """Several alerts that Alertmanager tells together."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    alerts: Annotated[tuple[Alert, ...], Field(max_length=ALERTS_MAX)]


class AlertLog:
    """Prints alerts and counts them."""

    def __init__(self, log: FilteringBoundLogger, counts: CollectorRegistry) -> None:
        self._log = log
        self._received = Counter(
            "stemedb_alerts_received", "Alerts that were delivered here", ["status"], registry=counts
        )
        for status in STATUSES:
            self._received.labels(status)  # a series that starts at 0 can be alerted on

    def receive(self, body: bytes) -> None:
        """Print every alert of a notification; raises `InvalidInput` if it is none."""
        try:
            notification = Notification.model_validate_json(body)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise InvalidInput(".".join(str(part) for part in first["loc"]), first["msg"]) from None
        for alert in notification.alerts:
            self._received.labels(alert.status).inc()
            self._log.warning("alert", **_line(alert))


async def serve(settings: ServiceSettings, lifetime: Lifetime) -> None:
    """Take alerts until the lifetime ends."""
    log = logs.logger(service=SERVICE)
    counts = registry(SERVICE, "", version("stemedb"))
    alert_log = AlertLog(log, counts)
    async with health.serve(
        settings.http_host, settings.http_port, counts, lambda: None, {PATH: alert_log.receive}
    ) as port:
        log.info("ready", http_port=port, path=PATH)
        await lifetime.wait()


def _line(alert: Alert) -> dict[str, object]:
    """Return what is printed: labels and annotations side by side, the alert's name as `alert`."""
    told = {f"label_{key}" if key in _OWN else key: value for key, value in alert.labels.items()}
    told.pop("alertname", None)
    return {
        **told,
        **{key: value for key, value in alert.annotations.items() if key not in _OWN | told.keys()},
        "alert": alert.labels.get("alertname", ""),
        "status": alert.status,
        "since": alert.startsAt.isoformat(),
    }


_OWN: Final = frozenset({"alert", "event", "level", "since", "status", "timestamp"})
"""Keys of the line itself, which no label may take; a label ``service`` is the one that the alert is about."""


def main() -> None:
    """Run until stopped and exit with a code of ``stemedb.bus.exit_codes``."""
    sys.exit(runtime.run(SERVICE, ServiceSettings, serve))


if __name__ == "__main__":
    main()
