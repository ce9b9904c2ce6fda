"""What a world makes of what it is told, and what it tells of changes."""

from datetime import timedelta

import orjson
import pytest

from stemedb.statements import canonical_bytes
from stemedb_analysis.observed import Observed, assertion_of, retraction_of
from stemedb_analysis.observed import authorities as authorities_module
from stemedb_analysis.observed import world as world_module
from stemedb_analysis.project.acknowledge import Acknowledgement, statement
from support.observing import observation
from support.publishing import vote
from support.worlds import TODAY, demand, id_of, tell, world

SEEN = assertion_of(Observed("shop", observation()))
OTHER = assertion_of(Observed("shop", observation("tls/min_version", "version", 1.2)))


HASH, PASSWORD = (
    assertion_of(Observed("shop", observation(path, "algorithm", "md5")))
    for path in ("crypto/hash", "password/hash")
)
NO_MD5 = [demand("sha256", path=path, predicate="algorithm") for path in ("crypto/hash", "password/hash")]


def verdicts(changes):
    return [change.verdicts for change in changes]


def test_an_observation_is_judged_by_who_stands():
    known = world()
    assert verdicts(tell(known, SEEN)) == [(None, "UNJUDGED")]
    assert verdicts(tell(known, demand())) == [("UNJUDGED", "BLOCK")]
    assert known.findings[id_of(SEEN)].opinions[0].authority.tier == 0


def test_only_what_the_new_authority_speaks_of_is_judged_again(monkeypatch):
    known = world()
    tell(known, SEEN, OTHER)
    (change,) = tell(known, demand())
    assert (change.id, change.project) == (id_of(SEEN), "shop")


def test_what_is_told_again_changes_nothing():
    known = world()
    tell(known, SEEN, demand())
    assert tell(known, SEEN, demand(), ms=9) == []


def test_superseding_an_authority_takes_its_verdicts_back():
    known = world()
    tell(known, SEEN, demand())
    correction = demand(value=False, agent="others", supersedes=[id_of(demand()).hex()], relation="corrects")
    assert verdicts(tell(known, correction)) == [("BLOCK", "PASS")]


def test_retracting_an_authority_leaves_nobody_who_contradicts():
    known = world()
    tell(known, SEEN, demand())
    changes = tell(known, demand(supersedes=[id_of(demand()).hex()], relation="retracts"))
    assert verdicts(changes) == [("BLOCK", "UNJUDGED")]


def test_votes_against_an_authority_weaken_it():
    known = world()
    tell(known, SEEN, demand())
    votes = [vote(id_of(demand()).hex(), agent=f"agent-{number}", weight=-1.0) for number in range(3)]
    assert verdicts(tell(known, *votes)) == [("BLOCK", "PASS")]


def test_a_vote_may_come_before_what_it_is_on():
    known = world()
    tell(known, SEEN, vote(id_of(demand()).hex(), weight=-1.0))
    assert verdicts(tell(known, demand())) == [("UNJUDGED", "PASS")]  # seen, and of no weight


def test_an_epoch_retires_the_authorities_made_in_it():
    old = {"kind": "epoch", "name": "2025"}
    new = {"kind": "epoch", "name": "2026", "supersedes": id_of(old).hex(), "relation": "replaces"}
    known = world()
    tell(known, old, SEEN, demand(epoch=id_of(old).hex()))
    assert verdicts(tell(known, new)) == [("BLOCK", "UNJUDGED")]


def test_who_agrees_judges_as_well():
    known = world()
    tell(known, SEEN)
    assert verdicts(tell(known, demand(value=False))) == [("UNJUDGED", "PASS")]


@pytest.mark.parametrize("tier", [4, 5])
def test_observations_and_hearsay_judge_nobody(tier):
    known = world()
    tell(known, SEEN)
    assert tell(known, demand(tier=tier)) == []


