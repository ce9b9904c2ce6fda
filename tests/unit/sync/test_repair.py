"""The tree path between real ledgers and maps, without a bus: what it takes over, what it refuses, when it gives up."""

import asyncio
from contextlib import ExitStack

import pytest

from stemedb.clocks.hlc import DRIFT_MS_MAX
from stemedb.crdt import map_entry
from stemedb.errors import InvalidRequest, Overloaded, ProofError, Unavailable
from stemedb.mst.node import EMPTY_ROOT
from stemedb.mst.reconcile import ClientLimits
from stemedb.projection import Projection
from stemedb.projection.map import FILE_NAME
from stemedb.statements import parse
from stemedb.v1 import sync_pb2
from stemedb_sync import repair as repair_module
from stemedb_sync.repair import BadEntry, NoProgress, RestampFlood, Withheld
from support.repairing import NOW_MS, Site, at, claim
from support.statement_json import encode, epoch, vote


@pytest.fixture
def sites(tmp_path):
    with ExitStack() as stack:
        made = [Site(tmp_path, name) for name in ("east", "west")]
        for site in made:
            stack.callback(site.close)
        yield made


def head_of(site):
    data = site.subtrees.answer(sync_pb2.SubtreeRequest(replica="x"))
    return sync_pb2.SubtreeReply.FromString(data)


class TestTakingOver:
    async def test_two_maps_that_pull_from_each_other_are_equal_and_a_second_run_moves_nothing(self, sites):
        east, west = sites
        east.put(*map(claim, range(300)))
        for number in range(200, 500):
            west.put(claim(number)) if number % 50 == 0 else None
        west.put(*map(claim, range(200, 500)))
        report = await east.repairs_from(west)
        assert (report.fetched, report.refused, report.passes) == (200, {}, 1)
        back = await west.repairs_from(east)
        assert back.fetched == 200
        assert east.map.root == west.map.root
        assert east.map.keys == 500
        sizes = east.ledger.size, west.ledger.size
        for one, other in ((east, west), (west, east)):
            again = await one.repairs_from(other)
            assert (again.rounds, again.fetched, again.restamped) == (0, 0, 0)
        assert sizes == (east.ledger.size, west.ledger.size)

    async def test_an_empty_replica_gets_everything_and_an_empty_peer_gives_nothing(self, sites):
        east, west = sites
        west.put(*map(claim, range(5)), parse(encode(vote())), parse(encode(epoch())))
        assert (await west.repairs_from(east)).fetched == 0
        report = await east.repairs_from(west)
        assert report.fetched == 7
        assert east.map.root == west.map.root != EMPTY_ROOT

    @pytest.mark.parametrize(
        ("statement", "ms"), [(claim(0), -5), (parse(encode(epoch())), -5), (parse(encode(vote())), 5)]
    )
    async def test_a_stamp_that_wins_is_taken_without_fetching_and_one_that_loses_is_left(
        self, sites, statement, ms
    ):
        east, west = sites
        east.put(statement, stamp=at(0))
        west.put(statement, stamp=at(ms, "west"))
        assert (await west.repairs_from(east)).restamped == 0
        report = await east.repairs_from(west)
        assert (report.fetched, report.fetched_bytes, report.restamped) == (0, 0, 1)
        assert east.map.root == west.map.root
        assert east.ledger.size == 2

    async def test_a_peer_that_moves_stamps_faster_than_it_may_is_not_followed_there(self, sites):
        east, west = sites
        east.put(claim(0), stamp=at(0))
        west.put(claim(0), stamp=at(-5, "west"))
        spent = []

        def may_restamp(name, count):
            spent.append((name, count))
            return False

        with pytest.raises(RestampFlood):
            await east.repairs_from(west, may_restamp=may_restamp)
        assert spent == [("west", 1)]
        assert east.ledger.size == 1

    async def test_of_an_agents_votes_the_later_one_ends_in_both_maps(self, sites):
        east, west = sites
        east.put(parse(encode(vote(weight=1))), stamp=at(7, "east"))
        west.put(parse(encode(vote(weight=-1))), stamp=at(9, "west"))
        assert (await east.repairs_from(west)).fetched == 1
        assert (await west.repairs_from(east)).fetched == 0
        assert east.map.root == west.map.root
        assert east.map.keys == 1

    async def test_statements_keep_the_stamps_of_their_origin(self, sites):
        east, west = sites
        west.put(claim(1), stamp=at(-9, "far-away"))
        await east.repairs_from(west)
        assert east.reader.known([claim(1).id])[claim(1).id].stamp == at(-9, "far-away")

    async def test_differences_beyond_the_limits_are_taken_over_pass_by_pass(self, sites):
        east, west = sites
        west.put(*map(claim, range(3000)))
        report = await east.repairs_from(west, limits=ClientLimits(differences=400), count_max=100)
        assert report.passes == 2
        assert report.fetched == 3000
        assert east.map.root == west.map.root

    async def test_what_ingest_refuses_is_counted_and_the_rest_goes_on(self, sites):
        east, west = sites
        west.put(claim(1))
        ahead = at(DRIFT_MS_MAX + 1000, "west")
        west.ledger.append([(claim(2), ahead)], NOW_MS + 10_000)
        west.catch_up()
        report = await east.repairs_from(west)
        assert (report.fetched, report.refused, report.brought) == (2, {"clock_drift": 1}, 1)
        assert east.ledger.size == 1


