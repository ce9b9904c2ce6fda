"""The demo's chapters on one claim: contradicted, resolved through lenses, proven to somebody who trusts nobody."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stemedb.cli import exits
from stemedb.cli.narration import Narrator, require
from stemedb.cli.output import bytes_text
from stemedb.cli.plan import HOST, Site
from stemedb.cli.reading import tier_text, value_text

if TYPE_CHECKING:
    from stemedb.bus.client import Client
    from stemedb.bus.messages import Receipt

LENSES: Final = ("authority", "votes", "skeptic")
INVENTED: Final = (
    ("Apache-2.0", 0.9, 2, "vendor-handbook"),
    ("CC0-1.0", 0.8, 0, "court-ruling"),
    ("GPL-3.0-only", 0.6, 5, "forum-thread"),
)
"""Value, confidence, tier, agent: the strongest source and the loudest crowd say different things."""
VOTES: Final = 5


@dataclass(slots=True)
class Dispute:
    """The chapters. Owned by the story."""

    narrator: Narrator
    clients: "Sequence[Client]"
    """Of every replica; the first one is asked."""
    site: Site
    """Of the first one."""
    folder: Path
    """Where the proof is put."""
    promised: set[str]
    """Ids with a receipt: the story's own."""
    figures: dict[str, object] = field(default_factory=dict)

    async def contradict(self, subject: str) -> None:
        """Publish three invented claims about ``subject``, and votes on two of them, at different replicas if there are any."""
        for real in await self._claims(subject):
            self._tell_claim(real, "its own metadata")
        claims = [_claim(subject, *invented) for invented in INVENTED]
        _vendor, court, forum = [
            (await self._append(number, [claim]))[0].id for number, claim in enumerate(claims)
        ]
        await self._append(0, [_vote(forum, f"reader-{number}", 1) for number in range(VOTES)])
        await self._append(1, [_vote(court, "reader-0", -1)])
        for invented, heard in zip(INVENTED, ("", "1 vote against", f"{VOTES} votes for"), strict=True):
            self._tell_claim(_claim(subject, *invented), heard)

    def _tell_claim(self, claim: dict[str, Any], detail: str) -> None:
        value = value_text(claim["object"])
        figures = f"{value:<24} confidence {claim['confidence']:<6}{claim['agent']:<15}"
        self.narrator.fact(tier_text(claim["source"]["tier"]), figures, detail)

    async def ask(self, subject: str) -> str:
        """Ask through every lens; returns the id of the claim that the authority lens picks."""
        answers = await self._resolutions(self.clients[0], subject)
        for answer in answers.values():
            self._tell_resolution(answer)
        require(_value(answers["authority"]) == "CC0-1.0", "authority did not follow the strongest source")
        require(_value(answers["votes"]) == "GPL-3.0-only", "votes did not follow the votes")
        require(answers["skeptic"]["winner"] is None, "the skeptic picked something")
        require(answers["skeptic"]["disagreement"] > 0, "the skeptic saw no disagreement")
        self.figures["lenses"] = {name: _value(answer) for name, answer in answers.items()}
        return str(answers["authority"]["winner"])

    async def _resolutions(self, client: "Client", subject: str) -> dict[str, dict[str, Any]]:
        from stemedb.bus.messages import QueryRequest

        size = (await client.status()).size
        answers: dict[str, dict[str, Any]] = {}
        for name in LENSES:
            request = QueryRequest(
                subject=subject, predicate="license", lens=name, wait_size=size, timeout_ms=8000
            )
            (group,) = (await client.query(request)).groups
            assert group.resolution is not None
            answers[name] = group.resolution
        return answers

    async def agree(self, subject: str) -> None:
        """Ask the other replicas the same; raises `Fatal` if one of them answers something else."""
        own = await self._resolutions(self.clients[0], subject)
        for other in self.clients[1:]:
            theirs = await self._resolutions(other, subject)
            agreed = [theirs[name]["winner"] == own[name]["winner"] for name in LENSES]
            require(all(agreed), f"{other.subjects.replica} answers something else")

    def _tell_resolution(self, resolution: dict[str, Any]) -> None:
        value = _value(resolution)
        verdict = "picks nothing" if value is None else value
        figures = f"score {resolution['score']:.3g}, " if value is not None else ""
        self.narrator.fact(
            resolution["lens"], verdict, f"{figures}disagreement {resolution['disagreement']:.2f}"
        )
        self.narrator.aside(resolution["formula"])

    async def prove(self, identity: str) -> None:
        """Have a claim proven to another process, and a forged copy of the proof refused by it."""
        from stemedb.bus.messages import ProveRequest
        from stemedb.statements import public_key
        from stemedb.storage.replica import ReplicaDirectory

        narrator = self.narrator
        size = (await self.clients[0].status()).size
        proof = (
            await self.clients[0].prove(ProveRequest(id=identity, wait_size=size, timeout_ms=8000))
        ).proof
        file = self.folder / "claim.proof"
        file.write_text(json.dumps(proof, indent=1) + "\n", encoding="utf-8")
        path, nodes = len(proof["log"]["path"]), len(proof["map"]["nodes"])
        size_text = bytes_text(file.stat().st_size)
        narrator.fact(
            "proof",
            f"{file.name}, {size_text}",
            f"{path} digests to the log root, {nodes} nodes to the map root",
        )
        key = public_key(ReplicaDirectory.open(self.site.data).seed)
        code, words = await _verify(file, key)
        require(code == exits.OK, f"the proof does not verify: {words}")
        narrator.holds("verified by another process: no server, only the file and the replica's public key")
        forged = self.folder / "forged.proof"
        text = file.read_text(encoding="utf-8")
        forged.write_text(text.replace("CC0-1.0", "MIT-0.0", 1), encoding="utf-8")
        require(forged.read_text(encoding="utf-8") != text, "nothing was forged")
        code, words = await _verify(forged, key)
        require(code == exits.WRONG, "a forged proof was believed")
        narrator.holds("one word changed in a copy: refused")
        narrator.aside(words.removeprefix("error: "))

    async def _claims(self, subject: str) -> list[dict[str, Any]]:
        from stemedb.bus.messages import QueryRequest

        page = await self.clients[0].query(QueryRequest(subject=subject, predicate="license"))
        return [claim.statement for claim in page.claims]

    async def _append(self, number: int, statements: list[dict[str, Any]]) -> "tuple[Receipt, ...]":
        client = self.clients[number % len(self.clients)]
        reply = await client.append(b"\n".join(json.dumps(statement).encode() for statement in statements))
        require(not reply.errors, f"rejected: {reply.errors}")
        self.promised.update(receipt.id for receipt in reply.receipts)
        return reply.receipts


def _claim(subject: str, value: str, confidence: float, tier: int, agent: str) -> dict[str, Any]:
    return {
        "kind": "assertion",
        "subject": subject,
        "predicate": "license",
        "object": {"type": "text", "value": value},
        "confidence": confidence,
        "source": {"tier": tier, "uri": f"demo:{agent}"},
        "lifecycle": "approved",
        "agent": agent,
    }


def _vote(assertion: str, agent: str, weight: int) -> dict[str, Any]:
    return {"kind": "vote", "assertion": assertion, "agent": agent, "weight": weight}


def _value(resolution: dict[str, Any]) -> str | None:
    return None if resolution["value"] is None else value_text(resolution["value"])


async def _verify(file: Path, key: str) -> tuple[int, str]:
    """Run ``stemedb verify`` as somebody else would: another process, told of no server. Returns code and last words."""
    command = [sys.executable, "-m", "stemedb.cli", "verify", str(file), "--key", key]
    environment = {**os.environ, "STEMEDB_NATS_URL": f"nats://{HOST}:1"}
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, (errors.decode().splitlines() or [""])[0]
