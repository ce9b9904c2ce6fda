"""The READMEs say what is: commands, options, targets, links and exit codes that exist."""

import re
from pathlib import Path

import pytest

from stemedb.cli import app
from stemedb.cli.exits import EXIT_CODES

ROOT = Path(__file__).parents[2]
READMES = sorted(
    path
    for path in ROOT.glob("**/README.md")
    if not {".venv", "node_modules", ".pytest_cache"} & set(path.relative_to(ROOT).parts)
)
TOP = (ROOT / "README.md").read_text(encoding="utf-8")


def names(readme: Path) -> str:
    return str(readme.relative_to(ROOT))


def commands() -> set[str]:
    """Return the commands, those of installed distributions among them."""
    return app.names(app.application())


def code(text: str) -> list[str]:
    """Return what stands in code blocks and between backquotes."""
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", text)


@pytest.mark.parametrize("readme", READMES, ids=names)
def test_every_link_leads_somewhere(readme):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", readme.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (readme.parent / target).exists(), f"{names(readme)}: {target}"


@pytest.mark.parametrize("readme", READMES, ids=names)
def test_every_make_target_exists(readme):
    targets = set(
        re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for line in code(readme.read_text(encoding="utf-8")):
        for target in re.findall(r"(?:^|&& |; )make ([a-z][a-z-]*)", line):
            assert target in targets, f"{names(readme)}: make {target}"


@pytest.mark.parametrize("readme", READMES, ids=names)
def test_every_command_exists(readme):
    for line in code(readme.read_text(encoding="utf-8")):
        for command in re.findall(r"(?:^|[ /])stemedb ([a-z]+)(?=[ `]|$)", line):
            assert command in commands(), f"{names(readme)}: stemedb {command}"


def test_every_command_is_in_the_table():
    assert set(re.findall(r"^\| `stemedb ([a-z]+)`", TOP, re.MULTILINE)) == commands()


def test_the_exit_codes_are_those_of_the_command():
    assert {
        int(number): meaning for number, meaning in re.findall(r"^\| (\d+) \| (.+) \|$", TOP, re.MULTILINE)
    } == EXIT_CODES


def test_the_picture_names_the_directories_of_a_replica():
    for store in ("wal/", "log/", "ids/", "index/"):
        assert store in TOP
