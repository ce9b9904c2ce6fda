"""Batches, rejections and retries of an import, with a replica that is a Python object."""

import json

import pytest

from stemedb.bus.messages import AppendReply, Outcome, Receipt, Stamp, StatementError
from stemedb.cli import importing
from stemedb.cli.importing import Importer, Line, Rejection, batches, describe, file_lines
from stemedb.errors import Unavailable
from stemedb.statements import STATEMENT_BYTES_MAX

ROOT = "0" * 64


class FakeReplica:
    """Answers like ingest: a line with ``bad`` is refused, a line seen before is known."""

    def __init__(self, *, failures: int = 0) -> None:
        self.seen: dict[bytes, int] = {}
        self.calls: list[int] = []
        self.failures = failures

    async def append(self, body: bytes) -> AppendReply:
        lines = body.split(b"\n")
        self.calls.append(len(lines))
        if self.failures:
            self.failures -= 1
            raise Unavailable("nobody is there")
        return AppendReply(outcomes=tuple(map(self._take, lines)), size=len(self.seen), root=ROOT)

    def _take(self, line: bytes) -> Outcome:
        if b"bad" in line:
            return Outcome(
                error=StatementError(code="invalid_statement", field="agent", message="agent: is bad")
            )
        duplicate = line in self.seen
        index = self.seen.setdefault(line, len(self.seen))
        stamp = Stamp(ms=1, counter=0, origin="r")
        return Outcome(
            receipt=Receipt(
                id=f"{index:064x}", index=index, duplicate=duplicate, stamp=stamp, restamped=False
            )
        )


def numbered(*raws: bytes) -> list[Line]:
    return [Line("file", number, raw) for number, raw in enumerate(raws, 1)]


async def run(replica: FakeReplica, lines: list[Line]) -> tuple[importing.Tally, list[Rejection], int]:
    rejections: list[Rejection] = []
    done: list[int] = []
    importer = Importer(replica, rejections.append, done.append, keep_ids=True)
    return await importer.run(lines), rejections, sum(done)


async def test_every_line_is_counted_once():
    lines = numbered(b'{"n":1}', b'{"n":2}', b'{"n":1}', b'{"bad":1}', b"not json")
    tally, rejections, _ = await run(FakeReplica(), lines)
    assert (tally.new, tally.known, tally.rejected) == (2, 1, 2)
    assert [(r.line.number, r.field) for r in rejections] == [(5, ""), (4, "agent")]
    assert tally.acknowledged == [f"{n:064x}" for n in (0, 1, 0)]


async def test_progress_counts_every_byte():
    lines = numbered(b'{"n":1}', b"not json", b'{"bad":1}')
    *_, done = await run(FakeReplica(), lines)
    assert done == sum(len(line.raw) + 1 for line in lines)


async def test_importing_again_adds_nothing():
    replica, lines = FakeReplica(), numbered(*(b'{"n":%d}' % n for n in range(1200)))
    first, *_ = await run(replica, lines)
    again, *_ = await run(replica, lines)
    assert (first.new, first.known) == (1200, 0)
    assert (again.new, again.known) == (0, 1200)


async def test_a_replica_that_comes_back_is_offered_the_batch_again(monkeypatch):
    monkeypatch.setattr(importing, "RETRY_PAUSE_S", 0)
    tally, *_ = await run(FakeReplica(failures=3), numbered(b'{"n":1}'))
    assert tally.new == 1


async def test_a_replica_that_stays_away_ends_the_import(monkeypatch):
    monkeypatch.setattr(importing, "RETRY_PAUSE_S", 0)
    monkeypatch.setattr(importing, "RETRY_S", 0)
    with pytest.raises(Unavailable):
        await run(FakeReplica(failures=10**6), numbered(b'{"n":1}'))


async def test_a_line_longer_than_a_statement_is_never_sent():
    replica = FakeReplica()
    tally, rejections, _ = await run(replica, numbered(b'"' + b"x" * STATEMENT_BYTES_MAX + b'"'))
    assert replica.calls == []
    assert tally.rejected == 1
    assert "want at most 65536" in describe(rejections[0])


def test_batches_are_bounded_in_lines_and_bytes():
    small = numbered(*[b"{}"] * 1201)
    assert [len(batch) for batch in batches(small)] == [500, 500, 201]
    large = numbered(*[b"x" * 60_000] * 9)
    assert [len(batch) for batch in batches(large)] == [4, 4, 1]
    assert list(batches([])) == []


def test_lines_are_numbered_as_an_editor_does_and_blank_ones_skipped(tmp_path):
    file = tmp_path / "x.ndjson"
    file.write_bytes(b'{"n":1}\r\n\n  \n{"n":4}')
    assert [(line.number, line.raw) for line in file_lines([file])] == [(1, b'{"n":1}'), (4, b'{"n":4}')]


def test_a_rejection_names_file_line_and_field():
    line = Line("claims.ndjson", 7, b"")
    assert (
        describe(Rejection(line, "source.tier", "want 0 to 5")) == "claims.ndjson:7: source.tier: want 0 to 5"
    )
    assert describe(Rejection(line, "agent", "agent: is bad")) == "claims.ndjson:7: agent: is bad"


def test_package_lines_are_canonical_json():
    lines = list(importing.package_lines())
    assert len(lines) > 100
    assert len({line.raw for line in lines}) == len(lines)
    assert all(json.loads(line.raw)["subject"] == line.file for line in lines[:50])
