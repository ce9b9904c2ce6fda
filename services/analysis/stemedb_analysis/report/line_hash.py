r"""The fingerprint that GitHub gives a line: ``primaryLocationLineHash``, by which an alert stays the same when code moves.

::

    the file          "  get(url,\r\n      verify=False)\r\n…"
    line ends LF, no spaces, no tabs, an end mark, zeros:     "get(url,\nverify=False)\n…\uffff\0\0…"
    of a line: the 100 units from its first                    c₀ c₁ … c₉₉
    hash             Σ cᵢ · 37^(99-i)  mod 2^64                in hex, then ":" and the how-many-eth line with this hash it is

Units are those of UTF-16, as GitHub's own uploader counts them. It computes the same sum with a window that slides over the file; here a
line's own window is cut out, and only the lines that are asked for are summed up. Equal windows stand for equal hashes when counting.

Source: the uploader of github/codeql-action, which adds the hash where a report has none; a report that has it is spared the upload of
sources and works wherever they are.
"""

from collections import Counter
from collections.abc import Collection
from typing import Final

WINDOW: Final = 100
FACTOR: Final = 37
MODULUS: Final = 1 << 64
END: Final = "\uffff"

_POWERS: Final = tuple(pow(FACTOR, WINDOW - 1 - place, MODULUS) for place in range(WINDOW))


def line_hashes(data: bytes, wanted: Collection[int]) -> dict[int, str]:
    """Return the hashes of the lines `wanted`, counted from 1; lines that are not there are left out. O(len(data) + lines × 100)."""
    text = (
        data.decode("utf-8", "replace")
        .replace("\r\n", "\n")
        .replace(" ", "")
        .replace("\t", "")
        .replace("\r", "\n")
    )
    units = _units(text + END) + "\0" * WINDOW
    seen: Counter[str] = Counter()
    hashes: dict[int, str] = {}
    start, last = 0, max(wanted, default=0)
    end = units.index(END, len(units) - WINDOW - 1)
    for number in range(1, last + 1):
        window = units[start : start + WINDOW]
        seen[window] += 1
        if number in wanted:
            hashes[number] = f"{_sum(window):x}:{seen[window]}"
        start = units.find("\n", start, end) + 1
        if not start:
            break
    return hashes


def _units(text: str) -> str:
    """Return a text in which every character is one unit of UTF-16."""
    if text.isascii() or max(text) <= END:
        return text
    encoded = text.encode("utf-16-le", "surrogatepass")
    return "".join(map(chr, memoryview(encoded).cast("H")))


def _sum(window: str) -> int:
    return sum(power * ord(unit) for power, unit in zip(_POWERS, window, strict=True)) % MODULUS
