"""pip's requirements files: what is asked for, in which versions, from where.

::

    requests[socks]==2.32.3 --hash=sha256:…   ("requirement", "requests") = "==2.32.3"    and ("requirement", "requests", "--hash")
    flask >=2 ; python_version > "3.8"        ("requirement", "flask") = ">=2"
    django                                    ("requirement", "django") = ""
    app @ git+https://host/app@main           ("requirement", "app", "url") = "git+https://host/app@main"
    --index-url http://host/python            ("--index-url",) = "http://host/python"
"""

import re
from typing import Final

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.collector import Collector, Full

_NAME: Final = re.compile(r"([A-Za-z0-9][\w.\-]*)\s*(?:\[[^\]]*\])?\s*(?:@\s*(\S+)|(\(?[<>=!~][^;#]*)?)")
_OPTION: Final = re.compile(r"(-{1,2}[A-Za-z][\w-]*)(?:[ =]+(\S+))?")
_URL: Final = re.compile(r"(?:(?:git|hg|svn|bzr)\+\S+|https?://\S+|file:\S+)")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
_EGG: Final = re.compile(r"[#&]egg=([\w.\-]+)")
_SHORT: Final = {
    "-i": "--index-url",
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
    "-f": "--find-links",
}


def extract(data: bytes) -> Facts:
    """Return the settings of a requirements file."""
    out = Collector(data)
    position = 0
    try:
        while position < len(data):
            end = _line_end(data, position)
            while data[position:end].rstrip().endswith(b"\\") and end < len(data):
                end = _line_end(data, end + 1)
            raw = out.text(position, end)
            text = " ".join(
                _COMMENT.sub("", line.rstrip().removesuffix("\\")).strip() for line in raw.splitlines()
            )
            start = position + len(raw) - len(raw.lstrip())
            _entry(out, text.strip().lstrip("\ufeff"), start, end)
            position = end + 1
    except Full:
        out.fault("too many settings, the rest is left out", position)
    return out.facts("requirements")


def _entry(out: Collector, text: str, start: int, end: int) -> None:
    if not text:
        return
    option = _OPTION.match(text)
    if option:
        name = _SHORT.get(option[1], option[1])
        value = option[2] or ""
        if name == "--editable" and _URL.match(value):
            _url(out, value, start, end)
        out.add((name,), value, start, end)
        return
    if _URL.match(text):
        _url(out, text.split(maxsplit=1)[0], start, end)
        return
    match = _NAME.match(text)
    if match is None:
        out.fault("is no requirement", start)
        return
    path = ("requirement", match[1].lower())
    if match[2]:
        out.add((*path, "url"), match[2], start, end)
        return
    out.add(path, re.split(r"\s--", match[3] or "", maxsplit=1)[0].strip(" ()"), start, end)
    if "--hash" in text:
        out.add((*path, "--hash"), "present", start, end)


def _url(out: Collector, url: str, start: int, end: int) -> None:
    egg = _EGG.search(url)
    out.add(("requirement", egg[1].lower() if egg else "?", "url"), url, start, end)


def _line_end(data: bytes, start: int) -> int:
    found = data.find(b"\n", start)
    return len(data) if found < 0 else found
