"""What a configuration file is: its format, and the kind of document that it holds.

::

    name, first bytes ──format_of──▶ format ──reader──▶ Facts ──kind_of──▶ kind
    deploy/web.yaml                  yaml               apiVersion, kind   kubernetes

The name decides where it is the convention; otherwise a few keys at the top do. A kind that is empty means: a file of its format, of
which nothing else is known. Rules name kinds to speak of some files only.
"""

import re
from collections.abc import Iterable
from typing import Final

from stemedb_analysis.facts.model import Facts

HEAD_BYTES: Final = 4096
"""Of a file, how much is looked at to tell its format."""

_SUFFIXES: Final = {
    ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json", ".jsonc": "json", ".json5": "json", ".env": "env",
    ".ini": "ini", ".cfg": "ini", ".cnf": "ini", ".service": "ini", ".properties": "properties", ".dockerfile": "dockerfile",
    ".nginx": "nginx", ".vhost": "nginx",
}  # fmt: skip
_NAMES: Final = {
    "dockerfile": "dockerfile", "containerfile": "dockerfile", "pipfile": "toml", "poetry.lock": "", "pipfile.lock": "",
    "package-lock.json": "", "npm-shrinkwrap.json": "", "composer.lock": "", "cargo.lock": "", "pnpm-lock.yaml": "", "uv.lock": "",
    "sshd_config": "ini", "ssh_config": "ini", "redis.conf": "ini", "postgresql.conf": "ini", "pg_hba.conf": "ini", "my.cnf": "ini",
    ".npmrc": "ini", ".pypirc": "ini", "pip.conf": "ini", ".gitconfig": "ini", ".babelrc": "json", ".eslintrc": "json",
    ".htpasswd": "", "gradle.properties": "properties", ".flaskenv": "env", ".envrc": "env", "nginx.conf": "nginx",
}  # fmt: skip
_REQUIREMENTS: Final = re.compile(
    r"(?:[\w.-]*[-_.])?(?:requirements|constraints)(?:[-_.][\w.-]*)?\.(?:txt|in)"
)
_ENV_NAME: Final = re.compile(
    r"\.env(?:[._-][\w.-]+)?(?<!\.js)(?<!\.ts)(?<!\.py)|[\w.-]+\.env|env\.(?:example|sample|dist|local|dev|development|prod|production|test|template)"
)
_NGINX: Final = re.compile(rb"(?m)^[ \t]*(?:server|http|upstream[ \t]+\S+|location[ \t]+[^\n{;]+|events)[ \t]*\{|^[ \t]*(?:listen|proxy_pass|server_name|ssl_\w+)[ \t][^\n]*;[ \t]*\r?$")  # fmt: skip

_NATS: Final = re.compile(
    rb"(?m)^[ \t]*(?:jetstream|leafnodes|mqtt|websocket|system_account|no_auth_user|server_name|max_payload|http_port|monitor_port)[ \t]*[:={]|^[ \t]*(?:authorization|accounts|cluster|gateway)[ \t]*[:=]?[ \t]*\{"
)
_NATS_NAME: Final = re.compile(r"(?:[\w.]+-)?nats(?:-server)?(?:[-_.][\w-]+)?\.conf|gnatsd\.conf")

