"""``services/nats/start`` lets the server start with passwords alone that are worth the name and can stand in a URL."""

import re
import subprocess
from pathlib import Path

import pytest

NATS = Path(__file__).parents[3] / "services" / "nats"
ROLES = ("INGEST", "INDEX", "SYNC", "ANALYSIS", "PUBLISHER", "READER", "OPERATOR")
GOOD = "12e5-aZ_09xy"


def start(**changed):
    """Start something in the place of the server, with good passwords but for those that are `changed`."""
    values = dict.fromkeys(ROLES, f'"{GOOD}"') | changed
    environment = {f"STEMEDB_{role}_PASSWORD": value for role, value in values.items() if value is not None}
    return subprocess.run(
        ["/bin/sh", NATS / "start", "/bin/echo", "--config", "nats.conf"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_with_good_passwords_it_becomes_the_server():
    done = start()
    assert (done.returncode, done.stdout, done.stderr) == (0, "--config nats.conf\n", "")


def test_passwords_need_no_quotation_marks():
    assert start(**dict.fromkeys(ROLES, GOOD)).returncode == 0


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("password", [None, "", '""', "changeme", '"changeme"', GOOD[:-1]])
def test_a_short_password_is_refused_by_name(role, password):
    done = start(**{role: password})
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr.startswith(
        f"STEMEDB_{role}_PASSWORD is shorter than 12 characters; give it another value"
    )


@pytest.mark.parametrize("character", list(" @/#:?%$\"'\\`*é\n"))
def test_a_character_that_does_not_stand_in_a_url_is_refused_and_not_shown(character):
    done = start(SYNC=f'"secret{character}secret"')
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr.startswith("STEMEDB_SYNC_PASSWORD has a character other than A-Z a-z 0-9 - _;")
    assert "secret" not in done.stderr.replace("secret stemedb", "")


def test_it_asks_for_every_password_of_the_configuration():
    config = (NATS / "nats.conf").read_text(encoding="utf-8")
    wanted = re.findall(r"^\s*password: \$STEMEDB_(\w+)_PASSWORD$", config, re.MULTILINE)
    asked = re.search(r"^for role in (.+); do$", (NATS / "start").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(asked[1].split()) == sorted(wanted) == sorted(ROLES)
