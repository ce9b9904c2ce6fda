"""Whether a file is worth reading, before it is read: by its name alone.

The languages of code are named in `facts.languages`, the formats of configuration in `settings.kinds`; a file without an extension may
begin with a shebang, so it is read to see.
"""

from typing import Final

_CODE: Final = {
    ".py": "python", ".pyi": "python", ".pyw": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript",
    ".ts": "typescript", ".tsx": "typescript", ".mts": "typescript", ".cts": "typescript", ".go": "go", ".java": "java", ".rs": "rust",
}  # fmt: skip
_CONFIG: Final = {
    ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json", ".env": "env", ".ini": "ini", ".cfg": "ini",
    ".properties": "properties", ".conf": "nginx",
}  # fmt: skip


def may_be_known(file: str) -> bool:
    """Whether a file of this name may be in a language that is read."""
    name = file.rpartition("/")[2].lower()
    if "." not in name.lstrip("."):
        return True
    return (
        name[name.rindex(".") :] in _CODE
        or name[name.rindex(".") :] in _CONFIG
        or "dockerfile" in name
        or ".env" in name
    )


def language_of(file: str, data: bytes) -> str:
    """Return the language of a file by its name and its first line; empty if it is none that is read."""
    name = file.rpartition("/")[2].lower()
    if "dockerfile" in name or name == "containerfile":
        return "dockerfile"
    if name.startswith(".env"):
        return "env"
    suffix = name[name.rindex(".") :] if "." in name else ""
    known = _CODE.get(suffix) or _CONFIG.get(suffix, "")
    if not known and data.startswith(b"#!"):
        first = data[:200].partition(b"\n")[0]
        known = "python" if b"python" in first else "javascript" if b"node" in first else ""
    return known
