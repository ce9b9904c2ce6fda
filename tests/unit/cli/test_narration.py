"""The story is told in steps to a person, and not at all to a program."""

import io

from stemedb.cli.narration import WIDTH_MAX, Narrator
from stemedb.cli.output import Output


def tell(*, as_json: bool = False) -> list[str]:
    out = io.StringIO()
    narrator = Narrator(Output(as_json=as_json, out=out, err=io.StringIO()))
    narrator.title("A story")
    narrator.step("First")
    narrator.fact("label", "text", "detail")
    narrator.aside("word " * 60)
    narrator.step("Second")
    narrator.holds("checked\x1b[0m")
    narrator.happens("broken")
    narrator.title("The end")
    return out.getvalue().splitlines()


def test_steps_are_numbered_and_bear_the_time_since_the_beginning():
    lines = tell()
    assert lines[0] == "A story"
    assert [line[:11].rstrip() for line in lines if line.endswith(" s")] == [" 1  First", " 2  Second"]
    assert "    label        text  detail" in lines
    assert lines[-1] == "The end"


def test_no_line_is_too_wide():
    assert max(map(len, tell())) <= WIDTH_MAX


def test_control_characters_are_shown():
    assert "    ✓ checked\\x1b[0m" in tell()


def test_a_program_is_told_nothing():
    assert tell(as_json=True) == []
