"""What Prometheus alerts on and Grafana shows, written once in Python.

::

    thresholds ──▶ alerts ─────────────▶ services/prometheus/rules/stemedb.rules.yml
        │                                                                              ``make dashboards`` writes them,
        └────────▶ replication ┐                                                       ``make check`` holds them to it
                   replica     ├─ panels ─▶ services/grafana/dashboards/*.json
                   analysis    ┘

A number from which on somebody is woken is the number where a panel turns red, because both come from ``thresholds``. Nothing here
runs in production: Prometheus and Grafana read the files.
"""
