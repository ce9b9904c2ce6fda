"""Dashboard *Replication*: are the replicas the same, who is behind whom by how much, and what does being level cost."""

from typing import Any

from stemedb_watch import boards, thresholds
from stemedb_watch.panels import (
    ANY_IS_BAD,
    GREEN,
    RED,
    YELLOW,
    Query,
    graph,
    matrix,
    nothing,
    number,
    per_second,
    states,
)

UID = "stemedb-replication"

TAKER = 'replica=~"$replica"'
PAIR = f'{TAKER},peer=~"$peer"'
ARROW = "{{replica}} ← {{peer}}"
"""A pair is read as "replica takes from peer"."""

EQUAL = {"1": ("equal", GREEN), "0": ("different", RED)}
FOLLOWED = {"0": ("followed", GREEN), "1": ("down", YELLOW), "2": ("set aside", RED)}

TO_REPLICA = (
    "Look at this replica",
    "/d/stemedb-replica?var-replica=${__data.fields[0]}&${__url_time_range}",
)


def dashboard() -> Any:
    """Return the dashboard."""
    return boards.board(
        UID,
        "StemeDB / Replication",
        "Are the replicas the same? Who is behind whom? A pair reads: replica ← peer, the replica takes from the peer.",
        {
            "Are the replicas the same?": _sameness(),
            "How far behind?": _lag(),
            "Catching up": _pace(),
            "Trust and trouble": _trust(),
        },
        peers=True,
    )


def _sameness() -> list[Any]:
    return [
        number(
            "Roots equal",
            "Whether every pair of maps had the same root, which is holding the same claims, at some moment of the last minute. Under"
            " steady writing they are equal only for moments, and under heavy writing hardly ever.",
            Query(f"min(max_over_time(stemedb_sync_roots_equal{{{PAIR}}}[1m]))", "all pairs"),
            unit="short",
            mapping=EQUAL,
            trend=False,
            width=3,
        ),
        number(
            "Alerts firing",
            "Of the whole deployment; Prometheus has their texts, and the runbook what to do.",
            Query('count(ALERTS{alertstate="firing",alertname=~"Stemedb.+"}) or vector(0)', "alerts"),
            unit="short",
            bounds=ANY_IS_BAD,
            trend=False,
            width=3,
        ),
        number(
            "Worst lag",
            "Age of the oldest entry of any peer's log that a replica lacks. It grows while a peer is silent.",
            Query(f"max(stemedb_sync_lag_seconds{{{PAIR}}})", "worst lag"),
            unit="s",
            bounds=thresholds.LAG_S,
            width=3,
        ),
        number(
            "Longest silence",
            "Since the last digest of a peer; one comes every 3 s.",
            Query(f"max(stemedb_sync_peer_last_seen_seconds{{{PAIR}}})", "longest silence"),
            unit="s",
            bounds=thresholds.SILENT_S,
            width=3,
        ),
        number(
            "Longest not level",
            "Since a replica last had everything that a peer had signed, for the pair where that is longest ago.",
            Query(f"max(time() - stemedb_sync_last_success_timestamp_seconds{{{PAIR}}})", "not level"),
            unit="s",
            bounds=thresholds.SUCCESS_AGE_S,
            width=3,
        ),
        number(
            "Equivocations",
            "Checkpoints that contradict earlier ones of the same replica, in 24 hours.",
            Query(f"sum(round(increase(stemedb_sync_equivocations_total{{{PAIR}}}[24h])))", "equivocations"),
            unit="short",
            bounds=ANY_IS_BAD,
            trend=False,
            width=3,
        ),
        number(
            "Damage",
            "How often a service met bytes in its own files that are not what was written, in 24 hours.",
            Query(f"sum(round(increase(stemedb_integrity_failures_total{{{TAKER}}}[24h])))", "damage"),
            unit="short",
            bounds=ANY_IS_BAD,
            trend=False,
            width=3,
        ),
        number(
            "Statements",
            "In the log of the replica that has most. Logs of level replicas hold the same statements, each in its own order.",
            Query(f"max(stemedb_log_size{{{TAKER}}})", "statements"),
            unit="short",
            width=3,
        ),
        matrix(
            "Who is behind whom, in seconds",
            "A line per replica, a column per peer: how old the oldest entry is that the replica lacks of the peer.",
            f"sum by (replica, peer) (stemedb_sync_lag_seconds{{{PAIR}}})",
            row="replica",
            column="peer",
            unit="s",
            bounds=thresholds.LAG_S,
            link=TO_REPLICA,
        ),
        matrix(
            "Who is behind whom, in statements",
            "A line per replica, a column per peer: entries of the peer's log that the replica lacks.",
            f"sum by (replica, peer) (stemedb_sync_lag_statements{{{PAIR}}})",
            row="replica",
            column="peer",
            unit="short",
            bounds=None,
            link=TO_REPLICA,
        ),
        states(
            "Roots equal, by pair",
            "Green where the maps of both were the same at some moment of the minute before. Red for long, with level logs, is divergence.",
            Query(f"max_over_time(stemedb_sync_roots_equal{{{PAIR}}}[1m])", ARROW),
            EQUAL,
        ),
        states(
            "Peers",
            "Down: silent for longer than 10 s. Set aside: it contradicted what it had signed and its log is not followed.",
            Query(
                f"clamp_max(2 * stemedb_sync_peer_set_aside{{{PAIR}}} + stemedb_sync_peer_down{{{PAIR}}}, 2)",
                ARROW,
            ),
            FOLLOWED,
        ),
    ]


