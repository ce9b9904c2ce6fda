"""StemeDB: a replicated, tamper-evident store of assertions."""

__version__ = "0.1.0"
