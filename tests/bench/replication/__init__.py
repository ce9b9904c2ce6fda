"""Replication by several systems under one load: ``python -m bench.replication``."""
