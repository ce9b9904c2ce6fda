"""Small projects for tests: files from a mapping, and git repositories of them."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

QUIET = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


def plant(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write the files below `root`; a name that ends with ``/`` is an empty directory."""
    for name, content in files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def git(root: Path, *arguments: str) -> str:
    """Run git in a directory, whatever the user's own settings are."""
    done = subprocess.run(
        ["git", "-C", str(root), *arguments],
        check=True,
        capture_output=True,
        env={**os.environ, **QUIET},
        timeout=60,
    )
    return done.stdout.decode()


def repository(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Make a repository with the files committed."""
    plant(root, files)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "first")
    return root