def test_what_is_taken_back_is_gone_in_any_order():
    retraction = retraction_of(Observed("shop", observation()), id_of(SEEN).hex())
    known = world()
    tell(known, SEEN)
    assert verdicts(tell(known, retraction)) == [("UNJUDGED", None)]
    late = world()
    tell(late, retraction)
    assert tell(late, SEEN) == []
    assert late.findings == known.findings == {}


def test_what_moved_is_replaced():
    moved = Observed("shop", observation(span=observation().span._replace(line=40)))
    known = world()
    tell(known, SEEN)
    changes = tell(known, assertion_of(moved, supersedes=id_of(SEEN).hex()))
    assert sorted(map(str, verdicts(changes))) == ["('UNJUDGED', None)", "(None, 'UNJUDGED')"]
    assert list(known.standing_of("shop").values()) == [moved]


def test_what_is_no_observation_is_counted():
    known = world()
    tell(known, SEEN | {"metadata": {}})
    assert known.refused == {"observations": 1}


@pytest.mark.parametrize(
    ("bound", "told", "reason"),
    [
        ("OBSERVATIONS_MAX", [SEEN, OTHER], "observations"),
        ("AUTHORITIES_MAX", [demand(), demand(tier=1)], "authorities"),
        ("BALLOTS_MAX", [vote("ab" * 32), vote("cd" * 32)], "ballots"),
        ("EPOCHS_MAX", [{"kind": "epoch", "name": "a"}, {"kind": "epoch", "name": "b"}], "epochs"),
    ],
)
def test_what_a_bound_keeps_out_is_counted(monkeypatch, bound, told, reason):
    monkeypatch.setattr(world_module if hasattr(world_module, bound) else authorities_module, bound, 1)
    known = world()
    tell(known, *told, *told)
    assert known.refused[reason] >= 1


def accepted(**changes):
    one = Acknowledgement("path", "tls/cert_verification", "a lab", "ann", "tls/cert_verification")
    return orjson.loads(canonical_bytes(statement(one._replace(**changes), "shop")))


def test_what_somebody_answers_for_is_acknowledged_until_it_is_taken_back():
    known = world()
    tell(known, SEEN, demand())
    tell(known, accepted())
    assert known.findings[id_of(SEEN)].acknowledged == "a lab (ann)"
    back = accepted() | {"supersedes": [id_of(accepted()).hex()], "relation": "retracts"}
    (change,) = tell(known, back)
    assert (change.before.acknowledged, change.after.acknowledged) == ("a lab (ann)", "")


def test_an_acknowledgement_ends_with_its_last_day():
    known = world()
    tell(known, SEEN, demand(), accepted(until=TODAY))
    assert known.findings[id_of(SEEN)].acknowledged
    (change,) = tell(known, today=TODAY + timedelta(days=1))
    assert not change.after.acknowledged


def test_an_acknowledgement_holds_for_its_project_alone():
    known = world()
    tell(known, assertion_of(Observed("site", observation())), demand())
    assert tell(known, accepted()) == []


def judged(known):
    return {one.observation.path: one.judgement for one in known.findings.values()}


def test_the_broken_hash_of_a_password_is_one_finding_in_any_order():
    for told in ([HASH, PASSWORD, *NO_MD5], [*NO_MD5, PASSWORD, HASH]):
        known = world()
        for one in told:
            tell(known, one)
        assert judged(known) == {"crypto/hash": "PASS", "password/hash": "BLOCK"}


def test_what_a_narrower_claim_implied_counts_again_once_nothing_is_said_of_that():
    known = world()
    tell(known, HASH, PASSWORD, *NO_MD5)
    back = demand(
        "sha256",
        path="password/hash",
        predicate="algorithm",
        supersedes=[id_of(NO_MD5[1]).hex()],
        relation="retracts",
    )
    tell(known, back)
    assert judged(known) == {"crypto/hash": "BLOCK", "password/hash": "UNJUDGED"}


