"""Replicas that accept the same statements apart, exchange what they have in any way, and crash: they end equal and at rest."""

import shutil
import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from stemedb.crdt import decode_key, join, map_entry
from stemedb.ledger import Ledger, LedgerReader, check, rebuild
from stemedb.projection import Projection, verify_proof_file
from stemedb.projection import check as check_map
from stemedb.projection import rebuild as rebuild_map
from stemedb.projection.map import FILE_NAME
from stemedb.statements import parse
from stemedb.storage.replica import ReplicaDirectory
from stemedb.types import Stamp
from stemedb.wal import RESTAMP
from stemedb_sync.repair import wanted_of
from stemedb_sync.subtrees import Subtrees
from support.effort import examples
from support.faults import FaultyOperations
from support.histories import REALM, SEED
from support.ledgers import NOW_MS, abandon
from support.reconciling import reconcile
from support.statement_json import ID, OTHER_ID, assertion, encode, epoch, vote

STATEMENTS = [
    *[parse(encode(assertion(subject=f"pkg://p/{n}"))) for n in range(4)],
    *[parse(encode(vote(assertion=of, weight=w))) for of in (ID, OTHER_ID) for w in (-1, 0, 1)],
    *[parse(encode(epoch(name=name))) for name in ("e", "f")],
]
"""Few, so that replicas meet in all of them: votes of one agent that override one another, too."""

NAMES = ("east", "north", "west")
SITES = st.sampled_from(range(len(NAMES)))


class Site:
    def __init__(self, folder, name, skew_ms):
        self.replica = ReplicaDirectory.create(
            folder / name, name, REALM, SEED, operations=FaultyOperations()
        )
        self.now_ms = NOW_MS + skew_ms
        self.open()

    def open(self):
        self.ledger = Ledger.open(
            self.replica, self.now_ms, segment_bytes=2000, operations=FaultyOperations()
        )
        self.reader = LedgerReader(self.replica)
        self.map = Projection.open(self.replica, writable=True)

    def close(self, *, dies=False):
        self.map.close()
        self.reader.close()
        abandon(self.ledger) if dies else self.ledger.close()

    def append(self, *items):
        return self.ledger.append(list(items), self.now_ms)

    def catch_up(self, batch=None):
        self.map.catch_up(self.reader, batch=batch)

    def offers(self):
        """Return every entry of the log as another replica is told of it: the statement, under the entry's stamp."""
        self.reader.refresh()
        entries = self.reader.restated(self.reader.statements(0, self.reader.size))
        return [(parse(e.record.canonical), Stamp(e.record.hlc, e.record.origin)) for e in entries]


class ExchangeMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="stemedb-exchange-"))
        self.sites = []
        self.given = []  # every (statement, stamp) that a replica gave to what it accepted from a publisher

    @initialize(skews_ms=st.lists(st.integers(-3, 3), min_size=2, max_size=3))
    def start(self, skews_ms):
        self.sites = [Site(self.folder, name, ms) for name, ms in zip(NAMES, skews_ms, strict=False)]

    def site(self, number):
        return self.sites[number % len(self.sites)]

    @rule(at=SITES, statements=st.lists(st.sampled_from(STATEMENTS), max_size=4), later_ms=st.integers(-2, 2))
    def publish(self, at, statements, later_ms):
        site = self.site(at)
        site.now_ms += later_ms
        for statement, receipt in zip(statements, site.append(*[(s, None) for s in statements]), strict=True):
            if not receipt.duplicate:
                self.given.append((statement, receipt.stamp))

    @rule(to=SITES, of=SITES, pick=st.data())
    def hand_over(self, to, of, pick):
        """Some entries of a log reach another replica, in any order, some of them twice."""
        offers = self.site(of).offers()
        if offers:
            self.site(to).append(*pick.draw(st.lists(st.sampled_from(offers), max_size=6)))

    @rule(to=SITES, of=SITES)
    def compare_maps(self, to, of):
        self.pull_by_tree(self.site(to), self.site(of))

    @rule(at=SITES, batch=st.none() | st.integers(1, 3))
    def index(self, at, batch):
        self.site(at).catch_up(batch)

    @rule(at=SITES, dies=st.booleans(), lost=st.sampled_from(["nothing", "derived files", "map"]))
    def reopen(self, at, dies, lost):
        site = self.site(at)
        root, before = site.ledger.root(), site.ledger.size
        site.close(dies=dies)
        if lost == "derived files":
            assert rebuild(site.replica) == before
        elif lost == "map":
            (site.replica.index / FILE_NAME).unlink()
            rebuild_map(site.replica)
        site.open()
        assert (site.ledger.size, site.ledger.root()) == (before, root)

    @staticmethod
    def pull_by_tree(site, peer):
        """Compare maps as sync does and take over what the peer's has."""
        site.catch_up()
        peer.catch_up()
        missing = reconcile(site.map.file.snapshot(), peer.map.file.snapshot()).missing
        with closing(Subtrees.open(peer.replica)) as held:
            items = [
                (parse(held.bodies([one.id])[one.id].canonical), one.stamp) for one in wanted_of(missing)
            ]
        receipts = site.append(*items)
        assert all(receipt.restamped or not receipt.duplicate for receipt in receipts)

    def exchange(self):
        """Let every replica read every other one's log once; return how many entries that made."""
        before = sum(site.ledger.size for site in self.sites)
        for site in self.sites:
            for other in self.sites:
                if site is not other:
                    site.append(*other.offers())
        return sum(site.ledger.size for site in self.sites) - before

    def expected(self):
        """Return the join of everything that was ever accepted."""
        entries = {}
        for statement, stamp in self.given:
            key, value = map_entry(statement.kind, statement.statement, statement.id, stamp)
            entries[key] = join(key, entries[key], value) if key in entries else value
        return entries

    def teardown(self):
        try:
            if self.sites:
                self.come_to_rest()
        finally:
            for site in self.sites:
                site.close()
            shutil.rmtree(self.folder)

    def come_to_rest(self):
        rounds = 0
        while self.exchange():
            rounds += 1
            assert rounds <= len(self.sites), "replicas keep restamping one another's statements"
        expected = self.expected()
        for site in self.sites:
            site.catch_up()
            assert dict(site.map.file.snapshot().items()) == expected
        assert len({site.map.root for site in self.sites}) == 1
        sizes = [site.ledger.size for site in self.sites]
        for site in self.sites:
            for other in self.sites:
                self.pull_by_tree(site, other)
        assert sizes == [site.ledger.size for site in self.sites], "a second exchange moves nothing"
        for site in self.sites:
            self.examine(site, expected)

    @staticmethod
    def examine(site, expected):
        """Everything derived agrees with the log, and the proofs of every statement hold."""
        report = check(site.replica)
        assert report.problems == ()
        assert check_map(site.replica).problems == ()
        entries = site.reader.statements(0, site.reader.size)
        statements = [entry for entry in entries if entry.record.kind != RESTAMP]
        assert len({entry.id for entry in statements}) == len(statements) == len(entries) - report.restamps
        view = site.map.view(site.reader)
        for entry in statements:
            proof = verify_proof_file(view.prove(entry.id).encode())
            assert (proof.claim, proof.id, proof.index) == ("included", entry.id, entry.index)
        assert {decode_key(key) for key in expected} == {
            decode_key(key) for key, _ in site.map.file.snapshot().items()
        }


TestExchangeMachine = ExchangeMachine.TestCase
TestExchangeMachine.settings = settings(max_examples=examples(40), stateful_step_count=20, deadline=None)
