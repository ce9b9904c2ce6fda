"""Several replicas with skewed, jumping wall clocks: causality, monotony and bounded drift always hold."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from stemedb.clocks import DRIFT_MS_MAX, HybridLogicalClock, pack, unpack
from stemedb.errors import ClockDrift
from support.effort import examples

START = 1_900_000_000_000
REPLICAS = 3
steps = st.integers(-200_000, 200_000)
replicas = st.integers(0, REPLICAS - 1)


class SkewedReplicas(RuleBasedStateMachine):
    """Each replica keeps what it has given or absorbed; messages carry the reading of their sender."""

    messages = Bundle("messages")

    @initialize(skews=st.lists(steps, min_size=REPLICAS, max_size=REPLICAS))
    def start(self, skews):
        self.walls = [START + skew for skew in skews]
        self.clocks = [HybridLogicalClock() for _ in skews]
        self.seen = [0 for _ in skews]  # the largest reading given or absorbed, as the log would keep it
        self.wall_max = max(self.walls)
        self.readings = 0

    def given(self, replica, reading, count=1):
        assert reading > self.seen[replica]
        self.seen[replica] = reading + count - 1
        self.readings += count

    @rule(replica=replicas, step=steps)
    def the_wall_clock_jumps(self, replica, step):
        self.walls[replica] = max(0, self.walls[replica] + step)
        self.wall_max = max(self.wall_max, self.walls[replica])

    @rule(target=messages, replica=replicas)
    def send(self, replica):
        reading = self.clocks[replica].tick(self.walls[replica])
        self.given(replica, reading)
        return reading

    @rule(target=messages, replica=replicas, count=st.sampled_from([1, 2, 1000, 65_535, 65_536, 200_000]))
    def send_a_batch(self, replica, count):
        first = self.clocks[replica].ticks(self.walls[replica], count)
        self.given(replica, first, count)
        return first + count - 1

    @rule(replica=replicas, message=messages)
    def receive(self, replica, message):
        wall, before = self.walls[replica], self.clocks[replica].last
        try:
            reading = self.clocks[replica].receive(message, wall)
        except ClockDrift:
            assert unpack(message)[0] > wall + DRIFT_MS_MAX
            assert self.clocks[replica].last == before
        else:
            assert unpack(message)[0] <= wall + DRIFT_MS_MAX
            assert reading > message
            self.given(replica, reading)

    @rule(replica=replicas, ahead=st.integers(1, 10**9))
    def a_broken_peer_is_refused(self, replica, ahead):
        before = self.clocks[replica].last
        try:
            self.clocks[replica].receive(
                pack(self.walls[replica] + DRIFT_MS_MAX + ahead, 0), self.walls[replica]
            )
        except ClockDrift:
            assert self.clocks[replica].last == before
        else:
            raise AssertionError("absorbed a reading beyond the bound")

    @rule(replica=replicas)
    def restart(self, replica):
        self.clocks[replica] = HybridLogicalClock(self.seen[replica])

    @invariant()
    def no_clock_is_ahead_of_every_wall_clock_ever_shown(self):
        carries = self.readings // 65_536 + 1
        for clock in getattr(self, "clocks", []):
            assert unpack(clock.last)[0] <= self.wall_max + carries


TestSkewedReplicas = SkewedReplicas.TestCase
TestSkewedReplicas.settings = settings(max_examples=examples(60), stateful_step_count=40, deadline=None)
