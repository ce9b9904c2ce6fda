"""Lag in statements and in seconds, by hand-made clocks."""

from stemedb_sync.lag import LEARNED_MAX, Lag


def test_nobody_is_behind_a_log_of_nothing():
    lag = Lag()
    lag.learn(0, 5.0)
    assert (lag.statements(), lag.seconds(100.0)) == (0, 0.0)


def test_an_entry_is_as_old_as_the_first_checkpoint_that_covered_it():
    lag = Lag()
    lag.learn(120, 10.0)
    lag.learn(150, 10.4)
    lag.learn(151, 11.0)
    lag.reach(130)
    assert lag.statements() == 21
    assert lag.seconds(12.0) == 12.0 - 10.4


def test_it_grows_while_nothing_happens_and_ends_when_level():
    lag = Lag()
    lag.learn(10, 1.0)
    assert [lag.seconds(now) for now in (1.0, 2.0, 60.0)] == [0.0, 1.0, 59.0]
    lag.reach(10)
    assert (lag.statements(), lag.seconds(60.0)) == (0, 0.0)


def test_the_time_of_acceptance_counts_once_a_page_told_it():
    lag = Lag()
    lag.learn(10, 100.0)
    lag.accepted(0, 40.0)
    assert lag.seconds(100.0) == 60.0
    lag.reach(5)
    assert lag.seconds(100.0) == 0.0, "that time was of entry 0"


def test_a_clock_that_is_hours_off_does_not_make_entries_old():
    lag = Lag()
    lag.learn(10, 100.0)
    lag.offset_s = 7200.0
    lag.accepted(0, 99.5 - 7200.0)
    assert lag.seconds(100.0) == 0.5


def test_an_entry_from_the_future_has_no_age():
    lag = Lag()
    lag.learn(10, 100.0)
    assert lag.seconds(99.0) == 0.0


def test_an_older_checkpoint_changes_nothing():
    lag = Lag()
    lag.learn(10, 1.0)
    lag.learn(9, 5.0)
    lag.learn(10, 6.0)
    assert (lag.statements(), lag.seconds(7.0)) == (10, 6.0)


def test_statements_that_wait_for_the_clock_count():
    lag = Lag()
    lag.learn(10, 1.0)
    lag.reach(10)
    assert lag.statements(waiting=3) == 3


def test_what_is_remembered_is_bounded_and_errs_towards_older():
    lag = Lag()
    for size in range(1, 5 * LEARNED_MAX):
        lag.learn(size, float(size))
    assert len(lag._learned) <= LEARNED_MAX
    for taken in (0, 100, 3000, 5 * LEARNED_MAX - 2):
        lag.reach(taken)
        now = 6.0 * LEARNED_MAX
        assert now - lag.seconds(now) <= taken + 1


def test_a_readmitted_peer_is_behind_by_its_whole_log_from_now_on():
    lag = Lag()
    lag.learn(10, 1.0)
    lag.reach(10)
    lag.restart(8, 50.0)
    assert (lag.statements(), lag.seconds(51.0)) == (8, 1.0)


def test_the_first_entry_that_is_lacked_is_remembered_while_later_pages_come():
    lag = Lag()
    lag.learn(10, 100.0)
    lag.accepted(0, 40.0)
    lag.accepted(5, 90.0)
    assert lag.seconds(100.0) == 60.0
    lag.learn(20, 101.0)
    lag.reach(10)
    lag.accepted(10, 80.0)
    assert lag.seconds(101.0) == 21.0
