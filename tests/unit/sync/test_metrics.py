"""What is known of the peers becomes series, and what may be alerted on is there from the start."""

import pytest
from prometheus_client import CollectorRegistry

from stemedb_sync.metrics import DIRECTIONS, PATHS, REASONS, PeerReadings, SyncMetrics

WEST = PeerReadings(
    peer="west",
    lag_statements=7,
    lag_seconds=1.5,
    roots_equal=False,
    last_seen_seconds=3.25,
    clock_offset_seconds=-0.125,
    postponed=2,
    is_down=True,
    is_set_aside=False,
    behind={"east": 4},
)


@pytest.fixture
def registry():
    made = CollectorRegistry()
    SyncMetrics.register(made, lambda: [WEST]).introduce("west")
    return made


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lag_statements", 7),
        ("lag_seconds", 1.5),
        ("roots_equal", 0),
        ("peer_last_seen_seconds", 3.25),
        ("clock_offset_seconds", -0.125),
        ("postponed_statements", 2),
        ("peer_down", 1),
        ("peer_set_aside", 0),
    ],
)
def test_a_peer_is_shown_as_it_stands(registry, name, value):
    assert registry.get_sample_value(f"stemedb_sync_{name}", {"peer": "west"}) == value


def test_what_a_peer_says_of_its_own_lag_is_shown_under_its_name(registry):
    labels = {"replica": "west", "peer": "east"}
    assert registry.get_sample_value("stemedb_sync_pair_lag_statements", labels) == 4


def test_counters_of_a_known_peer_start_at_zero_so_that_the_first_failure_is_a_rise(registry):
    assert registry.get_sample_value("stemedb_sync_equivocations_total", {"peer": "west"}) == 0
    for reason in REASONS:
        labels = {"peer": "west", "reason": reason}
        assert registry.get_sample_value("stemedb_sync_failures_total", labels) == 0
    for path in PATHS:
        for direction in DIRECTIONS:
            labels = {"peer": "west", "path": path, "direction": direction}
            assert registry.get_sample_value("stemedb_sync_bytes_total", labels) == 0