def test_what_a_narrower_claim_implied_counts_again_once_the_code_no_longer_makes_it():
    known = world()
    tell(known, HASH, PASSWORD, *NO_MD5)
    gone = retraction_of(
        Observed("shop", observation("password/hash", "algorithm", "md5")), id_of(PASSWORD).hex()
    )
    assert sorted(map(str, verdicts(tell(known, gone)))) == ["('BLOCK', None)", "('PASS', 'BLOCK')"]


def test_what_one_project_says_implies_nothing_in_another():
    known = world()
    tell(
        known, HASH, assertion_of(Observed("site", observation("password/hash", "algorithm", "md5"))), *NO_MD5
    )
    assert judged(known) == {"crypto/hash": "BLOCK", "password/hash": "BLOCK"}


def test_the_shipped_corpus_judges_a_store_that_holds_none_of_it():
    known = world(demand())
    assert verdicts(tell(known, SEEN)) == [(None, "BLOCK")]
    assert [known.authorities.is_told(one) for one in known.authorities] == [False]


def test_loading_the_shipped_corpus_changes_no_finding():
    known = world(demand())
    tell(known, SEEN)
    assert tell(known, demand()) == []
    assert [known.authorities.is_told(one) for one in known.authorities] == [True]


def test_loading_it_in_a_name_of_ones_own_makes_it_speak_once():
    known = world(demand(metadata={"id": "verify"}))
    tell(known, SEEN, demand(agent="ann", metadata={"id": "verify"}))
    (opinion,) = known.findings[id_of(SEEN)].opinions
    assert opinion.authority.id == id_of(demand(agent="ann", metadata={"id": "verify"})).hex()


def test_another_demand_about_the_same_does_not_silence_the_shipped_one():
    known = world(demand(metadata={"id": "verify"}))
    tell(known, SEEN, demand(value=False, agent="ann", metadata={"id": "verify"}))
    assert len(known.findings[id_of(SEEN)].opinions) == 2


def test_a_shipped_fact_that_was_superseded_is_silent_whether_or_not_the_store_holds_it():
    back = demand(agent="ann", supersedes=[id_of(demand()).hex()], relation="retracts")
    for told in ([demand(), back], [back, demand()], [back]):
        known = world(demand())
        tell(known, SEEN)
        tell(known, *told)
        assert verdict_of(known, SEEN) == "UNJUDGED"


def test_votes_on_a_shipped_fact_count_whether_or_not_the_store_holds_it():
    votes = [vote(id_of(demand()).hex(), agent=f"agent-{number}", weight=-1.0) for number in range(3)]
    for told in ([*votes, demand()], votes):
        known = world(demand())
        tell(known, SEEN, *told)
        assert verdict_of(known, SEEN) == "PASS"


def verdict_of(known, statement):
    return known.findings[id_of(statement)].judgement


TYPO = demand(path="tls/cert_verificatoin")


def test_authorities_that_cannot_be_read_are_counted_by_reason():
    known = world()
    tell(known, TYPO, demand("banana"), demand(path="lunch/menu"))
    assert known.refused == {"unregistered": 1, "value": 1}
    assert [one.subject for one in known.authorities.refused] == [
        "rfc://9110/tls/cert_verification",
        "rfc://9110/tls/cert_verificatoin",
    ]


def test_what_could_not_be_read_counts_no_more_once_it_is_corrected():
    correction = demand(agent="others", supersedes=[id_of(TYPO).hex()], relation="corrects")
    for told in ([TYPO, correction], [correction, TYPO]):
        known = world()
        tell(known, *told)
        assert known.refused == {}


def test_more_unreadable_claims_than_are_remembered_are_counted(monkeypatch):
    monkeypatch.setattr(authorities_module, "REFUSED_MAX", 1)
    known = world()
    tell(known, TYPO, demand(path="tls/mni_version"), demand())
    assert known.refused == {"unregistered": 2}
    assert len(list(known.authorities)) == 1


def test_projects_are_counted():
    known = world()
    tell(known, SEEN, OTHER, assertion_of(Observed("site", observation())))
    assert known.projects() == {"shop": 2, "site": 1}
