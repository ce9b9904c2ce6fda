"""Exit codes of the commands that give a verdict on code: what a script or a pipeline goes by.

They have codes of their own, since their answer is a verdict: a program that falls over must not look like one that found something.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

from stemedb.cli import exits
from stemedb.cli.session import Session
from stemedb.errors import InvalidInput, InvalidRequest, NotFound, Refused, StemeError, TamperedPack

CLEAN: Final = 0
"""No finding that blocks."""
BLOCKED: Final = 1
"""At least one."""
USAGE: Final = 2
"""The command line, or a file that it names, is not right."""
NOTHING: Final = 3
"""No file was scanned, so nothing can be said."""
INTERNAL: Final = 4
"""The scan could not be carried out."""


@contextmanager
def verdict(session: Session) -> Iterator[None]:
    """Turn whatever goes wrong inside into `USAGE` or `INTERNAL`, with its message; never into `BLOCKED`."""
    try:
        yield
    except (typer.Exit, InvalidRequest, BrokenPipeError):
        raise
    except (InvalidInput, NotFound, Refused, TamperedPack) as error:
        raise exits.with_hint(InvalidRequest("", error.message), _hint(error)) from None
    except StemeError as error:
        session.output.fail(error.message, exits.hint(error))
        raise typer.Exit(INTERNAL) from None
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        session.output.fail(
            f"{place}{error.strerror or error}",
            "check that the path exists and that you may read and write it",
        )
        raise typer.Exit(INTERNAL) from None
    except Exception as error:
        session.output.fail(
            f"the scan failed: {type(error).__name__}: {error}",
            "this is a fault of ours; try --jobs 1 --no-cache",
        )
        raise typer.Exit(INTERNAL) from error


def conclude(session: Session, *, is_empty: bool, blocking: int, failed: int = 0) -> None:
    """End with the code that a verdict has; returns if nothing blocks. A file that brings a scan to grief passes nothing: `failed` of them end it with 4."""
    if blocking:
        raise typer.Exit(BLOCKED)
    if failed:
        session.output.fail(
            f"{failed} file{'s' * (failed > 1)} could not be scanned",
            "the lines above name them, and what happened",
        )
        raise typer.Exit(INTERNAL)
    if is_empty:
        session.output.fail(
            "nothing was scanned",
            "nothing there is in a language that is read; the lines above say what was passed over",
        )
        raise typer.Exit(NOTHING)


def _hint(error: StemeError) -> str:
    """Return what to do: what the error itself says; of its kinds only a pack has advice that holds for a scan."""
    notes: list[str] = getattr(error, "__notes__", [])
    return exits.hint(error) if notes or isinstance(error, TamperedPack) else "the message names the place"
