"""What the chapters on several replicas look at, without replicas."""

import io

import pytest

from stemedb.cli import replication
from stemedb.cli.fleet import Fleet, Moment, are_level
from stemedb.cli.importing import Line
from stemedb.cli.narration import Narrator, require
from stemedb.cli.output import Output
from stemedb.errors import Fatal, Unavailable


def moment(replica="east", **changes):
    fields = {
        "replica": replica,
        "log_size": 10,
        "keys": 10,
        "root": "aa" * 32,
        "has_applied_all": True,
        "behind": 0,
        "behind_s": 0.0,
        "lacking": {},
        "silent_s": {},
        "sees_equal": True,
    }
    return Moment(**{**fields, **changes})


def test_replicas_are_level_when_all_maps_are_equal():
    assert are_level([moment(), moment("west", log_size=12)])


@pytest.mark.parametrize(
    "change", [{"root": "bb" * 32}, {"has_applied_all": False}, {"behind": 1}, {"sees_equal": False}]
)
def test_one_that_differs_follows_or_does_not_know_keeps_all_from_being_level(change):
    assert not are_level([moment(), moment("west", **change)])


class Scripted(Fleet):
    """Looks that were written down before."""

    def __init__(self, *looks):
        super().__init__((), ())
        object.__setattr__(self, "script", list(looks))

    async def look(self):
        look = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(look, Exception):
            raise look
        return look


async def test_waiting_for_level_goes_on_while_one_is_away_and_shows_every_look():
    seen = []
    apart = [moment(), moment("west", behind=3)]
    level = [moment(), moment("west")]
    assert await Scripted(Unavailable("away"), apart, level).level(seen.append) == level
    assert seen == [apart, level]


async def test_replicas_that_stay_apart_are_reported_with_their_roots():
    with pytest.raises(Unavailable, match=r"west 10 bbbbbbbb \(behind by 3\)"):
        await Scripted([moment(), moment("west", root="bb" * 32, behind=3)]).level(within_s=0.01)


def test_packages_are_dealt_out_whole_and_none_twice():
    lines = [Line(f"package-{number // 3}", number, b"") for number in range(20)]
    shares = replication._shares(lines, 3)
    assert sorted(line for share in shares for line in share) == sorted(lines)
    owners = [{line.file for line in share} for share in shares]
    assert not owners[0] & owners[1]
    assert not owners[1] & owners[2]
    assert all(owners)


def test_every_copy_of_an_entry_is_damaged_by_one_bit(tmp_path):
    file = tmp_path / "map"
    file.write_bytes(b"..entry..entry..")
    assert replication._flip_bit(file, b"entry") == 2
    assert file.read_bytes() == b"..\xe5ntry..\xe5ntry.."


def test_an_entry_that_is_not_there_cannot_be_damaged(tmp_path):
    (tmp_path / "map").write_bytes(b"nothing")
    with pytest.raises(Fatal, match="does not hold"):
        replication._flip_bit(tmp_path / "map", b"entry")


def told(show):
    out = io.StringIO()
    show(Narrator(Output(out=out, err=io.StringIO())))
    return out.getvalue().splitlines()


def test_figures_while_converging_are_not_shown_too_often_but_at_the_end():
    def show(narrator):
        lines = replication.Told(narrator)
        for _ in range(50):
            lines.look([moment(), moment("west", behind=1234, behind_s=0.5)])
        lines.look([moment(), moment("west")], last=True)

    first, last = told(show)
    assert "behind by 1,234, 0.50 s" in first
    assert "behind by 0" in last


def test_a_falling_lag_is_shown_when_it_changes():
    def show(narrator):
        lines = replication.Falling(narrator, 0.0)
        for lacks in (500, 500, 200, 0, 0):
            here = moment(lacking={"west": lacks})
            lines.look([here, moment("west", lacking={"east": 0})])

    assert [line.split()[-3] for line in told(show)] == ["500", "200", "0"]


def test_a_claim_of_the_story_that_does_not_hold_ends_it():
    require(True, "it rained")
    with pytest.raises(Fatal, match="demo: it rained"):
        require(False, "it rained")
