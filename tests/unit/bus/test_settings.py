"""Settings come from the environment and are refused by name."""

from pathlib import Path

import pytest

from stemedb.bus.settings import ServiceSettings
from stemedb.errors import Refused


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    import os  # noqa: PLC0415 - only to look at the environment

    for name in [name for name in os.environ if name.startswith("STEMEDB_")]:
        monkeypatch.delenv(name)


def test_the_defaults_are_a_local_replica_on_loopback():
    settings = ServiceSettings.load()
    assert (settings.replica, settings.nats_url) == ("local", "nats://127.0.0.1:4222")
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 0)


def test_the_environment_overrides_and_servers_are_split(monkeypatch):
    monkeypatch.setenv("STEMEDB_REPLICA", "north")
    monkeypatch.setenv("STEMEDB_DATA_DIR", "/data")
    monkeypatch.setenv("STEMEDB_NATS_URL", "nats://a:1, nats://b:2")
    settings = ServiceSettings.load()
    assert (settings.replica, settings.data_dir) == ("north", Path("/data"))
    assert settings.nats_servers == ["nats://a:1", "nats://b:2"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REPLICA", "North"),
        ("REPLICA", "a\n"),
        ("HTTP_PORT", "-1"),
        ("HTTP_PORT", "65536"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("NATS_WAIT_S", "0"),
        ("NATS_CREDENTIALS", "/dev/null/x.creds"),
        ("NATS_INBOX", "_INBOX.>"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_the_name_of_its_variable(monkeypatch, name, value):
    monkeypatch.setenv(f"STEMEDB_{name}", value)
    with pytest.raises(Refused, match=f"^STEMEDB_{name}: "):
        ServiceSettings.load()
