"""Dashboard *Replica*: what one replica takes in, how fast its disk answers, and what it needs."""

from typing import Any

from stemedb_watch import boards, thresholds
from stemedb_watch.panels import (
    ANY_IS_BAD,
    GREEN,
    RATE,
    RED,
    Query,
    graph,
    heat,
    listing,
    nothing,
    number,
    per_second,
    quantiles,
)

UID = "stemedb-replica"

HERE = 'replica=~"$replica"'
SERVICE = f'job="stemedb",{HERE}'
INTAKE = 'stream=~"STEMEDB_($replica)_INTAKE"'

OUTCOMES = {"/accepted$/": GREEN, "/duplicate$/": "super-light-blue", "/rejected$/": RED}


def dashboard() -> Any:
    """Return the dashboard."""
    return boards.board(
        UID,
        "StemeDB / Replica",
        "What a replica takes in, how fast its disk answers, how far its map follows its log, and what its services need.",
        {
            "At a glance": _glance(),
            "Taking in": _ingest(),
            "The map": _index(),
            "Resources": _resources(),
            "The bus": _bus(),
        },
    )


def _glance() -> list[Any]:
    return [
        number(
            "Statements in the log",
            "Durable and counted once each.",
            Query(f"stemedb_log_size{{{HERE}}}", "{{replica}}"),
            unit="short",
        ),
        number(
            "Entries of the map",
            "Assertions, living votes and epochs; votes of one agent on one assertion share an entry.",
            Query(f"stemedb_index_keys{{{HERE}}}", "{{replica}}"),
            unit="short",
        ),
        number(
            "Index lag",
            "Durable log entries that cannot be queried yet.",
            Query(f"stemedb_index_lag_statements{{{HERE}}}", "{{replica}}"),
            unit="short",
            bounds=thresholds.INDEX_LAG_STATEMENTS,
        ),
        number(
            "Refused in 24 hours",
            "Statements that broke a rule; their bytes and reasons are in the rejected stream.",
            Query(
                f'sum by (replica) (round(increase(stemedb_ingest_statements_total{{{HERE},outcome="rejected"}}[24h])))',
                "{{replica}}",
            ),
            unit="short",
        ),
        number(
            "Commit p99",
            "One group commit in a hundred takes longer: parse, hash, write, synchronise. 0 while there are none.",
            Query(
                # Without its name, so that it is one series with the zeros.
                f"sum by (replica) (replica:stemedb_ingest_commit_seconds:p99_5m{{{HERE}}} >= 0)"
                f" or on (replica) 0 * sum by (replica) (stemedb_log_size{{{HERE}}})",
                "{{replica}}",
            ),
            unit="s",
            bounds=thresholds.COMMIT_P99_S,
        ),
        number(
            "Disk left",
            "Of the disk that holds the replica. A compaction needs room for a second copy of the map.",
            Query(f"replica:stemedb_disk_free:ratio{{{HERE}}}", "{{replica}}"),
            unit="percentunit",
            bounds=thresholds.DISK_FREE_RATIO,
            trend=False,
        ),
    ]


def _ingest() -> list[Any]:
    return [
        graph(
            "Statements by outcome",
            "Duplicates were there already: a repeated publication, or a peer's statement that came another way.",
            [
                Query(
                    per_second("stemedb_ingest_statements_total", HERE, "outcome"),
                    "{{outcome}}",
                )
            ],
            unit="short",
            stacked=True,
            colours=OUTCOMES,
        ),
        heat(
            "Group commits by time taken",
            "How many commits took how long; darker is more. Each bucket is twice the one below.",
            f"sum by (le) (increase(stemedb_ingest_commit_seconds_bucket{{{HERE}}}[{RATE}]))",
            unit="s",
        ),
        graph(
            "Commit p50 and p99",
            "Parse, hash, write, synchronise; dashed where the alerts begin.",
            quantiles("stemedb_ingest_commit_seconds", HERE, "replica", "{{replica}}"),
            unit="s",
            bounds=thresholds.COMMIT_P99_S,
        ),
        heat(
            "Statements per group commit",
            "Near 1 when idle; thousands share one synchronisation under load.",
            f"sum by (le) (increase(stemedb_ingest_commit_statements_bucket{{{HERE}}}[{RATE}]))",
            unit="short",
        ),
        graph(
            "Waiting",
            "In the intake: published and not yet handed to ingest. In hand: taken and not yet durable.",
            [
                Query(f"replica:stemedb_intake_pending:sum{{{HERE}}}", "{{replica}} in the intake"),
                Query(f"stemedb_ingest_pending{{{HERE}}}", "{{replica}} in hand"),
            ],
            unit="short",
            symlog=True,
        ),
        graph(
            "Refusals by reason",
            "Error codes of refused statements, per second.",
            [
                Query(
                    f"{per_second('stemedb_ingest_refusals_total', HERE, 'code')} or {nothing('code')}",
                    "{{code}}",
                )
            ],
            unit="short",
            stacked=True,
        ),
    ]


