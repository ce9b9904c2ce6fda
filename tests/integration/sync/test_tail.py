"""Real replicas on a real bus: what is published at one is everywhere, whatever restarts in between."""

from support.publishing import assertion, lines
from support.replicas import append, converged, level, running_sites


def names(replica, count):
    return [f"{replica}-{letter}" for letter in "abc"[:count]]


async def test_two_replicas_take_over_what_each_is_told(shared_nats, replica, tmp_path):
    async with running_sites(names(replica, 2), tmp_path, shared_nats.url) as (a, b):
        await append(a, lines([assertion(i) for i in range(300)]))
        await append(b, lines([assertion(i) for i in range(300, 500)]))
        await converged([a, b], 500)
        await level([a, b])
