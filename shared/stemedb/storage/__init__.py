"""Durable files and the directory of one replica; the only package, with the log, that touches the disk."""

from stemedb.storage.replica import ReplicaDirectory

__all__ = ["ReplicaDirectory"]
