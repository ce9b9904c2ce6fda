r"""Installed Python packages as claims: what their metadata says, one assertion per thing said.

::

    blake3-1.0.11.dist-info/METADATA            pkg://pypi/blake3/1.0.11
      License-Expression: Apache-2.0      ──▶     license          "Apache-2.0"
      Requires-Python: >=3.8              ──▶     requires_python  ">=3.8"
      Requires-Dist: numpy; extra == "x"  ──▶     requires         "numpy; extra == \"x\""
      Classifier: Programming Language…   ──▶     classifier       "Programming Language…"
      Project-URL: Homepage, https://…    ──▶     homepage         → https://…

Every claim is an observation (tier 4): we saw the file, we did not ask the author. Its source names the package
in the package-URL form and carries the SHA-256 of the file that was read.

Invariants:

* A pure function of the files: no clock, no host name, no path of this computer. Importing twice, here or on
  another computer with the same packages, gives the same statements and therefore the same ids.
* What breaks a rule of statements (an empty name, a text too long) is left out; one package never costs another.

It reads metadata as the import system of Python does (``importlib.metadata``), and runs no code of the packages.
"""

import re
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import Distribution, DistributionFinder, MetadataPathFinder
from pathlib import Path
from typing import Final, NamedTuple

from stemedb.statements.limits import REFERENCE_LENGTH_MAX, SUBJECT_BYTES_MAX, TEXT_BYTES_MAX
from stemedb.statements.model import Assertion, Reference, Source, Text, Value

AGENT: Final = "stemedb-import"
TIER: Final = 4
SYSTEM_PACKAGES: Final = ("/usr/lib/python3/dist-packages",)
"""Where Debian and its kin keep the packages of the system's own Python; looked into where it exists."""
METADATA_FILES: Final = ("METADATA", "PKG-INFO")
LICENSE_LENGTH_MAX: Final = 200
"""A longer License field is the text of a licence, not its name."""

SAID: Final = 0.95
"""Confidence in a field with a defined grammar: the file says so, in so many words."""
FREE_TEXT: Final = 0.7
"""Confidence in a field of free text, which people fill in as they like."""


_PLAIN: Final = {
    "summary": "summary",
    "requires-python": "requires_python",
    "requires-dist": "requires",
    "provides-extra": "provides_extra",
    "classifier": "classifier",
}
_PEOPLE: Final = {
    "author": "author",
    "author-email": "author",
    "maintainer": "maintainer",
    "maintainer-email": "maintainer",
}
_URLS: Final = {
    "homepage": "homepage",
    "home": "homepage",
    "source": "source_code",
    "sourcecode": "source_code",
    "repository": "source_code",
    "github": "source_code",
    "documentation": "documentation",
    "docs": "documentation",
    "changelog": "changelog",
    "changes": "changelog",
    "releasenotes": "changelog",
    "issues": "issue_tracker",
    "tracker": "issue_tracker",
    "issuetracker": "issue_tracker",
    "bugtracker": "issue_tracker",
}
"""The labels that the packaging guide calls well known, without their punctuation."""


class Package(NamedTuple):
    """One distribution, as far as claims are made of it."""

    name: str
    version: str
    metadata: Mapping[str, Sequence[str]]
    """Header names in lower case, each with its values in order."""
    file: str
    digest: str
    """SHA-256 of the metadata file, its lines ended by LF, in hex."""

    @property
    def subject(self) -> str:
        """The concept path that the claims are about."""
        return f"pkg://pypi/{self.name}/{self.version}"

    @property
    def uri(self) -> str:
        """The package URL of the file that was read."""
        return f"pkg:pypi/{self.name}@{self.version}#{self.file}"


def installed(paths: Iterable[str] | None = None) -> list[Package]:
    """Return the packages found in ``paths``, sorted, each (name, version, metadata) once.

    Without ``paths``: those of :func:`search_path`. Packages whose metadata cannot be read are left out, as the
    import system leaves them out.
    """
    context = DistributionFinder.Context(path=list(search_path() if paths is None else paths))
    packages = filter(None, map(read, MetadataPathFinder.find_distributions(context)))
    found = {(package.name, package.version, package.digest): package for package in packages}
    return [found[key] for key in sorted(found)]


