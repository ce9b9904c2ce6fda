"""Which files nobody here wrote: by their names, and by what stands in their first bytes.

Vendored code is somebody else's to mend, generated code is mended in what generates it, and a lock file repeats what other files ask
for. A finding in one of them is noise, so they are passed over, and counted.

What it does not do: it does not judge by the project's own layout (``build/``, ``dist/``): those are what ``.gitignore`` is for.
"""

import re
from collections.abc import Collection
from typing import Final

from stemedb_analysis.walk.inputs import BINARY, BUNDLED, DENSE, GENERATED, LOCK, MINIFIED, TOOL, VENDORED

VENDORED_DIRECTORIES: Final = frozenset(
    {
        "node_modules", "bower_components", "jspm_packages", "vendor", "third_party", "third-party", "thirdparty", "3rdparty",
        "site-packages", "dist-packages", "__pypackages__", "_vendor", ".venv", ".eggs", ".bundle", "pods", "carthage",
    }
)  # fmt: skip
TOOL_DIRECTORIES: Final = frozenset(
    {
        ".git", ".hg", ".svn", ".bzr", "cvs", ".jj", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis",
        ".tox", ".nox", ".gradle", ".terraform", ".idea", ".next", ".nuxt", ".parcel-cache", ".stemedb",
    }
)  # fmt: skip
ENVIRONMENT_MARK: Final = "pyvenv.cfg"
"""Stands at the top of every Python environment, whatever its name."""
CACHE_MARK: Final = "CACHEDIR.TAG"
"""Stands in directories that can be made anew, by the convention of the same name (Cargo's ``target`` for one)."""

LOCK_FILES: Final = frozenset(
    {
        "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "deno.lock", "cargo.lock",
        "poetry.lock", "uv.lock", "pdm.lock", "pipfile.lock", "conda-lock.yml", "go.sum", "go.work.sum", "gemfile.lock",
        "composer.lock", "mix.lock", "pubspec.lock", "podfile.lock", "flake.lock", "packages.lock.json", "gradle.lockfile",
        ".terraform.lock.hcl", "chart.lock", "module.bazel.lock",
    }
)  # fmt: skip

BINARY_WITHIN_BYTES: Final = 8000
"""A NUL this early makes a file binary; git's own rule."""
HEADER_BYTES: Final = 2048
"""The notice of a generator stands at the top, below at most a licence."""
NOTICE: Final = re.compile(
    rb"^\W{0,12}(?:(?:this |the )?(?:code|file)\b.{0,40})?\b(?:auto-?|automatically )?generated\b.{0,120}\bdo not (?:edit|modify|change)\b"
    rb"|^\W{0,12}do not (?:edit|modify|change)\b.{0,80}\bgenerated\b"
    rb"|^\W{1,12}@generated\b",
    re.IGNORECASE | re.MULTILINE,
)
BUNDLES: Final = (".js", ".mjs", ".cjs")
MINIFIABLE: Final = (".js", ".mjs", ".cjs", ".css", ".html")
MINIFIED_NAME: Final = re.compile(
    r"[.-](?:min|bundled?|prod\.min|[0-9a-f]{20}|[0-9a-f]{32}|[0-9a-f]{64})\.(?:js|mjs|cjs|css)$"
)
"""So builders name what they write, the digest of its content included."""
BUNDLE: Final = re.compile(
    rb"^// (?:\.\./)*node_modules/|^/\*{3,}/ ?(?:\(\(\) =>|\(function\(\w*\)) \{ // webpackBootstrap|^\s{0,8}function getDefaultExportFromCjs ?\(",
    re.MULTILINE,
)
"""What builders write above each file that they take in, and at the top of all."""
MINIFIED_LINE_BYTES: Final = 500
"""Lines that are this long on average were written by no one."""
MINIFIED_BYTES_MIN: Final = 4096

_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def directory_reason(name: str, siblings: Collection[str], *, within_vendored: bool) -> str:
    """Return why the directory `name`, which holds the entries `siblings`, is passed over; empty if it is not.

    Inside of vendored code that somebody asked for by name, vendored directories are what there is to scan.
    """
    lowered = name.lower()
    if lowered in TOOL_DIRECTORIES or CACHE_MARK in siblings:
        return TOOL
    if not within_vendored and (lowered in VENDORED_DIRECTORIES or ENVIRONMENT_MARK in siblings):
        return VENDORED
    return ""


def is_vendored(parts: Collection[str]) -> bool:
    """Whether one of the directories of a path holds vendored code."""
    return any(part.lower() in VENDORED_DIRECTORIES for part in parts)


def name_reason(name: str) -> str:
    """Return why a file of this name is passed over unread; empty if it is not."""
    lowered = name.lower()
    if lowered in LOCK_FILES:
        return LOCK
    return MINIFIED if MINIFIED_NAME.search(lowered) else ""


def content_reason(name: str, data: bytes) -> str:
    """Return why a file with this content is passed over; empty if it is not. Looks at the first 8 KB."""
    if b"\0" in data[:BINARY_WITHIN_BYTES] and not data.startswith(_UTF16_MARKS):
        return BINARY
    header = data[:HEADER_BYTES]
    if b"enerated" in header and NOTICE.search(header):
        return GENERATED
    if (
        len(data) >= MINIFIED_BYTES_MIN
        and name.lower().endswith(MINIFIABLE)
        and len(data) > MINIFIED_LINE_BYTES * (data.count(b"\n") + 1)
    ):
        return DENSE
    if name.lower().endswith(BUNDLES) and BUNDLE.search(data, 0, BINARY_WITHIN_BYTES):
        return BUNDLED
    return ""
