"""Hypothesis strategies for statements as plain JSON values, exotic ones included."""

from hypothesis import strategies as st

from stemedb.statements import LIFECYCLES, RELATIONS, limits

ids = st.binary(min_size=32, max_size=32).map(bytes.hex)
texts = st.text(max_size=40)


def names(max_size: int = 20) -> st.SearchStrategy[str]:
    """Any characters but control characters and surrogates, not blank at the ends."""
    alphabet = st.characters(exclude_categories=("Cc", "Cs"))
    return st.text(alphabet, min_size=1, max_size=max_size).filter(lambda name: name == name.strip())


segments = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="/"), min_size=1, max_size=12
)
schemes = st.from_regex(r"\A[a-z][a-z0-9+.\-]{0,6}\Z")
paths = st.builds("/".join, st.lists(segments, min_size=1, max_size=6))
subjects = st.one_of(paths, st.builds(lambda scheme, path: f"{scheme}://{path}", schemes, paths))

integers = st.integers(-limits.INTEGER_MAX, limits.INTEGER_MAX)
floats = st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda x: not limits.INTEGER_MAX < abs(x) < limits.INTEGER_LITERAL_END
)
edge_floats = st.sampled_from([
    *(0.0, -0.0, 1.0, -1.0, 5e-324, 1e-7, 9.99e-7, 1e-6, 9.99e-6, 1e-5, 1e-4, 0.1, 333333333.33333329),
    *(123456789012345.6, 1e14, 1e15, 1e15 + 0.5, 4503599627370495.5, 9007199254740991.0),
    *(1e21, 1.5e300, 1.7976931348623157e308),
])  # fmt: skip
numbers = st.one_of(integers, floats, edge_floats, edge_floats.map(lambda x: -x))
shares = st.one_of(st.integers(0, 1), st.floats(0, 1), st.sampled_from([0.0, 1.0, 1e-5, 9e-6, 5e-324]))
weights = st.one_of(st.integers(-1, 1), st.floats(-1, 1), shares.map(lambda x: -x))
times = st.integers(0, limits.TIME_MS_MAX)

objects = st.one_of(
    st.fixed_dictionaries({"type": st.just("text"), "value": texts}),
    st.fixed_dictionaries({"type": st.just("number"), "value": numbers}),
    st.fixed_dictionaries({"type": st.just("boolean"), "value": st.booleans()}),
    st.fixed_dictionaries({"type": st.just("reference"), "value": names()}),
)
digests = st.builds(
    lambda name, raw: f"{name}:{raw.hex()}", schemes.filter(str.isalnum), st.binary(min_size=1, max_size=8)
)
sources = st.fixed_dictionaries({"tier": st.integers(0, 5), "uri": names()}, optional={"digest": digests})
metadata = st.dictionaries(names(8), texts, max_size=6)

_assertions = st.fixed_dictionaries(
    {
        "kind": st.just("assertion"),
        "subject": subjects,
        "predicate": names(),
        "object": objects,
        "confidence": shares,
        "source": sources,
        "lifecycle": st.sampled_from(LIFECYCLES),
        "agent": names(),
    },
    optional={"asserted_at": times, "epoch": ids, "metadata": metadata},
)
_superseding = st.fixed_dictionaries(
    {"supersedes": st.lists(ids, min_size=1, max_size=4, unique=True), "relation": st.sampled_from(RELATIONS)}
)
assertions = st.one_of(_assertions, st.builds(lambda a, s: a | s, _assertions, _superseding))
votes = st.fixed_dictionaries(
    {"kind": st.just("vote"), "assertion": ids, "agent": names(), "weight": weights},
    optional={"cast_at": times},
)
_epochs = st.fixed_dictionaries({"kind": st.just("epoch"), "name": names()})
epochs = st.one_of(
    _epochs,
    st.builds(lambda e, i, r: e | {"supersedes": i, "relation": r}, _epochs, ids, st.sampled_from(RELATIONS)),
)
statements = st.one_of(assertions, votes, epochs)
