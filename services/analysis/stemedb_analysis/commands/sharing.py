"""``stemedb markers`` and ``pack``: claims that wait in comments, and claims that travel between projects."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stemedb.cli import exits
from stemedb.cli.publish import AgentOption, read_seed
from stemedb.cli.session import Session
from stemedb.errors import InvalidInput, InvalidRequest, NotFound, Refused
from stemedb_analysis.commands.standards import DIRECTORY

if TYPE_CHECKING:
    from stemedb_analysis.project.markers import Marker
    from stemedb_analysis.walk import Place

markers_app = typer.Typer(no_args_is_help=True, help="Claims in comments: @stemedb:claim[category] text.")
pack_app = typer.Typer(
    no_args_is_help=True, help="Signed policy packs: claims, acknowledgements and aliases."
)

ProjectOption = Annotated[Path, typer.Option("--project", metavar="DIR", help="The project.")]
MarkerArgument = Annotated[
    str, typer.Argument(metavar="MARKER", help="Its id, the beginning of it, or FILE:LINE.")
]


@markers_app.command("list")
def markers_list(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that were formalised or rejected.")
    ] = False,
    project: ProjectOption = Path(),
) -> None:
    """Show the markers that nobody has looked at yet."""
    _, found = _markers(project)
    rows = (
        {**one._asdict(), "place": f"{one.file}:{one.line}"} for one in found if everything or one.is_open
    )
    Session.of(context).output.records(rows, ("id", "place", "category", "text", "state"))


@markers_app.command("formalise")
def markers_formalise(
    context: typer.Context,
    marker: MarkerArgument,
    name: Annotated[str, typer.Argument(metavar="ID", help="What the claim shall be called.")],
    path: Annotated[str, typer.Argument(help="The path, from the registry.")],
    predicate: Annotated[str, typer.Argument(help="The predicate.")],
    *,
    value: Annotated[list[str] | None, typer.Option("--value", help="What is claimed.")] = None,
    comparison: Annotated[str, typer.Option(help="How it is compared (default: the registry's).")] = "",
    project: ProjectOption = Path(),
) -> None:
    """Make a claim of a marker: its text is the reason, its category the category."""
    from stemedb_analysis import registry
    from stemedb_analysis.project import claims

    place, found = _markers(project)
    one = _one(found, marker)
    try:
        wanted, typed = claims.demand(registry.shipped(), path, predicate, comparison, value or ())
        claim = claims.Claim(
            name,
            path,
            predicate,
            wanted,
            typed,
            one.text or one.category,
            category=one.category,
            marker=one.id,
        )
        if claims.load(place.root / DIRECTORY, registry.shipped()).find(name):
            raise InvalidRequest("ID", f"there is a claim {name}")
        claims.write(place.root / DIRECTORY, claim, registry.shipped())
    except InvalidInput as error:
        raise InvalidRequest("", error.message) from None
    Session.of(context).output.note(f"{one.file}:{one.line}: formalised as {name}")


@markers_app.command("reject")
def markers_reject(
    context: typer.Context,
    marker: MarkerArgument,
    *,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why it is no claim.")],
    project: ProjectOption = Path(),
) -> None:
    """Record that a marker is no claim, and why."""
    from stemedb_analysis.project import claims

    place, found = _markers(project)
    one = _one(found, marker)
    if one.state.startswith("formalised"):
        raise InvalidRequest("MARKER", f"{one.file}:{one.line} is {one.state}; deprecate that claim instead")
    claims.reject(place.root / DIRECTORY, one.id, reason)
    Session.of(context).output.note(f"{one.file}:{one.line}: rejected")


@pack_app.command("export")
def pack_export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where the pack goes.")],
    *,
    sign_with: Annotated[
        Path, typer.Option("--sign-with", metavar="SEED", help="The key that signs it; see `stemedb keygen`.")
    ],
    name: Annotated[str, typer.Option(help="What the pack is called (default: the project's name).")] = "",
    project: ProjectOption = Path(),
    agent: AgentOption = None,
) -> None:
    """Write the project's claims, acknowledgements and aliases into one signed file."""
    from stemedb_analysis import registry
    from stemedb_analysis.project import acknowledge, claims, packs
    from stemedb_analysis.walk import locate

    place = locate([project])
    # The pack is signed, its statements are not, and an agent that is a key would have to sign each.
    who = agent or f"team-{place.project}"
    own = claims.load(place.root / DIRECTORY, registry.shipped())
    statements = [
        *(claims.assertion(claim, place.project, who) for claim in own.active),
        *(one.assertion for one in acknowledge.statements(place.root / DIRECTORY)),
        *(packs.alias(place.project, path, means, who) for path, means in own.aliases),
    ]
    try:
        data = packs.encode(name or place.project.lower(), statements, read_seed(sign_with))
    except ValueError as error:
        raise InvalidRequest("--name", str(error)) from None
    file.write_bytes(data)
    Session.of(context).output.note(
        f"{file}: {len(statements)} statements, signed by {packs.decode(data).key}"
    )


@pack_app.command("import")
def pack_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The pack.")],
    *,
    key: Annotated[
        str | None, typer.Option(metavar="U…", help="The public key that it must be signed by.")
    ] = None,
    project: ProjectOption = Path(),
) -> None:
    """Check a pack and take it into the project: from now on its claims are policy here. What it holds is told."""
    from stemedb_analysis import registry
    from stemedb_analysis.project import packs
    from stemedb_analysis.walk import locate

    session = Session.of(context)
    data = file.read_bytes()
    pack = packs.decode(data, str(file))
    if key is None:
        raise exits.with_hint(
            Refused(f"{file}: is signed by {pack.key}, which nobody has said to trust"),
            f"compare it with the key that its author gave you, then import the pack with --key {pack.key}",
        )
    if pack.key != key:
        raise exits.with_hint(
            Refused(f"{file}: is signed by {pack.key}, want {key}"),
            "do not use this pack: ask its author which key is theirs",
        )
    pack.check(registry.shipped(), str(file))
    reading = pack.authorities(registry.shipped())
    folder = locate([project]).root / DIRECTORY / packs.DIRECTORY
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{pack.name}{packs.SUFFIX}").write_bytes(data)
    session.output.record(
        {
            "name": pack.name,
            "key": pack.key,
            "authorities": len(reading.authorities),
            "acknowledgements": len(pack.acknowledgements),
            "aliases": len(pack.aliases),
            "left_out": dict(reading.left_out),
        }
    )


def _markers(project: Path) -> "tuple[Place, list[Marker]]":
    from stemedb_analysis import registry
    from stemedb_analysis.commands.scanning import Wanted, report
    from stemedb_analysis.project import claims
    from stemedb_analysis.project.markers import markers
    from stemedb_analysis.walk import locate

    place = locate([project])
    made = report(Wanted(paths=(place.root,)))
    return place, markers(made.scan.notes, claims.load(place.root / DIRECTORY, registry.shipped()))


def _one(found: "list[Marker]", wanted: str) -> "Marker":
    from stemedb_analysis.project.markers import find

    chosen = find(found, wanted)
    if len(chosen) != 1:
        raise NotFound(
            f"got {wanted!r:.80}, which means {len(chosen)} markers; `stemedb markers list` shows them"
        )
    return chosen[0]
