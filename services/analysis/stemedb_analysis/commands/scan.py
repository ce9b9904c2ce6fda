"""``stemedb scan``: what the code claims, held against what authorities say."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from stemedb.cli.session import Session
from stemedb.errors import InvalidRequest
from stemedb_analysis.commands import codes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.text import Text

    from stemedb.cli.output import Output
    from stemedb_analysis.report.model import Report

CODE: Final = " │ "
"""Stands before each line of code in a table."""
WIDTH_MIN: Final = 20
"""Of the lines that words are broken into, however narrow the terminal is."""


class Format(StrEnum):
    """How findings are written."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"
    MARKDOWN = "markdown"
    GITHUB = "github"
    HTML = "html"


def scan(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Files and directories (default: the working directory)."),
    ] = None,
    *,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="How findings are written.")
    ] = Format.TABLE,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the report there instead of standard output."
        ),
    ] = None,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Only what the project's baseline does not know counts.")
    ] = False,
    baseline_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="As --baseline, with a baseline that lies elsewhere.")
    ] = None,
    diff: Annotated[
        str | None,
        typer.Option(
            metavar="BASE", help="Only the lines that differ from BASE, a revision; or a range A..B or A...B."
        ),
    ] = None,
    staged: Annotated[
        bool, typer.Option("--staged", help="Only what is about to be committed, as it is in git's index.")
    ] = False,
    revision: Annotated[
        str | None,
        typer.Option(metavar="REV", help="The files of a revision, whatever the working tree holds."),
    ] = None,
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code/--no-exit-code", help="End with 1 if something blocks; --no-exit-code only tells."
        ),
    ] = True,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Processes at a time (default: one for each processor)."),
    ] = None,
    cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Use the results of earlier scans of the same bytes.")
    ] = True,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Show how scores come about, every opinion, what is contradicted and passes, and what met no authority.",
        ),
    ] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Show what took the time: by phase, language and rule.")
    ] = False,
    empty_ok: Annotated[
        bool,
        typer.Option(
            "--empty-ok", help="End with 0 where nothing was scanned, as after a change of texts alone."
        ),
    ] = False,
    publish: Annotated[
        bool, typer.Option("--publish/--no-publish", help="With --replica NAME: publish what was observed.")
    ] = True,
) -> None:
    """Check code and configuration against what authoritative sources say.

    Findings are contradictions, each with its citation: BLOCK forbids, FLAG asks for a look. The coverage is always told: files
    seen, scanned, passed over and why.

    With --replica NAME on the line, the replica's authority counts and the observations become assertions there; without it nothing
    but the files is needed.

    Exit codes: 0 no BLOCK, 1 at least one BLOCK, 2 usage, 3 nothing was scanned, 4 the scan failed.
    """
    session = Session.of(context)
    if sum((diff is not None, staged, revision is not None)) > 1:
        raise InvalidRequest("", "got more than one of --diff, --staged and --revision, want one")
    chosen = Format.JSON if session.output.as_json and format_ is Format.TABLE else format_
    with codes.verdict(session):
        from stemedb_analysis.commands.scanning import Wanted, report
        from stemedb_analysis.commands.standards import wants_replica

        wanted = Wanted(
            paths=tuple(paths or ()),
            baseline=baseline or baseline_file is not None,
            baseline_file=baseline_file,
            diff=diff,
            staged=staged,
            revision=revision,
            jobs=jobs,
            cache=cache and not profile,
            profile=profile,
            replica=session if wants_replica(context) else None,
            publish=publish,
        )
        made = report(wanted)
        show(session.output, made.report, chosen, output, explain=explain)
        for line in [*made.profile, *made.notes]:
            session.output.note(line)
        codes.conclude(
            session,
            is_empty=made.report.tally.is_empty and not empty_ok,
            blocking=made.report.blocking if exit_code else 0,
            failed=made.report.tally.failed,
        )


def show(output: "Output", report: "Report", chosen: Format, file: Path | None, *, explain: bool) -> None:
    """Write a report where it is wanted, and tell the coverage."""
    from stemedb_analysis.report import coverage, table

    if chosen is Format.TABLE:
        from stemedb_analysis.judge import explanation

        rows = list(table.rows(report, explain=explain))
        if explain:
            rows += [[(line, "dim")] for line in explanation().splitlines()]
        if file is None:
            _draw(output, rows)
        else:
            file.write_text("\n".join(table.plain(rows)) + "\n", encoding="utf-8")
        return
    text = _render(report, chosen, explain=explain)
    if file is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        file.write_text(text, encoding="utf-8")
    # The report is for a program or for later: whoever waits for the command is told the outcome all the same.
    output.note(coverage.summary_line(report))
    for line in coverage.lines(report):
        output.note(line)


def _render(report: "Report", chosen: Format, *, explain: bool) -> str:
    if chosen is Format.JSON:
        from stemedb_analysis.report import as_json

        return as_json.render(report, explain=explain)
    from stemedb_analysis.report import github, html, markdown, sarif

    renders = {
        Format.SARIF: sarif.render,
        Format.MARKDOWN: markdown.render,
        Format.GITHUB: github.render,
        Format.HTML: html.render,
    }
    return renders[chosen](report)


def _draw(output: "Output", rows: "list[list[tuple[str, str]]]") -> None:
    from stemedb.cli.output import printable

    if not output.terminal:
        for row in rows:
            output.text("".join(text for text, _ in row).rstrip())
        return
    from rich.text import Text

    for row in rows:
        pieces = (
            (printable(text) if "\t" not in text else text.replace("\t", "    "), style)
            for text, style in row
        )
        for line in _wrapped(Text.assemble(*pieces), output.console):
            output.console.print(line, soft_wrap=True)


def _wrapped(text: "Text", console: "Console") -> "Iterable[Text]":
    """Return a line as lines that fit, broken between words and indented as it is. Code, and what has no blanks, is left to the terminal."""
    indent = len(text.plain) - len(text.plain.lstrip())
    if text.cell_len <= console.width or CODE in text.plain or " " not in text.plain.strip():
        return [text]
    room = max(WIDTH_MIN, console.width - indent)
    return [text[:indent] + line for line in text[indent:].wrap(console, room)]
