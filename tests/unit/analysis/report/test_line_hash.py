"""The hash of a line: equal to a window that slides over the file, and to values that GitHub publishes."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemedb_analysis.report.line_hash import line_hashes


def sliding(data):
    """The definition, unit by unit: a ring of 100 units and a sum that takes one in and one out."""
    text = data.decode("utf-8", "replace")
    encoded = text.encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(encoded[at : at + 2], "little") for at in range(0, len(encoded), 2)]
    kept, previous_cr = [], False
    for unit in units:
        if unit in {32, 9} or (previous_cr and unit == 10):
            previous_cr = False
            continue
        previous_cr = unit == 13
        kept.append(10 if unit == 13 else unit)
    stream = [*kept, 65535, *[0] * 100]
    out, seen, total, window = {}, Counter(), 0, [0] * 100
    starts = {0: 1}
    for at, unit in enumerate(stream):
        if at >= 100 and at - 100 in starts:
            name = f"{total:x}"
            seen[name] += 1
            out[starts[at - 100]] = f"{name}:{seen[name]}"
        total = (37 * total + unit - pow(37, 100, 1 << 64) * window[at % 100]) % (1 << 64)
        window[at % 100] = unit
        if unit == 10 and at < len(kept):
            starts[at + 1] = len(starts) + 1
    last = len(stream) - 100
    if last in starts:
        name = f"{total:x}"
        seen[name] += 1
        out[starts[last]] = f"{name}:{seen[name]}"
    return out


@given(st.text(alphabet=" \t\r\nab😀é\ufffe", max_size=300).map(str.encode))
def test_equal_to_the_sliding_window(data):
    assert line_hashes(data, range(1, 400)) == sliding(data)


@pytest.mark.parametrize(
    ("text", "line", "wanted"),
    [
        ("", 1, "c129715d7a2bc9a3:1"),
        (" a\nb\n  \t\tc\n d", 2, "54703d4cd895b18:1"),
        ("Lorem ipsum dolor sit amet.\n" * 10, 6, "a7f2ff13bc495cf2:6"),
        ("Lorem ipsum dolor sit amet.\n" * 10, 7, "a7f2ff1481e87703:1"),
    ],
)
def test_published_values(text, line, wanted):
    assert line_hashes(text.encode(), {line}) == {line: wanted}


def test_a_line_that_is_not_there_has_none():
    assert line_hashes(b"a\n", {3, 400}) == {}
    assert line_hashes(b"a\n", ()) == {}
