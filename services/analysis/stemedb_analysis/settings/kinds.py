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
    ".nginx": "nginx", ".vhost": "nginx", ".socket": "ini", ".timer": "ini", ".container": "ini",
}  # fmt: skip
_NAMES: Final = {
    "dockerfile": "dockerfile", "containerfile": "dockerfile", "pipfile": "toml", "poetry.lock": "", "pipfile.lock": "",
    "package-lock.json": "", "npm-shrinkwrap.json": "", "composer.lock": "", "cargo.lock": "", "pnpm-lock.yaml": "", "uv.lock": "",
    "sshd_config": "ini", "ssh_config": "ini", "redis.conf": "ini", "postgresql.conf": "ini", "pg_hba.conf": "ini", "my.cnf": "ini",
    ".npmrc": "ini", ".pypirc": "ini", "pip.conf": "ini", ".gitconfig": "ini", ".babelrc": "json", ".eslintrc": "json",
    ".htpasswd": "", "gradle.properties": "properties", ".flaskenv": "env", ".envrc": "env", "nginx.conf": "nginx",
    "mongod.conf": "yaml", "mongos.conf": "yaml", "mongodb.conf": "yaml", ".condarc": "yaml", "condarc": "yaml", ".yarnrc": "ini",
    ".curlrc": "ini", ".wgetrc": "ini", "wgetrc": "ini", ".pylintrc": "", "zoo.cfg": "properties", "haproxy.cfg": "haproxy",
    ".htaccess": "apache", "httpd.conf": "apache", "apache2.conf": "apache", ".bowerrc": "json", ".netrc": "",
    "hosts": "", "ansible.cfg": "ini",
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
_MONGO: Final = re.compile(r"(?:[\w.\-]*[-_.])?mongo(?:d|db|s)[\w.\-]*\.conf")
_APACHE: Final = re.compile(rb"(?m)^[ \t]*(?:<(?:VirtualHost|Directory|Location|Files|IfModule)\b|LoadModule[ \t]|SSLEngine[ \t])", re.IGNORECASE)  # fmt: skip
_HAPROXY: Final = re.compile(rb"(?m)^(?:frontend|backend|listen|defaults)\b[^\n{]*\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]+(?:bind|server|mode|timeout|option|balance|default_backend)[ \t]")  # fmt: skip

_BY_NAME: Final = (
    (re.compile(r"(?:docker-)?(?:compose|stack)(?:[.\-_][\w.\-]+)?\.ya?ml"), "compose"),
    (re.compile(r"package\.json"), "package-json"),
    (re.compile(r"composer\.json"), "composer"),
    (re.compile(r"tsconfig[\w.\-]*\.json"), "tsconfig"),
    (re.compile(r"pyproject\.toml"), "pyproject"),
    (re.compile(r"cargo\.toml"), "cargo"),
    (re.compile(r"pipfile"), "pipfile"),
    (re.compile(r"chart\.ya?ml"), "helm-chart"),
    (re.compile(r"values[\w.\-]*\.ya?ml"), "helm-values"),
    (re.compile(r"\.gitlab-ci\.ya?ml"), "gitlab-ci"),
    (re.compile(r"\.pre-commit-config\.ya?ml"), "pre-commit"),
    (re.compile(r"dependabot\.ya?ml"), "dependabot"),
    (re.compile(r"(?:[\w.\-]*[-_.])?(?:application|bootstrap)[\w.\-]*\.(?:properties|ya?ml)"), "spring"),
    (re.compile(r"(?:[\w.\-]*[-_.])?(?:server|producer|consumer|broker|kafka|connect)[\w.\-]*\.properties"), "kafka"),
    (re.compile(r"(?:[\w.\-]*[-_.])?(?:redis|valkey|keydb)[\w.\-]*\.conf"), "redis"),
    (re.compile(r"(?:[\w.\-]*[-_.])?postgresql[\w.\-]*\.conf"), "postgresql"),
    (re.compile(r"[\w.\-]*pg_hba[\w.\-]*\.conf"), "pg-hba"),
    (re.compile(r"(?:[\w.\-]*[-_.])?sshd_config[\w.\-]*"), "sshd"),
    (re.compile(r"(?:[\w.\-]*[-_.])?ssh_config[\w.\-]*"), "ssh"),
    (re.compile(r"(?:[\w.\-]*[-_.])?(?:elasticsearch|opensearch)[\w.\-]*\.ya?ml"), "elasticsearch"),
    (re.compile(r"(?:[\w.\-]*[-_.])?(?:kibana|opensearch_dashboards)[\w.\-]*\.ya?ml"), "kibana"),
    (re.compile(r"(?:[\w.\-]*[-_.])?mongo(?:d|db|s)?[\w.\-]*\.(?:conf|ya?ml)"), "mongodb"),
    (re.compile(r"(?:[\w.\-]*[-_.])?rabbitmq[\w.\-]*\.conf"), "rabbitmq"),
    (re.compile(r"(?:[\w.\-]*[-_.])?mosquitto[\w.\-]*\.conf"), "mosquitto"),
    (re.compile(r"(?:[\w.\-]*[-_.])?(?:my|mysqld?|mariadb)[\w.\-]*\.(?:cnf|ini)|50-server\.cnf"), "mysql"),
    (re.compile(r"(?:[\w.\-]*[-_.])?grafana[\w.\-]*\.ini"), "grafana"),
    (re.compile(r"(?:[\w.\-]*[-_.])?cassandra[\w.\-]*\.ya?ml"), "cassandra"),
    (re.compile(r"(?:[\w.\-]*[-_.])?neo4j[\w.\-]*\.conf"), "neo4j"),
    (re.compile(r"(?:[\w.\-]*[-_.])?memcached[\w.\-]*\.conf"), "memcached"),
    (re.compile(r"(?:docker-?)?daemon\.json"), "docker-daemon"),
    (re.compile(r"[\w.@\-]+\.(?:service|socket|timer|container)"), "systemd"),
    (re.compile(r"\.npmrc|npmrc|\.yarnrc"), "npmrc"),
    (re.compile(r"\.yarnrc\.ya?ml"), "yarnrc"),
    (re.compile(r"\.?pip\.(?:conf|ini)"), "pip"),
    (re.compile(r"zoo[\w.\-]*\.cfg|zookeeper[\w.\-]*\.(?:properties|cfg)"), "zookeeper"),
    (re.compile(r"vsftpd[\w.\-]*\.conf"), "vsftpd"),
    (re.compile(r"azure-pipelines[\w.\-]*\.ya?ml"), "azure-pipelines"),
    (re.compile(r"appsettings[\w.\-]*\.json"), "appsettings"),
)  # fmt: skip
_IN_FOLDER: Final = (
    (re.compile(r"(?:^|/)sshd_config\.d/[^/]+\.conf$", re.IGNORECASE), "sshd"),
    (re.compile(r"(?:^|/)ssh_config\.d/[^/]+\.conf$|(?:^|/)\.ssh/config$", re.IGNORECASE), "ssh"),
    (re.compile(r"(?:^|/)[^/]+\.service\.d/[^/]+\.conf$", re.IGNORECASE), "systemd"),
    (re.compile(r"(?:^|/)\.circleci/[^/]+\.ya?ml$", re.IGNORECASE), "circleci"),
    (re.compile(r"(?:^|/)\.cargo/config(?:\.toml)?$", re.IGNORECASE), "cargo-config"),
)
_BY_KEYS: Final = (
    ("kafka", frozenset({"broker.id", "advertised.listeners", "log.dirs", "inter.broker.listener.name", "zookeeper.connect"})),
    ("kafka", frozenset({"bootstrap.servers", "process.roles", "key.serializer", "key.deserializer", "group.id"})),
    ("zookeeper", frozenset({"tickTime", "initLimit", "secureClientPort"})),
    ("redis", frozenset({"protected-mode", "maxmemory-policy", "requirepass", "appendonly", "tcp-backlog", "replica-read-only"})),
    ("postgresql", frozenset({"wal_level", "shared_buffers", "listen_addresses", "max_wal_senders", "hba_file"})),
    ("rabbitmq", frozenset({"listeners.tcp.default", "listeners.tcp", "listeners.ssl.default", "vm_memory_high_watermark.relative", "default_vhost"})),
    ("mosquitto", frozenset({"allow_anonymous", "persistence_location", "per_listener_settings"})),
    ("sshd", frozenset({"AuthorizedKeysFile", "HostbasedAuthentication", "ClientAliveInterval", "MaxAuthTries"})),
    ("mysql", frozenset({"mysqld", "mariadb"})),
)  # fmt: skip
"""A key of one of these at the top tells what a file of lines is whose name does not."""

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
    if suffix == ".conf" and _MONGO.fullmatch(name):
        return "yaml"
    if suffix in _SUFFIXES and suffix != ".cfg":
        return _SUFFIXES[suffix]
    if name.endswith(("sshd_config", "ssh_config")) or name.startswith(("sshd_config", "ssh_config")):
        return "ini"
    return _by_first_bytes(name, suffix, head[:HEAD_BYTES])


def _by_first_bytes(name: str, suffix: str, head: bytes) -> str:
    """Return the format of a file whose name says little, by what it begins with."""
    if suffix in {".conf", ".cfg", ".template", ".tmpl", ".j2", ""}:
        for pattern, format_ in ((_APACHE, "apache"), (_HAPROXY, "haproxy"), (_NGINX, "nginx")):
            if pattern.search(head):
                return format_
    if suffix == ".conf" and (_NATS_NAME.fullmatch(name) or len(set(_NATS.findall(head))) > 1):
        return "nats"
    return "ini" if suffix in {".conf", ".cfg"} else ""


def kind_of(file: str, format: str, facts: Facts) -> str:  # noqa: A002 - the word for it
    """Return the kind of document; empty if nothing more than its format is known. O(settings) only for YAML of an unknown name."""
    name = file.rpartition("/")[2].lower()
    if format == "requirements" and name.endswith(".in"):
        return "requirements-in"  # what a lock is made from: ranges belong there
    if format in {"dockerfile", "nats", "nginx", "env", "requirements", "apache", "haproxy"}:
        return format
    if format == "yaml" and (_WORKFLOW.search(file) or _ACTION.search(file)):
        return "workflow" if _WORKFLOW.search(file) else "action"
    found = next((kind for pattern, kind in _BY_NAME if pattern.fullmatch(name)), "")
    found = found or next((kind for pattern, kind in _IN_FOLDER if pattern.search(file)), "")
    if found or format not in {"yaml", "json", "ini", "properties"}:
        return found
    return _by_content(facts) if format in {"yaml", "json"} else _by_keys(facts)


def _by_keys(facts: Facts) -> str:
    tops = {".".join(setting.path) for setting in facts.settings}
    tops |= {setting.path[0] for setting in facts.settings}
    if facts.settings and all(setting.path[0] == "pg_hba" for setting in facts.settings):
        return "pg-hba"
    return next((kind for kind, keys in _BY_KEYS if tops & keys), "")


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
