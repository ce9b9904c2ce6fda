"""The linter's commands of `stemedb`. What a command needs it imports when it runs."""

import typer

from stemedb_analysis.commands.keep import ack, baseline, diff
from stemedb_analysis.commands.knowledge import corpus_app, coverage, rules_app
from stemedb_analysis.commands.policy import claims_app, verify_with
from stemedb_analysis.commands.scan import scan
from stemedb_analysis.commands.sharing import markers_app, pack_app

__all__ = ["register"]

PANEL = "Check code"


def register(app: typer.Typer) -> None:
    """Add the linter's commands to `app`, and let ``verify`` without a file mean the project's claims."""
    for command in (scan, baseline, diff, ack, coverage):
        app.command(command.__name__, help=_flowing(command.__doc__ or ""), rich_help_panel=PANEL)(command)
    groups = {
        "rules": rules_app,
        "corpus": corpus_app,
        "claims": claims_app,
        "markers": markers_app,
        "pack": pack_app,
    }
    for name, group in groups.items():
        _flow(group)
        app.add_typer(group, name=name, rich_help_panel=PANEL)
    for registered in app.registered_commands:
        if registered.name == "verify" and registered.callback is not None:
            registered.callback = verify_with(registered.callback)
            registered.help = _flowing(registered.callback.__doc__ or "")


def _flow(group: typer.Typer) -> None:
    for registered in group.registered_commands:
        if registered.callback is not None:
            registered.help = _flowing(registered.callback.__doc__ or "")
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            _flow(inner.typer_instance)


def _flowing(text: str) -> str:
    """Return a docstring with each paragraph on one line, for a help that is wrapped to the terminal's width."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
