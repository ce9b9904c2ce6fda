"""``stemedb claims alias``: what a project calls a path of the registry."""

from pathlib import Path
from typing import Annotated

import typer

from stemedb.cli import exits
from stemedb.cli.session import Session
from stemedb.errors import InvalidInput, InvalidRequest, NotFound
from stemedb_analysis.commands.standards import DIRECTORY

alias_app = typer.Typer(
    no_args_is_help=True, help="Paths that mean one of the registry here, in the same file."
)

ProjectOption = Annotated[Path, typer.Option("--project", metavar="DIR", help="The project.")]
PathArgument = Annotated[str, typer.Argument(metavar="PATH", help="What it is called here.")]


@alias_app.command("add")
def add(
    context: typer.Context,
    path: PathArgument,
    means: Annotated[str, typer.Argument(metavar="MEANS", help="The path of the registry that it means.")],
    project: ProjectOption = Path(),
) -> None:
    """Call a path of the registry by another name: claims of this project may use it, and packs carry it along."""
    from stemedb_analysis import registry
    from stemedb_analysis.project import claims
    from stemedb_analysis.walk import locate

    try:
        claims.alias(locate([project]).root / DIRECTORY, path, means, registry.shipped())
    except InvalidInput as error:
        raise InvalidRequest("", error.message) from None
    Session.of(context).output.note(f"{path} means {means} from now on")


@alias_app.command("list")
def list_(context: typer.Context, project: ProjectOption = Path()) -> None:
    """Show the aliases, each with what it means and where it comes from: the project itself or a pack."""
    from stemedb_analysis import registry
    from stemedb_analysis.project import claims, packs
    from stemedb_analysis.walk import locate

    directory = locate([project]).root / DIRECTORY
    own = claims.load(directory, registry.shipped()).aliases
    rows = [
        *({"path": path, "means": means, "from": claims.NAME} for path, means in own),
        *(
            {"path": path, "means": means, "from": f"{pack.name}{packs.SUFFIX}"}
            for pack in packs.load(directory, registry.shipped())
            for path, means in sorted(pack.aliases.items())
        ),
    ]
    Session.of(context).output.records(rows, ("path", "means", "from"))


@alias_app.command("remove")
def remove(context: typer.Context, path: PathArgument, project: ProjectOption = Path()) -> None:
    """Let a name mean nothing any more. Refused while a claim of the project uses it."""
    from stemedb_analysis import registry
    from stemedb_analysis.nearest import hint
    from stemedb_analysis.project import claims
    from stemedb_analysis.walk import locate

    directory = locate([project]).root / DIRECTORY
    known = dict(claims.load(directory, registry.shipped()).aliases)
    if path not in known:
        missing = NotFound(f"there is no alias {path!r:.80}{hint(path, known)}")
        raise exits.with_hint(
            missing, "`stemedb claims alias list` shows them; those of packs go with the pack"
        )
    try:
        claims.unalias(directory, path, registry.shipped())
    except InvalidInput as error:
        raise InvalidRequest("", error.message) from None
    Session.of(context).output.note(f"{path} means {known[path]} no more")