class TestWhatMoves:
    async def test_commits_of_the_peer_during_a_comparison_do_not_disturb_it(self, sites):
        east, west = sites
        west.put(*map(claim, range(2000)))

        async def ask(_name, endpoint, data):
            answer = await west.answer(endpoint, data)
            west.put(claim(10_000 + west.ledger.size))
            return answer

        report = await east.repairs_from(west, ask=ask)
        assert report.passes == 1
        assert (
            report.fetched == 2000
        )  # of the commit that the first answer named; what came later is for the next run
        assert (await east.repairs_from(west)).fetched == west.map.keys - 2000
        assert east.map.root == west.map.root

    async def test_a_commit_that_a_compaction_took_away_makes_it_begin_anew(self, sites):
        east, west = sites
        west.put(*map(claim, range(2000)))
        compactions = iter([True])

        async def ask(_name, endpoint, data):
            answer = await west.answer(endpoint, data)
            if endpoint == "subtree" and next(compactions, False):
                west.put(claim(9999))
                west.map.compact()
            return answer

        report = await east.repairs_from(west, ask=ask)
        assert report.passes == 2
        assert east.map.root == west.map.root
        assert east.map.keys == 2001

    async def test_a_peer_whose_commits_keep_vanishing_is_given_up(self, sites):
        east, west = sites
        west.put(claim(1))

        async def ask(_name, _endpoint, data):
            if sync_pb2.SubtreeRequest.FromString(data).question:
                return sync_pb2.SubtreeReply(gone=True).SerializeToString()
            return await west.answer("subtree", data)

        with pytest.raises(Unavailable, match="5 commits in a row"):
            await east.repairs_from(west, ask=ask)

    async def test_an_overloaded_peer_is_asked_again_and_at_last_given_up(self, sites, monkeypatch):
        east, west = sites
        west.put(claim(1))
        monkeypatch.setattr(repair_module, "PAUSE_S", 0.0001)
        refusals = iter(range(repair_module.TRIES - 1))

        async def ask(_name, endpoint, data):
            if next(refusals, None) is not None:
                raise Overloaded("busy")
            return await west.answer(endpoint, data)

        assert (await east.repairs_from(west, ask=ask)).fetched == 1

        async def never(_name, _endpoint, _data):
            raise Overloaded("busy")

        with pytest.raises(Overloaded):
            await east.repairs_from(west, ask=never)

    async def test_a_run_has_an_end_and_keeps_what_it_brought(self, sites, monkeypatch):
        east, west = sites
        west.put(*map(claim, range(2500)))
        deadlines, fetches, timeout = [], iter(range(3)), asyncio.timeout

        def kept(delay_s):
            deadlines.append(timeout(delay_s))
            return deadlines[-1]

        monkeypatch.setattr(repair_module.asyncio, "timeout", kept)

        async def ask(_name, endpoint, data):
            if endpoint == "fetch" and next(fetches, None) is None:
                deadlines[0].reschedule(
                    asyncio.get_running_loop().time()
                )  # the run is over, however long that took
                await asyncio.Event().wait()
            return await west.answer(endpoint, data)

        monkeypatch.setattr(repair_module, "FETCH_IDS", 500)
        with pytest.raises(Unavailable, match="not done within 300 s"):
            await east.repairs_from(west, ask=ask)
        assert 0 < east.ledger.size < 2500
        assert (await east.repairs_from(west)).fetched == 2500 - east.map.keys or east.map.keys == 2500
        assert east.map.root == west.map.root


