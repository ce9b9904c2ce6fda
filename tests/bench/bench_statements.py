"""Statements: from published bytes to a checked statement with its id, and the parts of that way."""

import os
from collections.abc import Callable, Iterator

from bench.harness import Context, Figure, best_of
from stemedb.statements import canonical_bytes, decode_canonical, dump, parse, parse_batch, sign, verify
from stemedb.statements.signing import SigningPolicy
from stemedb.types import Kind

COUNT = 5_000
BATCH_COUNT = 500  # as ingest takes them in
REPEATS = 9
SIGNED_COUNT = 500


def figures(_: Context) -> Iterator[Figure]:
    """Measure batches of package metadata, some 250 bytes each, as an importer publishes them."""
    raws = [published(i) for i in range(COUNT)]
    parsed = [parse(raw) for raw in raws]
    statements = [one.statement for one in parsed]
    canonicals = [one.canonical for one in parsed]
    annotated = [raw[:-1] + b',"metadata":{"file":"METADATA","line":"%d"}}' % i for i, raw in enumerate(raws)]
    without_kind = [raw.replace(b'"kind": "assertion", ', b"") for raw in raws]

    yield Figure(
        "statements: parse, check and id",
        _each(COUNT, lambda: _in_batches(raws, None)),
        "µs",
        aim=5.0,
        floor="hash",
    )
    yield Figure(
        "statements: the same where the subject says the kind",
        _each(COUNT, lambda: _in_batches(without_kind, Kind.ASSERTION)),
        "µs",
        aim=5.0,
        floor="hash",
    )
    yield Figure(
        "statements: the same with metadata",
        _each(COUNT, lambda: _in_batches(annotated, None)),
        "µs",
        floor="hash",
    )
    yield Figure(
        "statements: canonical form alone",
        _each(COUNT, lambda: [canonical_bytes(statement) for statement in statements]),
        "µs",
    )
    yield Figure(
        "statements: decode canonical bytes",
        _each(COUNT, lambda: [decode_canonical(canonical) for canonical in canonicals]),
        "µs",
    )

    seed = os.urandom(32)
    some = parsed[:SIGNED_COUNT]
    signatures = [sign(one.id, seed) for one in some]
    signed = [parse(dump(one.canonical, signature)) for one, signature in zip(some, signatures, strict=True)]
    policy = SigningPolicy(required=True)
    yield Figure("statements: sign", _each(SIGNED_COUNT, lambda: [sign(one.id, seed) for one in some]), "µs")
    yield Figure(
        "statements: verify a signature",
        _each(
            SIGNED_COUNT,
            lambda: [verify(one.id, signature) for one, signature in zip(some, signatures, strict=True)],
        ),
        "µs",
    )
    yield Figure(
        "statements: check against a policy",
        _each(SIGNED_COUNT, lambda: [policy.check(one) for one in signed]),
        "µs",
    )


def published(i: int) -> bytes:
    """Return an assertion about a package, with the white space that most publishers leave in."""
    return (
        b'{"kind": "assertion", "subject": "pkg://pypi/package-%d/1.0.%d", "predicate": "license", '
        b'"object": {"type": "text", "value": "Apache-2.0"}, "confidence": 0.95, '
        b'"source": {"tier": 2, "uri": "https://pypi.org/project/package-%d/"}, '
        b'"lifecycle": "approved", "agent": "metadata-reader"}'
    ) % (i, i % 20, i)


def _in_batches(raws: list[bytes], kind: Kind | None) -> None:
    for start in range(0, len(raws), BATCH_COUNT):
        parse_batch(raws[start : start + BATCH_COUNT], kind)


def _each(count: int, run: Callable[[], object]) -> float:
    return best_of(REPEATS, run) / count * 1e6
