"""Cutting the local tree along keys that another tree has, without writing anything.

To compare a remote subtree with what we hold, we need the canonical tree of our entries *in the remote interval*, and our
own tree may have no node there: it may lack the keys that bound the interval, or have higher ones inside it. So it is cut::

    ours     ┌── c ──────── k ──┐          keys to cut at: f, k
             a b    d e g h     m n        (k is ours too, f is not)

    parts    ┌── c ──┐      ┌─────┐      ┌─────┐
             a b     d e    │ g h │      │ m n │      values: None at f, that of k
                   ──────▲f       ──────▲k

The parts are canonical subtrees of their intervals, so a part has the digest of the remote subtree exactly if both hold the same
entries. New nodes are made along the cuts only, O(cuts × height); everything else is taken over unread, as *held*
subtrees: a node or its place, and the digest (UNKNOWN until a new node is hashed).
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from stemedb.mst.block import encode_entries
from stemedb.mst.node import ABSENT, UNKNOWN, Node, seal
from stemedb.mst.store import NodeStore, child_of, entries_of, fetch
from stemedb.types import Digest

Held = tuple[Node | int, Digest]
"""A subtree as its parent holds it: a node, the place of a written one or 0 for none; its digest, ABSENT or UNKNOWN."""

NOTHING: Final[Held] = (0, ABSENT)

ROWS_MAX: Final = 1024
"""Entries of one level under a subtree that are worth naming: as many as the widest node from outside."""

ROW_NODES_MAX: Final = 256
"""Nodes read in search of them: where our subtree is much higher than the remote one there is little in common."""


def held(node: Node | None) -> Held:
    """Return a root as a held subtree."""
    return NOTHING if node is None else (node, node.digest or UNKNOWN)


def load(store: NodeStore, part: Held) -> Node | None:
    """Return the node of a held subtree, or None for NOTHING. Raises `Corruption` if its bytes are damaged."""
    place, digest = part
    if type(place) is Node:
        return place
    assert type(place) is int
    return fetch(store, place, digest) if place else None


def digest_of(part: Held) -> Digest:
    """Return the digest of a held subtree, hashing the nodes that a cut made."""
    place, digest = part
    if digest:
        return digest
    assert type(place) is Node
    return seal(place)


def carve(store: NodeStore, part: Held, keys: Sequence[bytes]) -> tuple[list[Held], list[bytes | None]]:
    """Return the subtrees between the keys and the values at them, None where a key is not held.

    Requires keys strictly ascending and in the interval of the subtree. The result has one subtree more than keys.
    """
    if not keys:
        return [part], []
    node = load(store, part)
    if node is None:
        return [NOTHING] * (len(keys) + 1), [None] * len(keys)
    if node.children is None:
        return _carve_leaf(node, keys)
    assert node.digests is not None
    own_keys, own_values = entries_of(node)
    parts: list[Held] = []
    values: list[bytes | None] = []
    piece = _Piece(node.level)
    at = 0
    for i, child in enumerate(zip(node.children, node.digests, strict=True)):
        last = i == len(own_keys)
        stop = len(keys) if last else bisect_left(keys, own_keys[i], at)
        below: Held = child
        if stop > at:
            inner, inner_values = carve(store, child, keys[at:stop])
            piece.children.append(inner[0])
            parts += [piece.close(), *inner[1:-1]]
            values += inner_values
            piece, below, at = _Piece(node.level), inner[-1], stop
        piece.children.append(below)
        if last:
            break
        if at < len(keys) and keys[at] == own_keys[i]:
            parts.append(piece.close())
            values.append(own_values[i])
            piece = _Piece(node.level)
            at += 1
        else:
            piece.keys.append(own_keys[i])
            piece.values.append(own_values[i])
    parts.append(piece.close())
    return parts, values


def rows_at(store: NodeStore, node: Node | None, level: int) -> tuple[list[bytes], list[bytes]]:
    """Return keys and values of the entries at `level`; of none at all if finding them takes too much."""
    keys: list[bytes] = []
    values: list[bytes] = []
    read = 0
    stack = [] if node is None else [node]
    while stack:
        node = stack.pop()
        read += 1
        if node.level == level:
            own_keys, own_values = entries_of(node)
            keys += own_keys
            values += own_values
        elif node.level > level:
            assert node.children is not None
            if read + len(stack) + len(node.children) > ROW_NODES_MAX:
                return [], []
            children = [child_of(store, node, i) for i in range(len(node.children))]
            stack += [child for child in reversed(children) if child is not None]
        if len(keys) > ROWS_MAX:
            return [], []
    return keys, values


class _Piece:
    """A node in the making between two cuts."""

    __slots__ = ("_level", "children", "keys", "values")

    def __init__(self, level: int) -> None:
        self._level = level
        self.keys: list[bytes] = []
        self.values: list[bytes] = []
        self.children: list[Held] = []

    def close(self) -> Held:
        if not self.keys:
            return self.children[0]
        body = encode_entries(self._level, self.keys, self.values)
        places, digests = zip(*self.children, strict=True)
        return Node(self._level, body, list(places), list(digests)), UNKNOWN


def _carve_leaf(node: Node, keys: Sequence[bytes]) -> tuple[list[Held], list[bytes | None]]:
    own_keys, own_values = entries_of(node)
    parts: list[Held] = []
    values: list[bytes | None] = []
    start = 0
    for key in keys:
        end = bisect_left(own_keys, key, start)
        parts.append(_leaf(own_keys[start:end], own_values[start:end]))
        found = end < len(own_keys) and own_keys[end] == key
        values.append(own_values[end] if found else None)
        start = end + found
    parts.append(_leaf(own_keys[start:], own_values[start:]))
    return parts, values


def _leaf(keys: list[bytes], values: list[bytes]) -> Held:
    return (Node(0, encode_entries(0, keys, values)), UNKNOWN) if keys else NOTHING
