"""``stemedb demo``: the main job on real input, with a crash in the middle, in under a minute.

It is a story and a check at once: every step looks at what it claims, and one that does not hold ends the demo with
an error and an exit code other than 0. Everything happens in a temporary directory, on free ports of the
loopback interface, with the same processes that ``stemedb up`` runs.
"""

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from stemedb.cli import exits
from stemedb.cli.narration import Narrator
from stemedb.cli.session import Session
from stemedb.cli.story import DEFAULT_REPLICAS, REPLICA, Story
from stemedb.errors import Refused, StemeError


def demo(
    context: typer.Context,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the replica in this new or empty directory.")
    ] = None,
    replicas: Annotated[
        int, typer.Option(metavar="N", min=1, max=5, help="How many replicas the story is about.")
    ] = DEFAULT_REPLICAS,
) -> None:
    """Show the whole thing at work on real claims: three lenses, a proof, a crash; with several replicas also how they
    converge, go on apart, and mend a damaged file. Under a minute.
    """
    session = Session.of(context)
    with ExitStack() as stack:
        if keep is None:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stemedb-demo-")))
        elif keep.exists() and any(keep.iterdir()):
            raise exits.with_hint(Refused(f"{keep}: is not empty"), "choose a new directory")
        else:
            data = keep.resolve()
        narrator = Narrator(session.output)
        story = Story(narrator, data, replicas)
        try:
            asyncio.run(story.tell())
            story.afterwards()
        except StemeError as error:
            again = "run it again with `--keep DIR`, and read DIR/run/*.log"
            raise exits.with_hint(error, again if keep is None else f"read {data}/run/*.log") from None
    if session.output.as_json:
        session.output.record({**story.figures, "seconds": round(narrator.seconds, 1)})
        return
    kept = (
        f"look around with `stemedb up{story.options} --replica {REPLICA} --data {keep}`"
        if keep
        else "its temporary directory is gone"
    )
    narrator.title(f"Everything held, in {narrator.seconds:.1f} s; {kept}.")
