"""Settings of ingest that the common ones do not have."""

import pytest

from stemedb.errors import Refused
from stemedb_ingest.settings import IngestSettings

KEY = bytes(range(32)).hex()


def test_the_realm_is_left_to_the_replica_unless_its_key_is_given(monkeypatch):
    monkeypatch.delenv("STEMEDB_REALM_KEY", raising=False)
    assert IngestSettings.load().realm is None
    monkeypatch.setenv("STEMEDB_REALM_KEY", "")
    assert IngestSettings.load().realm is None
    monkeypatch.setenv("STEMEDB_REALM_KEY", KEY)
    assert IngestSettings.load().realm == bytes(range(32))


@pytest.mark.parametrize("value", [KEY[:-1], KEY.upper(), KEY + "00"])
def test_a_realm_key_that_is_none_is_refused_by_name_and_not_shown(monkeypatch, value):
    monkeypatch.setenv("STEMEDB_REALM_KEY", value)
    with pytest.raises(Refused, match=r"^STEMEDB_REALM_KEY: ") as refusal:
        IngestSettings.load()
    assert value not in refusal.value.message


def test_settings_do_not_show_the_realm_key(monkeypatch):
    monkeypatch.setenv("STEMEDB_REALM_KEY", KEY)
    assert KEY not in repr(IngestSettings.load())