class TestLies:
    """Each lie of a peer is an error with a code, and none gets into the log."""

    @pytest.fixture
    def scene(self, sites):
        east, west = sites
        east.put(claim(0))
        west.put(*map(claim, range(40)))
        return east, west

    @staticmethod
    def lying(west, *, fetch=None, subtree=None):
        async def ask(_name, endpoint, data):
            answer = await west.answer(endpoint, data)
            kind, change = (
                (sync_pb2.FetchReply, fetch) if endpoint == "fetch" else (sync_pb2.SubtreeReply, subtree)
            )
            if change is None:
                return answer
            reply = kind.FromString(answer)
            changed = change(reply)
            return changed if isinstance(changed, bytes) else reply.SerializeToString()

        return ask

    @pytest.mark.parametrize(
        ("change", "error", "message"),
        [
            (
                lambda r: setattr(r.statements[3], "canonical", claim(99).canonical),
                ProofError,
                "not those of its id",
            ),
            (lambda r: r.statements.pop(), Withheld, "got 38 statements of 39"),
            (lambda r: r.ClearField("statements"), Withheld, "got 0 statements of 39"),
            (
                lambda r: (r.ClearField("statements"), r.ClearField("positions"), setattr(r, "cut", True)),
                Withheld,
                "got 0",
            ),
            (lambda r: (r.statements.pop(), r.positions.pop()), Withheld, "got 38 statements of 39"),
            (lambda r: (r.statements.pop(0), r.positions.pop(0)), Withheld, "not the first ones"),
            (lambda r: (r.statements.add(), r.positions.append(39)), Withheld, "got 40 statements of 39"),
            (lambda _r: b"\xff\xff", ProofError, "not a FetchReply"),
        ],
    )
    async def test_about_statements(self, scene, change, error, message):
        east, west = scene
        with pytest.raises(error, match=message):
            await east.repairs_from(west, ask=self.lying(west, fetch=change))
        assert east.ledger.size == 1

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            (lambda _r: b"\xff\xff", ProofError),
            (lambda r: setattr(r, "root", b"short"), ProofError),
            (lambda r: setattr(r, "answer", b"nonsense"), ProofError),
            (lambda r: setattr(r, "answer", bytes(2 << 20)), ProofError),
            (lambda r: setattr(r, "keys", 3), ProofError),
        ],
    )
    async def test_about_subtrees(self, scene, change, error):
        east, west = scene
        with pytest.raises(error):
            await east.repairs_from(west, ask=self.lying(west, subtree=change))
        assert east.ledger.size == 1

    @pytest.mark.parametrize("what", ["another subject", "another stamp layout", "no key"])
    async def test_a_map_with_entries_that_no_statement_makes_is_refused(self, scene, what):
        east, west = scene
        key, value = map_entry(claim(77).kind, claim(77).statement, claim(5).id, at(0))
        entry = {
            "another subject": (key, value),
            "another stamp layout": (key, b"x"),
            "no key": (b"zz", value),
        }[what]
        west.map.file.tree.apply([entry])
        west.map.file.commit(west.map.file.last.meta)
        with pytest.raises(BadEntry) as caught:
            await east.repairs_from(west)
        assert caught.value.code == "bad_entry"
        assert east.ledger.size == 1

    async def test_a_cut_comparison_that_brings_nothing_is_not_repeated(self, scene):
        east, west = scene
        west.ledger.append([(claim(n), at(DRIFT_MS_MAX + 500)) for n in range(100, 400)], NOW_MS + 10_000)
        west.catch_up()
        await east.repairs_from(west)
        with pytest.raises(NoProgress):
            await east.repairs_from(west, limits=ClientLimits(differences=10))


