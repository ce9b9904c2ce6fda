"""What a scan is held against: rules, authorities and a project's own files, found and loaded."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stemedb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stemedb_analysis.model import Authority, Refused
    from stemedb_analysis.project.baseline import Baseline
    from stemedb_analysis.project.examine import Standards
    from stemedb_analysis.report.model import Card
    from stemedb_analysis.walk import Place

DIRECTORY = ".stemedb"


def wants_replica(context: typer.Context) -> bool:
    """Whether the command line names a replica; the environment alone does not ask a scan to wait for one."""
    source = context.find_root().get_parameter_source("replica")
    return source is not None and source.name == "COMMANDLINE"


def authorities_of(place: "Place", shipped: "Sequence[Authority] | None" = None) -> "list[Authority]":
    """Return whom a project is held to; `shipped` stand in for those of the corpus."""
    from stemedb_analysis import corpus, registry
    from stemedb_analysis.project import claims, packs

    concepts = registry.shipped()
    own = claims.load(place.root / DIRECTORY, concepts)
    return [
        *(corpus.load() if shipped is None else shipped),
        *(
            one
            for pack in packs.load(place.root / DIRECTORY, concepts)
            for one in pack.authorities(concepts).authorities
        ),
        *(claim.authority(place.project) for claim in own.active if not claim.files),
    ]


def claims_of(place: "Place") -> "list[Authority]":
    """Return all claims of a project, those about some files too."""
    from stemedb_analysis import registry
    from stemedb_analysis.project import claims

    own = claims.load(place.root / DIRECTORY, registry.shipped())
    return [claim.authority(place.project) for claim in own.active]


def load(
    place: "Place",
    rules: "Mapping[str, Card]",
    baseline: "Baseline | None",
    authorities: "Sequence[Authority] | None" = None,
    refused: "Sequence[Refused]" = (),
) -> "Standards":
    """Return what a project is held to: by `authorities`, or those of `authorities_of`; `refused` are a replica's that cannot be read."""
    from stemedb_analysis import registry
    from stemedb_analysis.project import acknowledge, claims, packs
    from stemedb_analysis.project.examine import Standards

    concepts = registry.shipped()
    own = claims.load(place.root / DIRECTORY, concepts)
    imported = packs.load(place.root / DIRECTORY, concepts)
    return Standards(
        registry=concepts,
        rules=rules,
        authorities=authorities_of(place) if authorities is None else authorities,
        aliases=dict(own.aliases)
        | {path: means for pack in imported for path, means in pack.aliases.items()},
        acknowledgements=[
            *acknowledge.load(place.root / DIRECTORY),
            *(one for pack in imported for one in pack.acknowledgements),
        ],
        baseline=baseline,
        refused=[*refused, *(one for pack in imported for one in pack.authorities(concepts).refused)],
    )


def load_baseline(root: Path, file: Path | None) -> "Baseline":
    """Return a project's baseline. Raises `InvalidRequest` if there is none."""
    from stemedb_analysis.project import baseline

    path = file or root / DIRECTORY / baseline.NAME
    if not path.exists():
        raise InvalidRequest("--baseline", f"{path} is not there; record one with `stemedb baseline`")
    return baseline.load(path)
