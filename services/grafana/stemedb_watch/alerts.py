"""The rules of Prometheus: recorded series and alerts, row by row.

A test holds each alert to its section of the runbook, and another sees it fire and stay silent (``services/prometheus/rules/tests``).
Counters whose first rise matters are exported as 0 from the start, since ``increase`` of a series that appears with 1 is 0.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import yaml

from stemedb_watch import thresholds as limits
from stemedb_watch.rules import Alert, Recording, bounded, duration, figure

HEADER: Final = (
    "# Written by `make dashboards` from services/grafana/stemedb_watch: change it there, not here.\n"
    "# Tests: `promtool test rules services/prometheus/rules/tests/*.test.yml`.\n"
)

BROKEN_PROMISES: Final = "bad_page|bad_proof|bad_digest|bad_signature|bad_entry|invalid_statement|withheld"
"""Failures that an honest peer over a lossy network does not cause."""

RECORDINGS: Final = (
    Recording(
        "replica:stemedb_ingest_statements:rate5m",
        "sum by (replica, outcome) (rate(stemedb_ingest_statements_total[5m]))",
    ),
    Recording(
        "replica:stemedb_ingest_commit_seconds:p99_5m",
        "histogram_quantile(0.99, sum by (replica, le) (rate(stemedb_ingest_commit_seconds_bucket[5m])))",
    ),
    # The streams are named for the replica; nothing else ties the NATS server's numbers to one.
    Recording(
        "replica:stemedb_intake_pending:sum",
        'sum by (replica) (label_replace(stemedb_nats_consumer_pending{stream=~"STEMEDB_.*_INTAKE"},'
        ' "replica", "$1", "stream", "STEMEDB_(.*)_INTAKE"))',
    ),
    Recording(
        "replica:stemedb_intake_full:ratio",
        'max by (replica) (label_replace(stemedb_nats_stream_bytes{stream=~"STEMEDB_.*_INTAKE"}'
        ' / stemedb_nats_stream_bytes_max, "replica", "$1", "stream", "STEMEDB_(.*)_INTAKE"))',
    ),
    Recording(
        "replica:stemedb_disk_free:ratio",
        "stemedb_ingest_disk_free_bytes / stemedb_ingest_disk_bytes",
    ),
)


REPLICATION: Final = (
    *bounded(
        "StemedbReplicaLagging",
        "stemedb_sync_lag_seconds",
        limits.LAG_S,
        120,
        (
            "{{ $labels.replica }} is behind {{ $labels.peer }}",
            "The oldest entry of {{ $labels.peer }}'s log that {{ $labels.replica }} lacks is {{ $value | humanizeDuration }} old.",
        ),
    ),
    Alert(
        "StemedbLagGrowing",
        "warning",
        300,
        "min_over_time(stemedb_sync_lag_statements[10m]) > 0 and deriv(stemedb_sync_lag_statements[10m]) > 1",
        "{{ $labels.replica }} falls further and further behind {{ $labels.peer }}",
        "{{ $labels.replica }} lacks at least {{ $value | humanize }} statements of {{ $labels.peer }} for 10 minutes, and more every"
        " second: it takes in less than is written there.",
    ),
    Alert(
        "StemedbSyncStuck",
        "critical",
        120,
        "min_over_time(stemedb_sync_lag_statements[5m]) > 0"
        " and on (replica, peer) sum by (replica, peer) (increase(stemedb_sync_statements_total[5m])) == 0"
        " unless on (replica, peer) stemedb_sync_peer_set_aside == 1",
        "{{ $labels.replica }} takes nothing in from {{ $labels.peer }}",
        "{{ $labels.replica }} lacks {{ $value | humanize }} statements of {{ $labels.peer }} and has taken in none for 5 minutes.",
    ),
    Alert(
        "StemedbSyncStalled",
        "warning",
        60,
        f"time() - stemedb_sync_last_success_timestamp_seconds > {figure(limits.SUCCESS_AGE_S.warning)}"
        " unless on (replica, peer) stemedb_sync_peer_set_aside == 1",
        "{{ $labels.replica }} was last level with {{ $labels.peer }} long ago",
        "{{ $labels.replica }} had everything that {{ $labels.peer }} signed {{ $value | humanizeDuration }} ago, and not since.",
    ),
    *bounded(
        "StemedbPeerSilent",
        "stemedb_sync_peer_last_seen_seconds",
        limits.SILENT_S,
        60,
        (
            "{{ $labels.replica }} does not hear {{ $labels.peer }}",
            "The last digest of {{ $labels.peer }} reached {{ $labels.replica }} {{ $value | humanizeDuration }} ago; one comes every 3 s.",
        ),
    ),
    Alert(
        "StemedbRootsDiverged",
        "critical",
        60,
        f"max_over_time(stemedb_sync_roots_equal[{duration(limits.ROOTS_QUIET_S)}]) == 0"
        f" and max_over_time(stemedb_sync_lag_statements[{duration(limits.ROOTS_QUIET_S)}]) == 0"
        f" and on (replica) max by (replica) (changes(stemedb_log_size[{duration(limits.ROOTS_QUIET_S)}])) == 0"
        f" and on (replica) max by (replica) (max_over_time(stemedb_index_lag_statements[{duration(limits.ROOTS_QUIET_S)}])) == 0",
        "{{ $labels.replica }} and {{ $labels.peer }} hold different claims while their logs are level",
        "Nothing is missing by the logs and nothing was written for 2 minutes, yet the roots of the maps of {{ $labels.replica }} and"
        " {{ $labels.peer }} differ: something was lost below the logs, and the tree path did not heal it.",
    ),
    Alert(
        "StemedbRootsNeverEqual",
        "warning",
        300,
        f"max_over_time(stemedb_sync_roots_equal[{duration(limits.ROOTS_UNSEEN_EQUAL_S)}]) == 0"
        f" and count_over_time(stemedb_sync_roots_equal[{duration(limits.ROOTS_UNSEEN_EQUAL_S)}]) > 100",
        "{{ $labels.replica }} and {{ $labels.peer }} were not once seen equal for an hour",
        "In no scrape of the last hour did the maps of {{ $labels.replica }} and {{ $labels.peer }} have the same root.",
    ),
    Alert(
        "StemedbIntegrityFailure",
        "critical",
        0,
        "increase(stemedb_integrity_failures_total[10m]) > 0",
        "{{ $labels.service }} of {{ $labels.replica }} met damage in its own {{ $labels.kind }}",
        'Bytes on disk are not what was written: met {{ $value | printf "%.0f" }} times in 10 minutes. What is derived is made anew from the log;'
        " a disk that does this once does it again.",
    ),
    Alert(
        "StemedbEquivocation",
        "critical",
        0,
        "increase(stemedb_sync_equivocations_total[10m]) > 0",
        "{{ $labels.peer }} contradicted what it had signed",
        "Checkpoints of {{ $labels.peer }} that do not continue its earlier ones, as {{ $labels.replica }} saw in 10 minutes:"
        ' {{ $value | printf "%.0f" }}. The evidence is in sync/evidence/, and `stemedb verify` checks it anywhere.',
    ),
    Alert(
        "StemedbPeerSetAside",
        "critical",
        0,
        "stemedb_sync_peer_set_aside == 1",
        "{{ $labels.replica }} no longer follows the log of {{ $labels.peer }}",
        "{{ $labels.peer }} broke a promise (a fork, a rewrite, a rollback, or a restore from a backup, which looks the same)."
        " Its map is still compared; its log is followed again after `stemedb sync readmit {{ $labels.peer }}`.",
    ),
    Alert(
        "StemedbPeerBreaksRules",
        "critical",
        0,
        f'increase(stemedb_sync_failures_total{{reason=~"{BROKEN_PROMISES}"}}[10m]) > 0',
        "{{ $labels.peer }} sends {{ $labels.replica }} what does not verify",
        '{{ $labels.replica }} refused {{ $value | printf "%.0f" }} messages of {{ $labels.peer }} in 10 minutes: {{ $labels.reason }}.',
    ),
    Alert(
        "StemedbTreeRepairFrequent",
        "warning",
        0,
        f'increase(stemedb_sync_rounds_total{{path="tree"}}[1h]) > {figure(limits.TREE_ROUNDS_PER_HOUR.warning)}'
        " unless on (replica, peer) stemedb_sync_peer_set_aside == 1",
        "{{ $labels.replica }} compares its map with that of {{ $labels.peer }} again and again",
        '{{ $value | printf "%.0f" }} comparisons in an hour. The tree path is for repair: something keeps breaking below the logs.',
    ),
    *bounded(
        "StemedbClockOffset",
        # The least of a minute: the way of a digest only adds to it.
        "abs(min_over_time(stemedb_sync_clock_offset_seconds[1m]))",
        limits.CLOCK_OFFSET_S,
        300,
        (
            "The clocks of {{ $labels.replica }} and {{ $labels.peer }} differ",
            "They are {{ $value | humanizeDuration }} apart, by the digests of the last minute.",
        ),
    ),
    Alert(
        "StemedbStatementsPostponed",
        "warning",
        300,
        "stemedb_sync_postponed_statements > 0",
        "Statements of {{ $labels.peer }} are too far ahead of the clock of {{ $labels.replica }}",
        "{{ $value | humanize }} statements wait until the clock of {{ $labels.replica }} has come closer to their stamps.",
    ),
    Alert(
        "StemedbSyncPaused",
        "warning",
        3600,
        "stemedb_sync_paused == 1",
        "{{ $labels.replica }} has been told to pull nothing",
        "Pulling is paused on {{ $labels.replica }} for over an hour; `stemedb sync resume` ends it.",
    ),
)

INGEST: Final = (
    Alert(
        "StemedbRejectedHigh",
        "warning",
        300,
        'sum by (replica) (increase(stemedb_ingest_statements_total{outcome="rejected"}[15m]))'
        f" / sum by (replica) (increase(stemedb_ingest_statements_total[15m])) > {figure(limits.REJECTED_RATIO.warning)}"
        ' and sum by (replica) (increase(stemedb_ingest_statements_total{outcome="rejected"}[15m]))'
        f" > {limits.REJECTED_COUNT_MIN}",
        "{{ $labels.replica }} refuses many statements",
        "{{ $value | humanizePercentage }} of what reached {{ $labels.replica }} in 15 minutes was refused; the reasons and the"
        " original bytes are in the stream of {{ $labels.replica }}'s rejected subject.",
    ),
    Alert(
        "StemedbRejectionsUnreported",
        "warning",
        0,
        "increase(stemedb_ingest_returned_total[10m]) > 0",
        "{{ $labels.replica }} cannot store its refusals",
        '{{ $value | printf "%.0f" }} messages went back to the intake in 10 minutes because their refusal could not be stored.',
    ),
    *bounded(
        "StemedbIntakeBacklog",
        "replica:stemedb_intake_pending:sum"
        " / on (replica) sum by (replica) (replica:stemedb_ingest_statements:rate5m)",
        limits.INTAKE_BACKLOG_S,
        300,
        (
            "The intake of {{ $labels.replica }} fills faster than it drains",
            "At the present pace it takes {{ $value | humanizeDuration }} to take in what waits.",
        ),
    ),
    Alert(
        "StemedbIngestStopped",
        "critical",
        120,
        "min_over_time(replica:stemedb_intake_pending:sum[5m]) > 0"
        " unless on (replica) sum by (replica) (increase(stemedb_ingest_statements_total[5m])) > 0",
        "Nothing is taken from the intake of {{ $labels.replica }}",
        "{{ $value | humanize }} messages or more wait for 5 minutes, and none was taken in.",
    ),
    *bounded(
        "StemedbIntakeFull",
        "replica:stemedb_intake_full:ratio",
        limits.INTAKE_FULL_RATIO,
        60,
        (
            "The intake of {{ $labels.replica }} is nearly full",
            "{{ $value | humanizePercentage }} of the stream's bound; at 100% publishers are refused.",
        ),
    ),
    *bounded(
        "StemedbCommitSlow",
        "replica:stemedb_ingest_commit_seconds:p99_5m",
        limits.COMMIT_P99_S,
        600,
        (
            "Group commits of {{ $labels.replica }} are slow",
            "One in a hundred takes {{ $value | humanizeDuration }} or more: the disk, or what else uses it.",
        ),
    ),
)

INDEX: Final = (
    *bounded(
        "StemedbIndexLagging",
        "stemedb_index_lag_statements",
        limits.INDEX_LAG_STATEMENTS,
        300,
        (
            "The map of {{ $labels.replica }} is behind its log",
            "{{ $value | humanize }} durable statements cannot be queried yet.",
        ),
    ),
    Alert(
        "StemedbIndexStuck",
        "critical",
        120,
        "min_over_time(stemedb_index_lag_statements[5m]) > 0"
        " and on (replica) sum by (replica) (increase(stemedb_index_statements_total[5m])) == 0",
        "The map of {{ $labels.replica }} takes nothing in",
        "{{ $value | humanize }} durable statements wait for 5 minutes, and none was applied.",
    ),
)

ANALYSIS: Final = (
    Alert(
        "StemedbScansFail",
        "warning",
        0,
        'increase(stemedb_analysis_scans_total{outcome="failed"}[15m]) > 0',
        "Scans of the analysis at {{ $labels.replica }} fail",
        '{{ $value | printf "%.0f" }} scans in 15 minutes ended without a result.',
    ),
    *bounded(
        "StemedbScanSlow",
        "histogram_quantile(0.99, sum by (replica, le) (rate(stemedb_analysis_scan_seconds_bucket[15m])))",
        limits.SCAN_P99_S,
        300,
        (
            "Scans of the analysis at {{ $labels.replica }} take long",
            "One in a hundred takes {{ $value | humanizeDuration }} or more.",
        ),
    ),
)

MACHINERY: Final = (
    Alert(
        "StemedbDown",
        "critical",
        60,
        'up{job="stemedb"} == 0',
        "{{ $labels.service }} of {{ $labels.replica }} cannot be reached",
        "Prometheus gets no answer from {{ $labels.instance }} for a minute.",
    ),
    Alert(
        "StemedbNatsDown",
        "critical",
        60,
        "stemedb_nats_up == 0",
        "The NATS server does not answer",
        "Its monitoring endpoint gives {{ $labels.instance }} no answer for a minute. Replicas keep what they have and wait.",
    ),
    Alert(
        "StemedbSlowConsumers",
        "warning",
        0,
        "increase(stemedb_nats_slow_consumers_total[10m]) > 0",
        "The NATS server cut clients off that did not read",
        '{{ $value | printf "%.0f" }} times in 10 minutes. What they missed is made up for, at the price of delay.',
    ),
    Alert(
        "StemedbRestarting",
        "warning",
        0,
        f'changes(process_start_time_seconds{{job="stemedb"}}[15m]) > {figure(limits.RESTARTS.warning)}',
        "{{ $labels.service }} of {{ $labels.replica }} starts again and again",
        '{{ $value | printf "%.0f" }} times in 15 minutes; its last log line says why.',
    ),
    *bounded(
        "StemedbDiskLow",
        "replica:stemedb_disk_free:ratio",
        limits.DISK_FREE_RATIO,
        300,
        (
            "The disk of {{ $labels.replica }} is nearly full",
            "{{ $value | humanizePercentage }} is left. When it is full ingest stops, and nothing acknowledged is lost.",
        ),
    ),
    Alert(
        "StemedbDiskFilling",
        "warning",
        1800,
        f"predict_linear(stemedb_ingest_disk_free_bytes[6h], {limits.DISK_FULL_WITHIN_S}) < 0"
        " and on (replica) replica:stemedb_disk_free:ratio < 0.5"
        # Hours of it, or the first minutes of a deployment would foretell its day.
        " and on (replica) present_over_time(stemedb_ingest_disk_free_bytes[3h] offset 3h)",
        "The disk of {{ $labels.replica }} will be full within a day",
        "At the pace of the last six hours {{ $value | humanize1024 }}B would be left in a day.",
    ),
    *bounded(
        "StemedbMemoryHigh",
        'process_resident_memory_bytes{job="stemedb",service=~"ingest|index|sync"}',
        limits.MEMORY_BYTES,
        600,
        (
            "{{ $labels.service }} of {{ $labels.replica }} needs nearly all of its memory",
            "{{ $value | humanize1024 }}B of 512 MiB; beyond it the kernel ends it, and it starts again.",
        ),
    ),
)

GROUPS: Final = (
    ("stemedb-replication", REPLICATION),
    ("stemedb-ingest", INGEST),
    ("stemedb-index", INDEX),
    ("stemedb-analysis", ANALYSIS),
    ("stemedb-machinery", MACHINERY),
)

ALERTS: Final = tuple(alert for _, alerts in GROUPS for alert in alerts)


def rules() -> dict[str, Any]:
    """Return all rules as Prometheus reads them."""
    named: Iterable[tuple[str, Iterable[Recording | Alert]]] = (("stemedb-recorded", RECORDINGS), *GROUPS)
    return {"groups": [{"name": name, "rules": [rule.as_rule() for rule in some]} for name, some in named]}


def rules_yaml(document: Mapping[str, Any]) -> str:
    """Return the file that rules stand in: as they are, or as a resource of Kubernetes."""
    return HEADER + yaml.safe_dump(document, sort_keys=False, width=110, allow_unicode=True)