class TestSubtrees:
    def test_without_a_question_it_says_where_the_map_stands(self, sites):
        west = sites[1]
        west.put(claim(1), claim(2))
        head = head_of(west)
        assert (head.root, head.keys, head.applied) == (west.map.root, 2, 2)
        assert head.offset == west.map.file.last.offset

    def test_a_commit_that_is_not_there_is_gone(self, sites):
        west = sites[1]
        west.put(claim(1))
        head = head_of(west)
        for root, offset in (
            (bytes(32), head.offset),
            (head.root, head.offset + 4096),
            (head.root, 2**63),
            (head.root, 2**63 + 1),
        ):
            request = sync_pb2.SubtreeRequest(replica="x", root=root, offset=offset, question=b"?")
            reply = sync_pb2.SubtreeReply.FromString(west.subtrees.answer(request))
            assert reply.gone
            assert not reply.answer

    def test_a_bad_question_is_an_invalid_request(self, sites):
        west = sites[1]
        west.put(claim(1))
        head = head_of(west)
        request = sync_pb2.SubtreeRequest(replica="x", root=head.root, offset=head.offset, question=b"?")
        with pytest.raises(InvalidRequest):
            west.subtrees.answer(request)

    def test_a_map_that_is_missing_or_damaged_is_unavailable_until_it_is_made_anew(self, sites):
        west = sites[1]
        west.put(*map(claim, range(50)))
        root = west.map.root
        assert head_of(west).root == west.serving.map_state().root == root
        west.map.close()
        path = west.replica.index / FILE_NAME
        sound = path.read_bytes()
        path.unlink()
        with pytest.raises(Unavailable, match="no map yet"):
            head_of(west)
        assert west.serving.map_state() is None
        path.write_bytes(b"\xff" * len(sound))
        assert west.damage == []
        with pytest.raises(Unavailable, match="damaged"):
            head_of(west)
        assert [error.path for error in west.damage] == [str(path)], "whoever runs this is told"
        assert west.serving.map_state() is None
        path.unlink()
        west.map = Projection.open(west.replica, writable=True)
        west.catch_up()
        assert head_of(west).root == west.serving.map_state().root == root

    def test_bodies_are_those_that_the_ledger_holds(self, sites):
        west = sites[1]
        west.put(claim(1), stamp=at(0))
        west.put(claim(1), stamp=at(-1))
        assert west.subtrees.bodies([claim(1).id, claim(2).id]) == {claim(1).id: (claim(1).canonical, b"")}

    async def test_damage_that_a_comparison_meets_in_our_own_map_is_told_on_and_ends_only_that(self, sites):
        east, west = sites
        east.put(*map(claim, range(2000)))
        west.put(*map(claim, range(0, 2000, 2)), *map(claim, range(3000, 3100)))
        path = east.replica.index / FILE_NAME
        end = east.map.file.last.offset
        with path.open("r+b") as stream:  # leaves: the root stands at the end
            stream.seek(end // 4)
            stream.write(bytes(end // 4))
        assert len(east.subtrees.snapshot()) == 2000
        with pytest.raises(Unavailable, match="damaged"):
            await east.repairs_from(west)
        assert [error.path for error in east.damage] == [str(path)]
