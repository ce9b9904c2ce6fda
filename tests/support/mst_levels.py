"""Level functions that force the rare shapes, and the keys they read their levels from.

The level is a function of the key's first byte alone, so a test can choose the shape by choosing keys.
"""

from collections.abc import Callable

Level = Callable[[bytes], int]


def _trailing_zeros(byte: int) -> int:
    return 8 if byte == 0 else (byte & -byte).bit_length() - 1


def _first(table: Callable[[int], int]) -> Level:
    return lambda key: table(key[0]) if key else 0


LEVELS: dict[str, Level] = {
    "geometric": _first(_trailing_zeros),
    "quarters": _first(lambda byte: (byte & 3) + (byte >> 6)),
    "gaps": _first(lambda byte: (0, 0, 0, 2, 2, 5, 9, 9)[byte & 7]),
    "flat": _first(lambda _: 0),
    "raised": _first(lambda _: 3),
    "two storeys": _first(lambda byte: 64 * (byte & 1)),
    "stairs": _first(lambda byte: byte % 65),
}
"""Geometric as in real trees but steeper; the others adversarial: gaps, one level only, a level per key."""
