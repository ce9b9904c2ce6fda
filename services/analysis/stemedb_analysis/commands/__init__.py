"""The linter's commands of `stemedb`. What a command needs it imports when it runs."""

import typer

from stemedb_analysis.commands.scan import scan

__all__ = ["register"]

PANEL = "Check code"


def register(app: typer.Typer) -> None:
    """Add the linter's commands to `app`."""
    for name, command in {"scan": scan}.items():
        app.command(name, help=_flowing(command.__doc__ or ""), rich_help_panel=PANEL)(command)


def _flowing(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
