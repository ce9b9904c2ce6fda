"""Whatever is changed in what a peer answers, a repair ends exact or with a typed error, and nothing false is stored."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from stemedb.errors import Fatal, StemeError
from stemedb.statements import parse
from support.effort import examples
from support.repairing import Site, at, claim
from support.statement_json import encode, epoch, vote

OURS = [claim(number) for number in range(30)]
THEIRS = [
    *OURS[::3],
    *[claim(number) for number in range(100, 160)],
    parse(encode(vote())),
    parse(encode(epoch())),
]
ALL = {statement.id: statement for statement in [*OURS, *THEIRS]}


def damaged(answer, place, value, cut):
    """Return `answer` with one byte changed, or cut there."""
    at_byte = place % max(len(answer), 1)
    return answer[:at_byte] if cut else answer[:at_byte] + bytes([value]) + answer[at_byte + 1 :]


@settings(max_examples=examples(40), deadline=None)
@given(number=st.integers(0, 5), place=st.integers(0, 1 << 20), value=st.integers(0, 255), cut=st.booleans())
async def test_one_damaged_answer(number, place, value, cut):
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        east, west = (Site(Path(folder), name) for name in ("east", "west"))
        stack.callback(east.close)
        stack.callback(west.close)
        east.put(*OURS, stamp=at(1, "east"))
        west.put(*THEIRS, stamp=at(0, "west"))
        count = 0

        async def ask(_name, endpoint, data):
            nonlocal count
            answer = await west.answer(endpoint, data)
            count += 1
            return damaged(answer, place, value, cut) if count == number + 1 else answer

        try:
            await east.repairs_from(west, ask=ask)
        except StemeError as error:
            assert not isinstance(error, Fatal)  # noqa: PT017 - which error it is depends on the byte
        east.reader.refresh()
        for entry in east.reader.restated(east.reader.statements(0, east.reader.size)):
            assert entry.record.canonical == ALL[entry.id].canonical
            assert (entry.record.hlc, entry.record.origin) in {at(1, "east"), at(0, "west")}
        await east.repairs_from(west)
        await west.repairs_from(east)
        assert east.map.root == west.map.root
