"""``stemedb sync``: what an operator may want of the sync service, and the proof that it holds against a peer.

| action | does |
|---|---|
| now | asks every peer, or the one named, what is new; ``--tree`` compares the maps as well |
| pause, resume | stops taking from peers, through restarts too, and starts it again; what they ask of us is answered all the time |
| readmit PEER | follows a peer again that was set aside, from the beginning of its log |
| evidence PEER | shows what it did: the files with both of its signatures, verified here and now |
"""

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from stemedb.cli import exits
from stemedb.cli.peers import COLUMNS, peer_facts, peer_rows, summary
from stemedb.cli.session import Session
from stemedb.errors import InvalidRequest, NotFound

if TYPE_CHECKING:
    from stemedb.bus.messages import ControlReply, PeerStatus

NEEDS_PEER: Final = frozenset({"readmit", "evidence"})
TAKES_PEER: Final = NEEDS_PEER | {"now"}


class Action(StrEnum):
    """What can be asked for."""

    NOW = "now"
    PAUSE = "pause"
    RESUME = "resume"
    READMIT = "readmit"
    EVIDENCE = "evidence"


def sync(
    context: typer.Context,
    action: Annotated[Action, typer.Argument(help="What to do.")],
    peer: Annotated[str | None, typer.Argument(metavar="PEER", help="Which peer.")] = None,
    *,
    tree: Annotated[
        bool, typer.Option("--tree", help="With now: compare the maps, not only the logs.")
    ] = False,
) -> None:
    """Tell the sync service of the replica what to do: now, pause, resume, readmit PEER, evidence PEER.

    The answer is the state of all peers once it is done. `evidence` looks into the data directory and shows what
    each file there proves; give such a file to anybody, and they can check it with `stemedb verify`.
    """
    session = Session.of(context)
    if action in NEEDS_PEER and peer is None:
        raise InvalidRequest("PEER", f"name the peer: stemedb sync {action} PEER")
    if peer is not None and action not in TAKES_PEER:
        raise InvalidRequest("PEER", f"{action} is about all peers")
    if tree and action is not Action.NOW:
        raise InvalidRequest("tree", "goes with `sync now`")
    reply = asyncio.run(_ask(session, action, peer, tree=tree))
    if action is Action.EVIDENCE:
        _show_evidence(session, next((one for one in reply.peers if one.replica == peer), None), str(peer))
        return
    output = session.output
    if output.as_json:
        output.record({"replica": reply.replica, "paused": reply.paused, "peers": peer_facts(reply)})
        return
    if reply.peers:
        output.records(peer_rows(reply), COLUMNS)
    output.note(summary(reply))


def _show_evidence(session: Session, peer: "PeerStatus | None", name: str) -> None:
    from stemedb.merkle.evidence import verify

    if peer is None:
        raise exits.with_hint(
            NotFound(f"no peer {name!r}"), "see `stemedb status` for the peers that are known"
        )
    output = session.output
    if not peer.evidence:
        output.note(f"nothing speaks against {name}")
        return
    folder = session.home / "sync" / "evidence"
    for number, file in enumerate(peer.evidence):
        path = folder / file
        if not path.exists():
            raise exits.with_hint(
                NotFound(f"{path}: not here"),
                "run it beside the replica, and name its data directory with --data DIR",
            )
        found = verify(path.read_bytes(), trusted_key=peer.key)
        if output.as_json:
            output.record({"file": str(path), "kind": found.kind, "replica": found.replica, "key": found.key})
            continue
        if number:
            output.text()
        output.text(f"{path}: {found.kind}")
        for sentence in found.established:
            output.text(f"  ✓ {sentence}")


async def _ask(session: Session, action: Action, peer: str | None, *, tree: bool) -> "ControlReply":
    from stemedb.bus.messages import ControlRequest

    asked = "peers" if action is Action.EVIDENCE else action.value
    fields = {"action": asked, "peer": None if action is Action.EVIDENCE else peer, "tree": tree or None}
    async with await session.connect() as client:
        return await client.control(
            ControlRequest.model_validate(
                {name: value for name, value in fields.items() if value is not None}
            )
        )
