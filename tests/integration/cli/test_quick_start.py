"""The five lines of the README do what it says."""

import re
import shlex
from pathlib import Path

README = Path(__file__).parents[3] / "README.md"


def test_the_quick_start_works_line_by_line(up, tmp_path, monkeypatch):
    (block,) = re.findall(r"## Quick start.*?```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    demo, start, *rest = block.splitlines()
    assert shlex.split(demo, comments=True) == ["make", "demo"]
    assert shlex.split(start, comments=True) == [".venv/bin/stemedb", "up"]  # which the fixture has done
    monkeypatch.chdir(tmp_path)
    identity = ""
    for line in rest:
        for command in line.split(" && "):
            program, *arguments = shlex.split(command.replace(" ID ", f" {identity} "), comments=True)
            assert program == ".venv/bin/stemedb"
            if arguments[0] == "query":
                arguments += ["--wait-size", up.run("status", "--json").record["log_size"]]
            done = up.run(*arguments)
            assert done.code == 0, done.err
            if arguments[0] == "publish":
                identity = re.findall(r"^id +(\w{64})$", done.out, re.MULTILINE)[0]
            elif arguments[0] == "query":
                assert identity in done.out
    assert (tmp_path / "claim.proof").exists()
    assert "proven" in done.out
