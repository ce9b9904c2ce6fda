"""Proofs that a map holds a key with its value, or does not hold it.

A proof is the nodes on the search path, from the root to where the search ends::

    root digest ══▶ node 0 ── child digest ══▶ node 1 ── … ══▶ node n: the key is in it          included
                                                               it has no child where the key lies   absent

The verifier needs the root digest and nothing else: no realm secret, no file, no other node. It follows the search itself and
believes a node only because its parent, or the root, names its digest.

Inclusion rests on the digests alone. Exclusion rests on the search order as well: every node on the path is sorted and
lies between the keys that its parent left open, so a *search tree* with this root cannot hold the key elsewhere. That the root
is of a well-formed tree is what its owner vouches for by signing it; the tree being canonical, anyone who holds the
map can build it again and compare (`stemedb.mst.check` does so node by node).

What this does not do: check that keys stand at their levels, for which one must know the realm secret.
"""

from bisect import bisect_left
from typing import Final, NamedTuple

from stemedb.errors import ProofError
from stemedb.mst.block import encode_links
from stemedb.mst.level import LEVEL_MAX
from stemedb.mst.node import ABSENT, EMPTY_ROOT, Node
from stemedb.mst.store import child_of
from stemedb.mst.strict import parse_node
from stemedb.mst.tree import Tree
from stemedb.types import Digest

PROOF_NODES_MAX: Final = LEVEL_MAX + 1
"""Levels go down at every step, so no path is longer."""


class MapProof(NamedTuple):
    """The nodes on a search path, from the root down, as `stemedb.mst.strict` describes them; none for the empty map."""

    nodes: tuple[bytes, ...]


def prove(tree: Tree, key: bytes) -> MapProof:
    """Return the proof of what the tree says about `key`, under its root digest as it is now. O(height)."""
    tree.root_digest  # noqa: B018 - hashes what is not hashed yet, so that every node can be encoded
    nodes: list[bytes] = []
    node = tree.root
    while node is not None:
        keys = node.keys
        if keys is None:
            keys = tree.store.unpack(node)
        nodes.append(encode_node(node))
        at = bisect_left(keys, key)
        if node.children is None or (at < len(keys) and keys[at] == key):
            break
        node = child_of(tree.store, node, at)
    return MapProof(tuple(nodes))


def verify_proof(root: Digest, key: bytes, proof: MapProof) -> bytes | None:
    """Return the proven value of `key` in the map with this root digest, or None if it is proven absent.

    Raises `ProofError` if the proof shows neither: a node does not have the digest wanted, is malformed, out of
    order or superfluous, or the path ends early.
    """
    if len(proof.nodes) > PROOF_NODES_MAX:
        raise ProofError(f"proof: got {len(proof.nodes)} nodes, want at most {PROOF_NODES_MAX}")
    if root == EMPTY_ROOT and not proof.nodes:
        return None
    want = root
    low: bytes | None = None
    high: bytes | None = None
    level = LEVEL_MAX + 1
    last = len(proof.nodes) - 1
    for i, data in enumerate(proof.nodes):
        node = parse_node(data)
        if node.digest != want:
            raise ProofError(
                f"proof node {i}: digest mismatch: got {node.digest.hex()[:8]}, want {want.hex()[:8]}"
            )
        if node.level >= level:
            raise ProofError(f"proof node {i}: level: got {node.level}, want below {level}")
        if (low is not None and node.keys[0] <= low) or (high is not None and node.keys[-1] >= high):
            raise ProofError(f"proof node {i}: keys outside the interval of the node")
        at = bisect_left(node.keys, key)
        found = at < len(node.keys) and node.keys[at] == key
        want = ABSENT if found or node.digests is None else node.digests[at]
        if want == ABSENT:
            if i != last:
                raise ProofError(f"proof: got {last + 1} nodes, want {i + 1}")
            return node.values[at] if found else None
        level = node.level
        low = node.keys[at - 1] if at else low
        high = node.keys[at] if at < len(node.keys) else high
    raise ProofError(f"proof: got {last + 1} nodes, want a node with digest {want.hex()[:8]} next")


def encode_node(node: Node) -> bytes:
    """Return the node as an outsider gets it. Requires a node that is hashed."""
    if node.digests is None:
        return node.body
    assert node.entries_digest is not None
    return encode_links(node.level, node.entries_digest, node.digests) + node.body
