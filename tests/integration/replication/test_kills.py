"""Services killed at random moments while everybody writes: what was acknowledged is everywhere in the end.

The seed decides who is killed and when; `make soak` kills for minutes. Another seed: STEMEDB_TEST_SEED.
"""

import asyncio
import os
import random
from itertools import count

from stemedb.errors import StemeError
from support.effort import FACTOR, examples
from support.fleet import claims, fleet_at
from support.replicas import SERVICES

SEED = int(os.environ.get("STEMEDB_TEST_SEED", "20261120"))
NAMES = ["a", "b", "c"] if FACTOR > 1 else ["a", "b"]
BATCH = 10
WRITE_GAP_S = 0.05
DOWN_S_MAX = 0.4
UP_S_MAX = 0.8


async def test_what_was_acknowledged_survives_kill_9_of_every_service(own_nats, tmp_path):
    async with fleet_at(dict.fromkeys(NAMES, own_nats.url), tmp_path) as fleet:
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for number, name in enumerate(NAMES):
                # Neighbours' ranges overlap: the same claims are told at two places.
                group.create_task(_write(fleet, name, number * 500, over))
            await _kill(fleet, random.Random(SEED))
            over.set()
        for site in fleet.sites.values():
            await site.ready()
        assert len(fleet.acknowledged) > BATCH * len(NAMES)
        await fleet.settled(deadline_s=120)


async def _kill(fleet, rng):
    never = asyncio.Event()
    for round_ in range(examples(6)):
        # Each service has its turn, in an order of the seed's.
        site, service = fleet[rng.choice(NAMES)], SERVICES[(round_ + rng.randrange(2)) % 3]
        site.kill(service)
        await _pause(never, rng.uniform(0, DOWN_S_MAX))
        site.launch(service)
        await _pause(never, rng.uniform(0, UP_S_MAX))


async def _write(fleet, name, start, over):
    """Write until it is over; a batch that was not acknowledged is told again, since nobody knows what became of it."""
    for at in count(start, BATCH):
        while not await _acknowledged(fleet, name, claims(at, at + BATCH)):
            await _pause(asyncio.Event(), WRITE_GAP_S)
        if over.is_set():
            return
        await _pause(over, WRITE_GAP_S)


async def _acknowledged(fleet, name, batch):
    try:
        await fleet.publish(name, batch)
    except StemeError:
        return False
    return True


async def _pause(event, pause_s):
    """Let the others run for a while of the seed's choice, or until `event`."""
    try:
        async with asyncio.timeout(pause_s):
            await event.wait()
    except TimeoutError:
        return
