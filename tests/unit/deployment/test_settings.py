"""`make .env`: the example with a random secret wherever it leaves one empty."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from support.deployment import settings_of

ROOT = Path(__file__).parents[3]


def make(folder):
    """Run the target in a copy of what it needs and return the settings it makes."""
    folder.mkdir(exist_ok=True)
    for name in ("Makefile", ".env.example"):
        shutil.copy(ROOT / name, folder)
    command = ["make", "--no-print-directory", f"PYTHON={sys.executable}", ".env"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    return settings_of(folder / ".env")


def test_every_secret_is_filled_in_and_nothing_else_is_changed(tmp_path):
    example, made = settings_of(ROOT / ".env.example"), make(tmp_path)
    assert made.keys() == example.keys()
    for name, value in made.items():
        if name.endswith("_PASSWORD"):
            assert re.fullmatch(r"[A-Za-z0-9_-]{32}", value), name
        elif name == "STEMEDB_REALM_KEY":
            assert re.fullmatch("[0-9a-f]{64}", value)
        else:
            assert value == example[name]


def test_secrets_are_random_their_owners_alone_and_never_written_over(tmp_path):
    first, second = make(tmp_path / "a"), make(tmp_path / "b")
    secrets = [
        value
        for made in (first, second)
        for name, value in made.items()
        if name.endswith(("_PASSWORD", "_KEY"))
    ]
    assert len(set(secrets)) == len(secrets)
    assert (tmp_path / "a" / ".env").stat().st_mode & 0o077 == 0
    assert make(tmp_path / "a") == first
