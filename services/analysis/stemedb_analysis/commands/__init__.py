"""The linter's commands of `stemedb`."""

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the linter's commands to `app`."""
    del app