_BY_NAME: Final = (
    (re.compile(r"(?:docker-)?(?:compose|stack)(?:[.\-_][\w.\-]+)?\.ya?ml"), "compose"),
    (re.compile(r"package\.json"), "package-json"),
    (re.compile(r"tsconfig[\w.\-]*\.json"), "tsconfig"),
    (re.compile(r"pyproject\.toml"), "pyproject"),
    (re.compile(r"cargo\.toml"), "cargo"),
    (re.compile(r"pipfile"), "pipfile"),
    (re.compile(r"chart\.ya?ml"), "helm-chart"),
    (re.compile(r"values[\w.\-]*\.ya?ml"), "helm-values"),
    (re.compile(r"\.gitlab-ci\.ya?ml"), "gitlab-ci"),
    (re.compile(r"\.pre-commit-config\.ya?ml"), "pre-commit"),
    (re.compile(r"dependabot\.ya?ml"), "dependabot"),
    (re.compile(r"(?:application|bootstrap)[\w.\-]*\.(?:properties|ya?ml)"), "spring"),
    (re.compile(r"(?:server|producer|consumer|broker|kafka|connect)[\w.\-]*\.properties"), "kafka"),
    (re.compile(r"redis[\w.\-]*\.conf"), "redis"),
    (re.compile(r"postgresql[\w.\-]*\.conf"), "postgresql"),
    (re.compile(r"pg_hba\.conf"), "pg-hba"),
    (re.compile(r"sshd_config[\w.\-]*"), "sshd"),
    (re.compile(r"(?:ssh_config[\w.\-]*)"), "ssh"),
    (re.compile(r"elasticsearch\.ya?ml"), "elasticsearch"),
    (re.compile(r"mongod?\.(?:conf|ya?ml)"), "mongodb"),
    (re.compile(r"[\w.@\-]+\.service"), "systemd"),
    (re.compile(r"\.npmrc"), "npmrc"),
    (re.compile(r"pip\.(?:conf|ini)"), "pip"),
)  # fmt: skip
_WORKFLOW: Final = re.compile(r"(?:^|/)\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml$", re.IGNORECASE)
_ACTION: Final = re.compile(r"(?:^|/)action\.ya?ml$", re.IGNORECASE)


def format_of(file: str, head: bytes = b"") -> str:
    """Return the format of the file of this name that begins with `head`; empty if it is none that is read.

    Lock files have no format on purpose: they are written by programs, and what they pin is pinned.
    """
    name = file.rpartition("/")[2].lower()
    if name in _NAMES:
        return _NAMES[name]
    if name.startswith(("dockerfile.", "containerfile.")) or name.endswith((".dockerfile", ".containerfile")):
        return "dockerfile"
    if _REQUIREMENTS.fullmatch(name) or (
        name.endswith((".txt", ".in")) and "/requirements/" in f"/{file.lower()}"
    ):
        return "requirements"
    if _ENV_NAME.fullmatch(name):
        return "env"
    suffix = name[name.rindex(".") :] if "." in name else ""
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if name.startswith(("sshd_config", "ssh_config")):
        return "ini"
    if suffix in {".conf", ".template", ".tmpl", ".j2", ""} and _NGINX.search(head[:HEAD_BYTES]):
        return "nginx"
    if suffix == ".conf" and (_NATS_NAME.fullmatch(name) or len(set(_NATS.findall(head[:HEAD_BYTES]))) > 1):
        return "nats"
    return "ini" if suffix == ".conf" else ""


def kind_of(file: str, format: str, facts: Facts) -> str:  # noqa: A002 - the word for it
    """Return the kind of document; empty if nothing more than its format is known. O(settings) only for YAML of an unknown name."""
    name = file.rpartition("/")[2].lower()
    if format == "requirements" and name.endswith(".in"):
        return "requirements-in"  # what a lock is made from: ranges belong there
    if format in {"dockerfile", "nats", "nginx", "env", "requirements"}:
        return format
    if format == "yaml":
        if _WORKFLOW.search(file):
            return "workflow"
        if _ACTION.search(file):
            return "action"
    for pattern, kind in _BY_NAME:
        if pattern.fullmatch(name):
            return kind
    if format in {"yaml", "json"}:
        return _by_content(facts)
    return ""


def _by_content(facts: Facts) -> str:
    tops = set(_tops(facts))
    if {"apiVersion", "kind"} <= tops:
        return "kubernetes"
    if "jobs" in tops and tops & {"on", "True", "true"}:
        return "workflow"
    if "runs" in tops and "name" in tops and _has(facts, ("runs", "using")):
        return "action"
    if "services" in tops and any(
        setting.path[0] == "services" and len(setting.path) > 2 and setting.path[2] in {"image", "build"}
        for setting in facts.settings
    ):
        return "compose"
    return ""


def _tops(facts: Facts) -> Iterable[str]:
    """Yield the keys at the top of each document."""
    for setting in facts.settings:
        parts = setting.path
        if parts and parts[0].startswith("---"):
            parts = parts[1:]
        if parts:
            yield parts[0]


def _has(facts: Facts, path: tuple[str, ...]) -> bool:
    return any(setting.path[: len(path)] == path for setting in facts.settings)
