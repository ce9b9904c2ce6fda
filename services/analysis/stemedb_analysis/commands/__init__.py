"""The linter's commands of `stemedb`. What a command needs it imports when it runs."""

import typer

from stemedb_analysis.commands.keep import ack, baseline, diff
from stemedb_analysis.commands.knowledge import corpus_app, coverage, rules_app
from stemedb_analysis.commands.scan import scan

__all__ = ["register"]

PANEL = "Check code"


def register(app: typer.Typer) -> None:
    """Add the linter's commands to `app`."""
    for command in (scan, baseline, diff, ack, coverage):
        app.command(command.__name__, help=_flowing(command.__doc__ or ""), rich_help_panel=PANEL)(command)
    for name, group in {"rules": rules_app, "corpus": corpus_app}.items():
        app.add_typer(group, name=name, rich_help_panel=PANEL)


def _flowing(text: str) -> str:
    """Return a docstring with each paragraph on one line, for a help that is wrapped to the terminal's width."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
