"""What a result depends on besides the file: the program and the rules.

A result is good for as long as nobody has touched the program or the project's rules. The program is told by its version, those of its parsers, and by the names,
sizes and times of its own files, so that a change to it counts at once, without reading them; a project's rules by their bytes.
"""

from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path
from typing import Final

from blake3 import blake3

import stemedb_analysis

PARSERS: Final = (
    "tree-sitter", "tree-sitter-go", "tree-sitter-java", "tree-sitter-javascript", "tree-sitter-json", "tree-sitter-python", "tree-sitter-rust",
    "tree-sitter-toml", "tree-sitter-typescript", "tree-sitter-yaml",
)  # fmt: skip
PROGRAM_FILES: Final = (".py", ".yaml", ".scm", ".json")


def stamp(rules: Path, imports: Collection[str] = ()) -> bytes:
    """Return 32 bytes that differ whenever results may; `rules` is the directory of the project's own rules, there or not.

    `imports` are the modules that policies speak of.
    """
    digest = blake3(" ".join(map(version, ("stemedb-analysis", *PARSERS))).encode())
    home = Path(stemedb_analysis.__file__).parent
    for path in sorted(home.rglob("*")):
        if path.suffix in PROGRAM_FILES:
            status = path.stat()
            digest.update(f"{path.relative_to(home)} {status.st_size} {status.st_mtime_ns}\n".encode())
    for path in sorted(rules.glob("**/*.y*ml")) if rules.is_dir() else ():
        if not path.is_file():
            continue  # whoever reads the rules says so
        digest.update(
            b"%b\0%b\0" % (path.name.encode("utf-8", "surrogateescape"), blake3(path.read_bytes()).digest())
        )
    for name in sorted(imports):
        digest.update(b"import\0%b\0" % name.encode())
    return digest.digest()
