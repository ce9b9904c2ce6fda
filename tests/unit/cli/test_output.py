"""What goes to which stream in which form."""

import io
import json

import pytest

from stemedb.cli.output import Meter, Output, bytes_text, cell, printable


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def streams(*, as_json: bool = False, terminal: bool = False) -> tuple[Output, io.StringIO, io.StringIO]:
    out, err = (Terminal(), Terminal()) if terminal else (io.StringIO(), io.StringIO())
    return Output(as_json=as_json, out=out, err=err), out, err


def test_a_record_is_one_json_object_for_programs():
    output, out, err = streams(as_json=True)
    output.record({"id": "é", "log_size": 3, "root": None}, title="not for programs")
    assert json.loads(out.getvalue()) == {"id": "é", "log_size": 3, "root": None}
    assert err.getvalue() == ""


def test_a_record_is_aligned_and_plain_in_a_pipe():
    output, out, _ = streams()
    output.record({"id": "abc", "log_size": 3, "root": None}, title="not for pipes")
    assert out.getvalue() == "id        abc\nlog size  3\nroot      –\n"


def test_a_record_has_its_title_on_a_terminal():
    output, out, _ = streams(terminal=True)
    output.record({"id": "abc"}, title="A title")
    assert "A title" in out.getvalue()
    assert "abc" in out.getvalue()


def test_records_are_one_json_object_a_line_with_all_fields():
    output, out, _ = streams(as_json=True)
    output.records([{"a": 1, "hidden": 2}, {"a": 3, "hidden": 4}], ["a"])
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {"a": 1, "hidden": 2},
        {"a": 3, "hidden": 4},
    ]


def test_records_are_an_aligned_table_in_a_pipe():
    output, out, _ = streams()
    output.records([{"name": "wal", "bytes": 10}, {"name": "index", "bytes": 5}], ["name", "bytes"])
    assert out.getvalue() == "name   bytes\nwal    10\nindex  5\n"


def test_a_table_without_rows_has_its_head():
    output, out, _ = streams()
    output.records([], ["name", "bytes"])
    assert out.getvalue() == "name  bytes\n"


def test_messages_go_to_standard_error_only():
    output, out, err = streams()
    output.note("a note")
    output.warn("a warning")
    output.fail("it broke", "mend it")
    assert out.getvalue() == ""
    assert err.getvalue() == "a note\nwarning: a warning\nerror: it broke\nhint: mend it\n"


@pytest.mark.parametrize("terminal", [True, False])
def test_text_from_statements_cannot_steer_a_terminal(terminal):
    output, out, err = streams(terminal=terminal)
    hostile = "\x1b]0;pwned\x07\u202egnp"
    output.record({"value": hostile})
    output.records([{"value": hostile}], ["value"])
    output.text(hostile)
    output.warn(hostile)
    for stream in (out, err):
        assert "\x1b]" not in stream.getvalue()
        assert "\x07" not in stream.getvalue()
        assert "\u202e" not in stream.getvalue()


def test_markup_in_data_is_shown_as_it_is():
    output, out, _ = streams(terminal=True)
    output.record({"value": "[bold]not markup[/bold] :smile:"})
    assert "[bold]not markup[/bold] :smile:" in out.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        ("", "–"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (0.123456, "0.1235"),
        (["a", 1], "a, 1"),
        ([], "–"),
        ({"tier": 4, "uri": "x"}, "tier=4, uri=x"),
        ("tab\there", "tab\\there"),
    ],
)
def test_cells(value, text):
    assert cell(value) == text


def test_printable_text_is_left_alone():
    assert printable("Zürich → 東京 “quoted”") == "Zürich → 東京 “quoted”"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (5 << 30, "5.0 GiB"),
        (2 << 50, "2048.0 TiB"),
    ],
)
def test_bytes_for_people(count, text):
    assert bytes_text(count) == text


def test_progress_is_silent_where_nobody_looks():
    output, out, err = streams()
    with output.progress("importing", 10) as meter:
        meter.advance(10)
        meter.at(5, 10)
    assert out.getvalue() == err.getvalue() == ""


def test_progress_is_drawn_on_standard_error_of_a_terminal():
    output, out, err = streams(terminal=True)
    with output.progress("importing", 10) as meter:
        meter.advance(4)
        meter.advance(6)
    assert out.getvalue() == ""
    assert "importing" in err.getvalue()
    assert "100%" in err.getvalue()


def test_a_meter_adds_up_what_it_is_told():
    seen: list[tuple[int, int | None]] = []
    meter = Meter(lambda done, total: seen.append((done, total)))
    meter.advance(3)
    meter.at(7, 20)
    meter.advance(2)
    assert seen == [(3, None), (7, 20), (9, None)]
