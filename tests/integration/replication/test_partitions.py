"""Replicas that cannot talk for a while: each goes on alone, and the heal leaves one map."""

from support.fleet import claims, identity, knows, meshed_fleet, status
from support.publishing import epoch, vote
from support.replicas import converged


async def test_groups_that_were_parted_have_one_map_after_the_heal(tmp_path):
    names = ["a", "b", "c", "d", "e"]
    async with meshed_fleet(names, tmp_path) as (fleet, mesh):
        await fleet.publish("a", claims(0, 40))
        await fleet.settled()
        mesh.partition({"a", "b"}, {"c", "d", "e"})
        await status(fleet["a"], "c", "down")
        target = identity(claims(0, 1)[0])
        for number, name in enumerate(names):
            at = 100 * (number + 1)
            await fleet.publish(name, claims(at, at + 30))
            # Everybody is told these too: the same claim, the same epoch, a vote of the same agent.
            await fleet.publish(name, [*claims(40, 60), epoch("spring"), vote(target, "judge")])
        assert len({(await _root(fleet[name])) for name in ("a", "d")}) == 2
        mesh.heal()
        await fleet.settled()


async def _root(site):
    async with site.client() as client:
        return (await client.root()).root


async def test_one_that_is_heard_but_hears_nothing_catches_up_when_it_does(tmp_path):
    async with meshed_fleet(["a", "b", "c"], tmp_path) as (fleet, mesh):
        await fleet.publish("a", claims(0, 20))
        await fleet.settled()
        # What b says arrives; what is said to b, answers too, does not.
        mesh.deafen("b", "a")
        mesh.deafen("b", "c")
        await status(fleet["b"], "a", "down")
        for name, start in (("a", 100), ("b", 200), ("c", 300)):
            await fleet.publish(name, claims(start, start + 25))
        mesh.heal()
        await fleet.settled()


async def test_two_that_never_talk_meet_through_a_third(tmp_path):
    async with meshed_fleet(["a", "b", "c"], tmp_path) as (fleet, mesh):
        mesh.partition({"a", "c"}, {"b", "c"})
        before = mesh.links["a", "b"].carried, mesh.links["b", "a"].carried
        await fleet.publish("a", claims(0, 30))
        await fleet.publish("b", claims(20, 60))
        for name in ("a", "b"):
            await knows(fleet["c"], name)
        await _same_root(fleet)
        assert (mesh.links["a", "b"].carried, mesh.links["b", "a"].carried) == before
        mesh.heal()
        await fleet.settled()


async def _same_root(fleet):
    await converged(list(fleet.sites.values()), len(fleet.keys))
