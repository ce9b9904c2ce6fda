"""Everything that is one step away from a proof: each of these must fail where the proof holds."""

from collections.abc import Iterator, Sequence


def neighbours(proof: Sequence[bytes], other: bytes) -> Iterator[tuple[bytes, ...]]:
    """Yield proofs that differ from `proof` in one place; `other` is a digest that does not belong in it."""
    proof = tuple(proof)
    for i, digest in enumerate(proof):
        before, after = proof[:i], proof[i + 1 :]
        yield before + after
        yield (*before, digest, digest, *after)
        yield (*before, other, *after)
        yield (*before, digest[:-1], *after)
        yield (*before, digest + b"\0", *after)
        yield (*before, b"", *after)
        for position in range(len(digest)):
            flipped = digest[position] ^ (1 << (position % 8))
            yield (*before, digest[:position] + bytes([flipped]) + digest[position + 1 :], *after)
        for j in range(i + 1, len(proof)):
            if proof[j] != digest:
                yield (*before, proof[j], *proof[i + 1 : j], digest, *proof[j + 1 :])
    for i in range(len(proof) + 1):
        yield (*proof[:i], other, *proof[i:])
