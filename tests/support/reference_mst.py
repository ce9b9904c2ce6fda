"""A Merkle Search Tree built the slow and obvious way: from the sorted map, by recursion on the highest level.

Shares no code with `stemedb.mst`: the level function is an argument, the encoding and the digests are written out again.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from blake3 import blake3


@dataclass(frozen=True)
class RefNode:
    level: int
    keys: list[bytes]
    values: list[bytes]
    children: list["RefNode | None"]

    @property
    def entries(self) -> bytes:
        def column(lengths):
            low = bytes(n % 256 for n in lengths)
            return low + bytes(n // 256 for n in lengths) if max(lengths) >= 256 else low

        keys, values = [len(k) for k in self.keys], [len(v) for v in self.values]
        flags = (max(keys) >= 256) + 2 * (max(values) >= 256)
        head = bytes([self.level, flags]) + len(self.keys).to_bytes(2, "little")
        return head + column(keys) + column(values) + b"".join(self.keys) + b"".join(self.values)

    @property
    def digest(self) -> bytes:
        entries = blake3(self.entries).digest()
        if self.level == 0:
            return entries
        head = bytes([128 + self.level, 0]) + len(self.keys).to_bytes(2, "little")
        return blake3(head + entries + b"".join(c.digest if c else bytes(32) for c in self.children)).digest()


def build(entries: list[tuple[bytes, bytes]], level: Callable[[bytes], int]) -> RefNode | None:
    if not entries:
        return None
    top = max(level(k) for k, _ in entries)
    own = [i for i, (k, _) in enumerate(entries) if level(k) == top]
    cuts = [-1, *own, len(entries)]
    return RefNode(
        top,
        [entries[i][0] for i in own],
        [entries[i][1] for i in own],
        [build(entries[a + 1 : b], level) for a, b in pairwise(cuts)],
    )


def reference_root(entries: dict[bytes, bytes], level: Callable[[bytes], int]) -> bytes:
    root = build(sorted(entries.items()), level)
    return blake3(b"").digest() if root is None else root.digest


def keyed_level(realm: bytes) -> Callable[[bytes], int]:
    def level(key: bytes) -> int:
        digits = blake3(key, key=realm).hexdigest()
        return next((i for i, digit in enumerate(digits) if digit != "0"), 64)

    return level


def shapes(node: RefNode | None, seen: Counter[str] | None = None) -> Counter[str]:
    """Count the rare shapes: children more than one level down, absent children, nodes wider than one key."""
    seen = Counter() if seen is None else seen
    if node is None:
        return seen
    seen["nodes"] += 1
    seen["wide"] += len(node.keys) > 1
    for child in node.children:
        if child is None:
            seen["absent child above level 0"] += node.level > 0
        else:
            seen[f"gap {min(node.level - child.level, 3)}"] += 1
            shapes(child, seen)
    return seen