def search_path() -> list[str]:
    """Return every directory where this interpreter, and the one beneath a virtual environment, keep packages."""
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    schemes = [sysconfig.get_path(key, vars=base) for key in ("purelib", "platlib")]
    paths = [*sys.path, *site.getsitepackages([sys.base_prefix, "/usr"]), *schemes, *SYSTEM_PACKAGES]
    existing = (str(Path(path).resolve()) for path in paths if path and Path(path).is_dir())
    return list(dict.fromkeys(existing))


def read(distribution: Distribution) -> Package | None:
    """Return what a distribution's metadata says, or None if there is none or it names nothing."""
    try:
        file, text = next((f, text) for f in METADATA_FILES if (text := distribution.read_text(f)))
    except (StopIteration, UnicodeDecodeError, OSError):
        return None
    headers = _headers(text)
    name, version = headers.get("name", ("",))[0], headers.get("version", ("",))[0]
    if not name or not version:
        return None
    canonical = re.sub(r"[-_.]+", "-", name).lower()
    return Package(canonical, version, headers, file, sha256(text.encode()).hexdigest())


def claims(package: Package) -> Iterator[Assertion]:
    """Yield the assertions that a package's metadata makes, in a fixed order, each once."""
    seen: set[tuple[str, str]] = set()
    source = Source(tier=TIER, uri=package.uri, digest=f"sha256:{package.digest}")
    if len(package.subject.encode()) > SUBJECT_BYTES_MAX or not _sound(package.subject):
        return
    for predicate, value, confidence in _said(package.metadata):
        if (predicate, value.value) in seen or not _fits(value):
            continue
        seen.add((predicate, str(value.value)))
        yield Assertion(
            subject=package.subject,
            predicate=predicate,
            object=value,
            confidence=confidence,
            source=source,
            lifecycle="approved",
            agent=AGENT,
        )


def _said(metadata: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Value, float]]:
    yield from _licenses(metadata)
    for header, predicate in _PLAIN.items():
        for text in metadata.get(header, ()):
            yield predicate, Text(text), SAID
    for header, predicate in _PEOPLE.items():
        for text in metadata.get(header, ()):
            yield from ((predicate, Text(name), FREE_TEXT) for name in _people(text))
    for text in metadata.get("keywords", ()):
        separator = r"[,;]" if "," in text or ";" in text else r"\s+"
        yield from (("keyword", Text(word.strip()), FREE_TEXT) for word in re.split(separator, text))
    for url in metadata.get("home-page", ()):
        yield "homepage", Reference(url), SAID
    for labelled in metadata.get("project-url", ()):
        label, _, url = labelled.partition(",")
        predicate = _URLS.get(re.sub(r"[^a-z]", "", label.lower()), "url")
        yield predicate, Reference(url.strip()), SAID


def _licenses(metadata: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Value, float]]:
    """Yield what the newer field says; the older one, free text, is heard only where the newer is not there."""
    for expression in metadata.get("license-expression", ()):
        yield "license", Text(expression), SAID
    if "license-expression" not in metadata:
        for name in metadata.get("license", ()):
            if name.upper() != "UNKNOWN" and "\n" not in name and len(name) <= LICENSE_LENGTH_MAX:
                yield "license", Text(name), FREE_TEXT


def _headers(text: str) -> dict[str, tuple[str, ...]]:
    """Split the header block of a metadata file; folded lines are joined, the description is left out."""
    headers: dict[str, list[str]] = {}
    block = text.replace("\r\n", "\n").partition("\n\n")[0]
    for line in re.sub(r"\n(?=[ \t])", "\0", block).split("\n"):
        name, colon, value = line.partition(":")
        if colon and (text := value.replace("\0", "\n").strip()):
            headers.setdefault(name.strip().lower(), []).append(text)
    return {name: tuple(values) for name, values in headers.items()}


def _people(text: str) -> Iterator[str]:
    """Yield the names in ``A. Person <a@example.org>, B. Person``; bare addresses are left out."""
    for part in re.sub(r"<[^>]*>", "", text).split(","):
        name = part.strip().strip('"')
        if name and "@" not in name:
            yield name


def _fits(value: Value) -> bool:
    if isinstance(value, Reference):
        return 0 < len(value.value) <= REFERENCE_LENGTH_MAX
    return isinstance(value, Text) and 0 < len(value.value.encode(errors="ignore")) <= TEXT_BYTES_MAX


def _sound(path: str) -> bool:
    return path.isprintable() and all(path.removeprefix("pkg://").split("/"))
