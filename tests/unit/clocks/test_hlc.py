"""The hybrid logical clock, rule by rule."""

import pytest

from stemedb.clocks import DRIFT_MS_MAX, HLC_MAX, MS_MAX, HybridLogicalClock, check_drift, pack, unpack
from stemedb.errors import ClockDrift

NOW = 1_900_000_000_000


def test_a_reading_is_milliseconds_above_a_counter_of_sixteen_bits():
    assert pack(1, 2) == 0x1_0002
    assert pack(MS_MAX, 0xFFFF) == HLC_MAX == 2**64 - 1
    assert unpack(pack(NOW, 65_535)) == (NOW, 65_535)


def test_the_first_tick_is_the_wall_clock():
    assert HybridLogicalClock().tick(NOW) == pack(NOW, 0)


def test_no_reading_is_0_not_even_at_the_beginning_of_time():
    assert (pack(0, 0), unpack(0)) == (0, (0, 0))
    assert HybridLogicalClock().tick(0) == 1
    assert HybridLogicalClock().receive(pack(0, 0), 0) == 1


def test_ticks_in_one_millisecond_count_up():
    clock = HybridLogicalClock()
    assert [unpack(clock.tick(NOW)) for _ in range(3)] == [(NOW, 0), (NOW, 1), (NOW, 2)]


def test_a_new_millisecond_starts_the_counter_again():
    clock = HybridLogicalClock(pack(NOW, 9))
    assert clock.tick(NOW + 1) == pack(NOW + 1, 0)


def test_a_wall_clock_that_steps_back_does_not_take_the_clock_back():
    clock = HybridLogicalClock()
    clock.tick(NOW)
    assert clock.tick(NOW - 3_600_000) == pack(NOW, 1)


def test_a_used_up_counter_carries_into_the_milliseconds():
    clock = HybridLogicalClock(pack(NOW, 65_535))
    assert clock.tick(NOW) == pack(NOW + 1, 0)


def test_the_wall_clock_catches_up_with_a_carry():
    clock = HybridLogicalClock(pack(NOW, 65_535))
    clock.tick(NOW)
    assert clock.tick(NOW + 1) == pack(NOW + 1, 1)
    assert clock.tick(NOW + 2) == pack(NOW + 2, 0)


def test_reserved_readings_follow_one_another_and_the_next_comes_after_them():
    clock = HybridLogicalClock()
    first = clock.ticks(NOW, 1000)
    assert first == pack(NOW, 0)
    assert clock.last == first + 999
    assert clock.tick(NOW) == first + 1000


def test_a_reservation_larger_than_the_counter_carries():
    clock = HybridLogicalClock()
    first = clock.ticks(NOW, 65_537)
    assert unpack(clock.last) == (NOW + 1, 0)
    assert clock.last - first == 65_536


def test_what_is_received_is_below_every_later_reading():
    clock = HybridLogicalClock()
    remote = pack(NOW + 500, 7)
    assert clock.receive(remote, NOW) == pack(NOW + 500, 8)
    assert clock.tick(NOW) == pack(NOW + 500, 9)


def test_receiving_something_old_still_moves_the_clock():
    clock = HybridLogicalClock(pack(NOW, 4))
    assert clock.receive(pack(5, 0), NOW) == pack(NOW, 5)


def test_receiving_with_a_newer_wall_clock_takes_the_wall_clock():
    clock = HybridLogicalClock(pack(NOW, 4))
    assert clock.receive(pack(NOW, 9), NOW + 1) == pack(NOW + 1, 0)


def test_the_drift_bound_is_inclusive():
    clock = HybridLogicalClock()
    assert clock.receive(pack(NOW + DRIFT_MS_MAX, 0), NOW) == pack(NOW + DRIFT_MS_MAX, 1)


def test_a_reading_too_far_ahead_is_refused_and_leaves_no_trace():
    clock = HybridLogicalClock(pack(NOW, 3))
    with pytest.raises(
        ClockDrift, match=f"60001 ms ahead .* got {NOW + 60_001}, want at most {NOW + 60_000}"
    ):
        clock.receive(pack(NOW + DRIFT_MS_MAX + 1, 0), NOW)
    assert clock.last == pack(NOW, 3)


def test_the_drift_test_alone_agrees_with_receive():
    check_drift(pack(NOW + DRIFT_MS_MAX, 65_535), NOW)
    with pytest.raises(ClockDrift):
        check_drift(pack(NOW + DRIFT_MS_MAX + 1, 0), NOW)


def test_a_restart_from_the_largest_stamp_goes_on_above_it():
    before = HybridLogicalClock()
    stamps = [before.tick(NOW + i) for i in range(5)]
    after = HybridLogicalClock(max(stamps))
    assert after.tick(NOW - 86_400_000) == stamps[-1] + 1


@pytest.mark.parametrize(
    "misuse",
    [
        lambda: pack(-1, 0),
        lambda: pack(MS_MAX + 1, 0),
        lambda: pack(0, -1),
        lambda: pack(0, 65_536),
        lambda: unpack(-1),
        lambda: unpack(HLC_MAX + 1),
        lambda: HybridLogicalClock(-1),
        lambda: HybridLogicalClock(HLC_MAX + 1),
        lambda: HybridLogicalClock().tick(-1),
        lambda: HybridLogicalClock().tick(MS_MAX + 1),
        lambda: HybridLogicalClock().ticks(NOW, 0),
        lambda: HybridLogicalClock(HLC_MAX).tick(NOW),
        lambda: HybridLogicalClock().receive(HLC_MAX + 1, NOW),
        lambda: HybridLogicalClock().receive(0, -1),
    ],
)
def test_misuse_is_a_value_error(misuse):
    with pytest.raises(ValueError, match=r"got .*, want"):
        misuse()


def test_a_clock_at_its_end_stays_there():
    clock = HybridLogicalClock(HLC_MAX - 1)
    with pytest.raises(ValueError, match="reading"):
        clock.ticks(NOW, 2)
    assert clock.last == HLC_MAX - 1
    assert clock.tick(NOW) == HLC_MAX


def test_the_representation_shows_both_parts():
    assert repr(HybridLogicalClock(pack(5, 6))) == "HybridLogicalClock(ms=5, counter=6)"