def _lag() -> list[Any]:
    return [
        graph(
            "Lag in seconds",
            "Age of the oldest entry of the peer's log that the replica lacks; dashed where the alerts begin.",
            [Query(f"stemedb_sync_lag_seconds{{{PAIR}}}", ARROW)],
            unit="s",
            bounds=thresholds.LAG_S,
            symlog=True,
        ),
        graph(
            "Lag in statements",
            "Entries of the peer's log that are not yet verified and durable here.",
            [Query(f"stemedb_sync_lag_statements{{{PAIR}}}", ARROW)],
            unit="short",
            symlog=True,
        ),
        graph(
            "Since the last digest",
            "How long nothing was heard of a peer. It is what tells a dead link from a quiet one.",
            [Query(f"stemedb_sync_peer_last_seen_seconds{{{PAIR}}}", ARROW)],
            unit="s",
            bounds=thresholds.SILENT_S,
        ),
        graph(
            "Lag by the peers' own word",
            "What each replica says of itself in its digests, as the selected replicas heard it. Useful where a site is not scraped.",
            [
                Query(
                    'max by (exported_replica, peer) (stemedb_sync_pair_lag_statements{replica=~"$replica",peer=~"$peer"})',
                    "{{exported_replica}} ← {{peer}}",
                )
            ],
            unit="short",
            width=12,
            symlog=True,
        ),
        graph(
            "Since it was last level",
            "Since everything that the peer had signed was verified and durable here.",
            [Query(f"time() - stemedb_sync_last_success_timestamp_seconds{{{PAIR}}}", ARROW)],
            unit="s",
            bounds=thresholds.SUCCESS_AGE_S,
            width=12,
        ),
    ]


def _pace() -> list[Any]:
    return [
        graph(
            "Taken in from peers",
            "Log entries of each peer verified and made durable, per second: the catch-up rate when a replica was away.",
            [Query(per_second("stemedb_sync_statements_total", PAIR, "replica, peer"), ARROW)],
            unit="short",
            width=6,
        ),
        graph(
            "Level again in",
            "What is missing of a peer, at the pace of the last minute, but at one statement a second at least.",
            [
                Query(
                    f"sum by (replica, peer) (stemedb_sync_lag_statements{{{PAIR}}})"
                    f" / clamp_min(sum by (replica, peer) (rate(stemedb_sync_statements_total{{{PAIR}}}[1m])), 1)",
                    ARROW,
                )
            ],
            unit="s",
            width=6,
            symlog=True,
        ),
        graph(
            "Bytes by path",
            "Messages between replicas: gossip is digests, tail is logs, tree is repair. Out is drawn downwards.",
            [
                Query(
                    per_second(
                        "stemedb_sync_bytes_total", f'{TAKER},peer=~"$peer|[*]",direction="in"', "path"
                    ),
                    "{{path}} in",
                ),
                Query(
                    "-"
                    + per_second(
                        "stemedb_sync_bytes_total", f'{TAKER},peer=~"$peer|[*]",direction="out"', "path"
                    ),
                    "{{path}} out",
                ),
            ],
            unit="Bps",
            width=6,
            floor=None,
        ),
        graph(
            "Rounds by path",
            "Tail: checkpoints reached. Tree: maps compared; there should be hardly any.",
            [
                Query(
                    per_second("stemedb_sync_rounds_total", PAIR, "replica, path"),
                    "{{replica}} {{path}}",
                )
            ],
            unit="ops",
            width=6,
        ),
    ]


def _trust() -> list[Any]:
    return [
        graph(
            "Failures by reason",
            "What went wrong with a peer. unavailable and overloaded are the network; the rest is what a peer sent.",
            [
                Query(
                    f"{per_second('stemedb_sync_failures_total', TAKER, 'reason')} > 0 or {nothing('reason')}",
                    "{{reason}}",
                )
            ],
            unit="ops",
        ),
        graph(
            "Clock offset",
            "Clock of the replica minus that of the peer; 0 is level. The least of a minute, since the way of a digest only adds to it.",
            [Query(f"min_over_time(stemedb_sync_clock_offset_seconds{{{PAIR}}}[1m])", ARROW)],
            unit="s",
            bounds=thresholds.CLOCK_OFFSET_S,
            floor=None,
        ),
        graph(
            "Equivocations, damage, and statements ahead of the clock",
            "Equivocations: contradictions of what a peer had signed. Damaged: own files whose bytes were not what was written."
            " Postponed: statements whose stamps wait for our clock.",
            [
                Query(
                    f"sum by (peer) (stemedb_sync_equivocations_total{{{PAIR}}})",
                    "{{peer}} equivocations",
                ),
                Query(
                    'sum by (replica) (stemedb_integrity_failures_total{replica=~"$replica"})',
                    "{{replica}} damaged",
                ),
                Query(f"sum by (peer) (stemedb_sync_postponed_statements{{{PAIR}}})", "{{peer}} postponed"),
            ],
            unit="short",
            width=8,
        ),
    ]
