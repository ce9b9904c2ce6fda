"""Authority and layered."""

from stemedb.statements.lenses import Authority, Layered
from stemedb.statements.model import Boolean
from support.stamped_claims import claim, ident


def rows(resolution):
    return [(row.claim.id, row.score, row.claims) for row in resolution.ranking]


def test_the_strongest_tier_wins_however_many_and_confident_the_weaker_are():
    claims = [claim("A", False, tier=1, confidence=0.1, ms=1)]
    claims += [claim(n, True, tier=5, confidence=1, ms=100 + n, agent=str(n)) for n in range(1, 20)]
    resolution = Authority().resolve(claims)
    assert resolution.winner == ident("A")
    assert resolution.value == Boolean(value=False)


def test_inside_a_tier_confidence_then_stamp_then_the_smaller_id_decide():
    claims = [
        claim("E", tier=2, confidence=0.5, ms=5),
        claim("D", tier=2, confidence=0.9, ms=1),
        claim("C", tier=2, confidence=0.5, ms=6),
        claim("B", tier=2, confidence=0.5, ms=5),
    ]
    assert [row.claim.id for row in Authority().resolve(claims).ranking] == [ident(x) for x in "DCBE"]


def test_a_score_lies_between_the_weights_of_two_tiers():
    claims = [
        claim("A", tier=0, confidence=1),
        claim("B", tier=1, confidence=0.5),
        claim("C", tier=2, confidence=0),
        claim("D", tier=3, confidence=0.25),
        claim("E", tier=4, confidence=0.5),
        claim("F", tier=5, confidence=0.5),
    ]
    # 0.9 + 0.1 × 1, 0.7 + 0.2 × 0.5, 0.5 + 0.2 × 0, 0.3 + 0.2 × 0.25, 0.1 + 0.2 × 0.5, 0 + 0.1 × 0.5
    scores = [1.0, 0.8, 0.5, 0.35, 0.2, 0.05]
    assert rows(Authority().resolve(claims)) == [
        (ident(x), s, 1) for x, s in zip("ABCDEF", scores, strict=True)
    ]


def test_layered_shows_the_best_claim_of_every_tier():
    claims = [
        claim("A", "MIT", tier=2, confidence=0.5, agent="a"),
        claim("B", "BSD", tier=2, confidence=0.75, agent="b"),
        claim("C", "MIT", tier=4, confidence=1, agent="c"),
        claim("D", "BSD", tier=5, confidence=0, agent="d"),
        claim("E", "GPL", tier=5, confidence=0.5, agent="e"),
        claim("F", "MIT", tier=5, confidence=0.25, agent="f"),
    ]
    resolution = Layered().resolve(claims)
    # Vendor 0.5 + 0.2 × 0.75, observation 0.1 + 0.2 × 1, anecdote 0 + 0.1 × 0.5.
    assert rows(resolution) == [(ident("B"), 0.65, 2), (ident("C"), 0.3, 1), (ident("E"), 0.05, 3)]
    assert resolution.winner == ident("B")
    assert "layers: 3, values at their tops: 3" in resolution.explanation


def test_layered_counts_one_value_where_all_layers_agree():
    claims = [claim("A", 1, tier=0), claim("B", 1.0, tier=3), claim("C", 1, tier=5)]
    assert "layers: 3, values at their tops: 1" in Layered().resolve(claims).explanation
