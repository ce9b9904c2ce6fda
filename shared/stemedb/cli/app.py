"""The command line itself: the commands, the options they share, and the one place where errors become words.

Global options may stand anywhere on the line (``stemedb query --json …`` and ``stemedb --json query …`` are the
same): :func:`read` moves them in front before the line is parsed.

Installed distributions may bring commands of their own: each entry point of the group `COMMANDS` names a function that
takes the application and adds to it.

Every command is a plain function in a file of its own, which is imported when the line names it; a line that names none of
ours gets all of them, for the help. What a command needs beyond this package (NATS, LMDB, Rich) it imports when it runs:
nobody waits for what he does not use.
"""

import os
import sys
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Final

import typer

from stemedb.cli import exits
from stemedb.cli.output import Output
from stemedb.cli.session import DEFAULT_DATA, DEFAULT_NATS_URL, DEFAULT_REPLICA, Session
from stemedb.errors import InvalidRequest, StemeError

FLAGS: Final = frozenset({"--json"})
COMMANDS: Final = "stemedb.commands"
"""Entry points that add commands."""

VALUED: Final = frozenset({"--nats", "--replica", "--data"})

PANELS: Final[dict[str, dict[str, str]]] = {
    "Run": {"up": "up", "status": "status", "watch": "watch", "sync": "sync", "demo": "demo"},
    "Write": {"publish": "publish", "vote": "publish", "epoch": "publish", "import": "importing"},
    "Read": {"query": "query", "get": "query", "prove": "prove", "verify": "prove"},
    "Look after": {
        "backup": "backups",
        "restore": "backups",
        "fsck": "maintenance",
        "rebuild": "maintenance",
        "compact": "maintenance",
        "dump": "dump",
        "keygen": "keygen",
    },
}
"""Every command under its heading in the help, with the module of this package that its function stands in."""


OURS: Final = frozenset(name for commands in PANELS.values() for name in commands)


@cache
def application(command: str = "") -> typer.Typer:
    """Return the command line with what `command` needs; with everything if it is no command."""
    if command in OURS:
        return _built({command})
    added = _built(frozenset())
    return added if command in names(added) else _built(OURS)


def session(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON for programs.")] = False,
    nats: Annotated[
        str, typer.Option("--nats", metavar="URL", envvar="STEMEDB_NATS_URL", help="The NATS server.")
    ] = DEFAULT_NATS_URL,
    replica: Annotated[
        str, typer.Option("--replica", metavar="NAME", envvar="STEMEDB_REPLICA", help="The replica's name.")
    ] = DEFAULT_REPLICA,
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", envvar="STEMEDB_DATA_DIR", help="Its data directory.")
    ] = DEFAULT_DATA,
) -> None:
    """StemeDB: claims with provenance, kept beside those that contradict them, and provable.

    Global options may stand anywhere on the line.
    """
    context.obj = Session(Output(as_json=as_json), nats, replica, data)


def flowing(text: str) -> str:
    """Return a docstring with each paragraph on one line, for a help that is wrapped to the terminal's width."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; every typed error becomes two lines on standard error."""
    line, command = read(sys.argv[1:] if arguments is None else arguments)
    output = Output(as_json="--json" in line)
    app = application(command)
    if command not in names(app):
        command = ""
    help_line = f"see `stemedb {command} --help`".replace("  ", " ")
    try:
        code = app(line, prog_name="stemedb", standalone_mode=False)
        output.flush()
    except typer.TyperException as error:
        output.fail(_lower(error.format_message()), help_line)
        return error.exit_code
    except InvalidRequest as error:
        output.fail(error.message, exits.hint(error) or help_line)
        return exits.USAGE
    except typer.Abort:
        return exits.INTERRUPTED
    except StemeError as error:
        output.fail(error.message, exits.hint(error))
        return exits.exit_code(error)
    except (BrokenPipeError, SystemExit):
        # The reader of our output (head, less) has seen enough; SystemExit is how typer says the same. Nothing may
        # be written any more, not even by the interpreter on its way out.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - it stays open to the end
        return exits.OK
    except OSError as error:
        output.fail(_os_message(error), "check that the path exists and that you may read and write it")
        return exits.REFUSED
    return code if isinstance(code, int) else exits.OK


def read(arguments: Sequence[str]) -> tuple[list[str], str]:
    """Return the line with its global options moved in front, and its first other word: a command's name, if it is right.

    What follows ``--`` stays where it is.
    """
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in FLAGS or ("=" in word and word.partition("=")[0] in VALUED):
            front.append(word)
        elif word in VALUED:
            front += [word, *(value for value in [next(words, None)] if value is not None)]
        else:
            rest.append(word)
    return front + rest, rest[0] if rest else ""


def names(app: typer.Typer) -> set[str]:
    """Return the names of the commands of `app` and of its groups of commands."""
    commands = {command.name for command in app.registered_commands}
    groups = {group.name for group in app.registered_groups}
    return {name for name in commands | groups if isinstance(name, str)}


def _built(ours: AbstractSet[str]) -> typer.Typer:
    """Return an application with these commands of ours, and those of installed distributions."""
    app = typer.Typer(
        name="stemedb",
        no_args_is_help=True,
        add_completion=False,
        epilog=exits.epilogue(),
        context_settings={"help_option_names": ["-h", "--help"]},
        pretty_exceptions_enable=False,
    )
    app.callback()(session)
    for panel, commands in PANELS.items():
        for name in [name for name in commands if name in ours]:
            function = _function(name, commands[name])
            app.command(name, help=flowing(function.__doc__ or ""), rich_help_panel=panel)(function)
    for entry in sorted(entry_points(group=COMMANDS), key=lambda one: one.name):
        entry.load()(app)
    return app


def _function(name: str, module: str) -> Callable[..., None]:
    function: Callable[..., None] = getattr(
        import_module(f"stemedb.cli.{module}"), name if name != "import" else "import_"
    )
    return function


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:].rstrip(".")


def _os_message(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}".lower() if not place else f"{place}{error.strerror}"
