"""The ``stemedb`` command: a thin skin over the library, one file per command or small family."""

from stemedb.cli.app import main

__all__ = ["main"]
