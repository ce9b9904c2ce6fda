"""Scripts in pages: what is code in a component of Vue or Svelte, or in HTML, and where.

::

    <template> … </template>            blank, line by line
    <script setup lang="ts">            blank
    const token = Math.random()         code, at the byte where it stands in the page
    </script>                           blank

Everything else is blanked out, so that what is found in the code has its place in the page. Scripts of other kinds (JSON, templates) are none.
"""

import re
from typing import Final, NamedTuple

from stemedb_analysis.facts.model import Language

PAGES: Final = frozenset({"vue", "svelte", "html"})
"""Languages of files that are not parsed as a whole, and may hold scripts."""

_SCRIPT: Final = re.compile(rb"<script\b([^>]*)>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
_FRONT_MATTER: Final = re.compile(rb"\A---\r?\n(.*?)\r?\n---(?=\r?\n|\Z)", re.DOTALL)
"""Of Astro: what stands between the rules at the top is TypeScript."""
_KIND: Final = re.compile(rb"""\btype\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_LANGUAGE: Final = re.compile(rb"""\blang\s*=\s*["']?(ts|typescript)\b""", re.IGNORECASE)
_CODE: Final = frozenset(
    {b"module", b"text/javascript", b"application/javascript", b"text/babel", b"text/ecmascript"}
)
_BLANK: Final = bytes(code if code in b"\r\n" else ord(" ") for code in range(256))


class Script(NamedTuple):
    """The code of a page."""

    language: Language
    code: bytes
    """As long as the page, with all that is no code blank."""


def script_of(data: bytes, file: str) -> Script | None:
    """Return the scripts of a page together, ``None`` if it has none. O(bytes)."""
    scripts = list(_SCRIPT.finditer(data))
    pieces = [
        match.span(2)
        for match in scripts
        if (kind := _KIND.search(match[1])) is None or kind[1].lower() in _CODE
    ]
    is_typed = any(_LANGUAGE.search(match[1]) for match in scripts)
    if file.endswith(".astro") and (front := _FRONT_MATTER.match(data)):
        pieces.insert(0, front.span(1))
        is_typed = True
    if not any(data[start:end].strip() for start, end in pieces):
        return None
    parts, at = [], 0
    for start, end in pieces:
        # A page is one module to its readers, and each script ends its last statement.
        parts += [data[at:start].translate(_BLANK), data[start:end], b";"]
        at = end + 1
    parts.append(data[at:].translate(_BLANK))
    return Script("typescript" if is_typed else "javascript", b"".join(parts))