def _index() -> list[Any]:
    return [
        graph(
            "Index lag",
            "Durable log entries that the map has not taken in; dashed where the alerts begin.",
            [Query(f"stemedb_index_lag_statements{{{HERE}}}", "{{replica}}")],
            unit="short",
            bounds=thresholds.INDEX_LAG_STATEMENTS,
            symlog=True,
        ),
        graph(
            "From acceptance to the map",
            "Oldest entry of each commit: how long after ingest accepted it a query finds it.",
            quantiles("stemedb_index_visible_seconds", HERE, "replica", "{{replica}}"),
            unit="s",
        ),
        graph(
            "Log and map",
            "Entries of the log and of the map.",
            [
                Query(f"stemedb_log_size{{{HERE}}}", "{{replica}} log"),
                Query(f"stemedb_index_keys{{{HERE}}}", "{{replica}} map"),
            ],
            unit="short",
        ),
        graph(
            "Requests",
            "Answered per second, by endpoint.",
            [
                Query(
                    per_second("stemedb_index_request_seconds_count", HERE, "endpoint"),
                    "{{endpoint}}",
                )
            ],
            unit="reqps",
            stacked=True,
        ),
        graph(
            "Request p50 and p99",
            "Time to answer, waiting for the map included.",
            quantiles("stemedb_index_request_seconds", HERE, "replica", "{{replica}}"),
            unit="s",
        ),
        graph(
            "Batch: apply and commit, p99",
            "Apply reads, decodes, joins and merges one batch; commit hashes, writes and synchronises it.",
            [
                Query(
                    f"histogram_quantile(0.99, {per_second(f'stemedb_index_{step}_seconds_bucket', HERE, 'replica, le')})",
                    f"{{{{replica}}}} {step}",
                )
                for step in ("apply", "commit")
            ],
            unit="s",
        ),
    ]


def _resources() -> list[Any]:
    return [
        graph(
            "Disk by folder",
            "What the files of the replica take of the disk. wal is the truth; the rest can be made again.",
            [Query(f"sum by (folder) (stemedb_ingest_folder_bytes{{{HERE}}})", "{{folder}}")],
            unit="bytes",
            stacked=True,
        ),
        graph(
            "Cache of tree nodes",
            "Share of nodes found in the cache of the writing thread and of the one that answers queries.",
            [
                Query(
                    f"rate(stemedb_index_cache_hits_total{{{HERE}}}[{RATE}]) / (rate(stemedb_index_cache_hits_total{{{HERE}}}[{RATE}])"
                    f" + rate(stemedb_index_cache_misses_total{{{HERE}}}[{RATE}]))",
                    "{{replica}} {{thread}}",
                )
            ],
            unit="percentunit",
        ),
        graph(
            "Cache size",
            "Estimated bytes of the cached nodes, by thread.",
            [Query(f"stemedb_index_cache_bytes{{{HERE}}}", "{{replica}} {{thread}}")],
            unit="bytes",
        ),
        graph(
            "Memory",
            "Resident, by service; dashed where the alerts begin. A container has 512 MiB; analysis, which has more, is in the table.",
            [
                Query(
                    f'process_resident_memory_bytes{{{SERVICE},service=~"ingest|index|sync"}}',
                    "{{replica}} {{service}}",
                )
            ],
            unit="bytes",
            bounds=thresholds.MEMORY_BYTES,
            width=6,
        ),
        graph(
            "Processor",
            "Processors in use, by service: 1 is one of them.",
            [Query(f"rate(process_cpu_seconds_total{{{SERVICE}}}[{RATE}])", "{{replica}} {{service}}")],
            unit="short",
            width=6,
        ),
        listing(
            "Services",
            "What runs, since when, in which version.",
            [
                Query(f"stemedb_service_info{{{SERVICE}}}"),
                Query(f"time() - process_start_time_seconds{{{SERVICE}}}"),
                Query(f"process_resident_memory_bytes{{{SERVICE}}}"),
            ],
            {
                "replica": "replica",
                "service": "service",
                "version": "version",
                "Value #B": "up for",
                "Value #C": "memory",
            },
            units={"up for": "s", "memory": "bytes"},
            width=12,
        ),
    ]


def _bus() -> list[Any]:
    return [
        number(
            "NATS server",
            "Whether its monitoring endpoint answers.",
            Query("min(stemedb_nats_up)", "server"),
            unit="short",
            mapping={"1": ("up", GREEN), "0": ("down", RED)},
            trend=False,
            height=8,
        ),
        number(
            "Slow consumers",
            "Clients that the server cut off because they did not read, since it started.",
            Query("sum(stemedb_nats_slow_consumers_total)", "cut off"),
            unit="short",
            bounds=ANY_IS_BAD,
            trend=False,
            height=8,
        ),
        graph(
            "Messages through the server",
            "Per second; out is drawn downwards.",
            [
                Query(per_second("stemedb_nats_messages_total", 'direction="in"'), "in"),
                Query("-" + per_second("stemedb_nats_messages_total", 'direction="out"'), "out"),
            ],
            unit="short",
            floor=None,
        ),
        graph(
            "Intake, share of its bound",
            "Bytes of the intake stream; at 100 % publishers are refused. Dashed where the alerts begin.",
            [
                Query(
                    f"stemedb_nats_stream_bytes{{{INTAKE}}} / stemedb_nats_stream_bytes_max{{{INTAKE}}}",
                    "{{stream}}",
                )
            ],
            unit="percentunit",
            bounds=thresholds.INTAKE_FULL_RATIO,
        ),
    ]
