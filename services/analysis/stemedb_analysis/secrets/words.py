"""Words that are no secret where a secret is looked for, and passwords that are none any more.

::

    password = "required"       TEXT_WORDS: it speaks of a password
    ftp://user:password@host    SPOKEN: it shows where one goes
    password = "changeit"       DEFAULTS: it is known to everybody
"""

from typing import Final

TEXT_WORDS: Final = frozenset([
    "access", "access_token", "always", "api_key", "apikey", "auth", "authorization", "auto", "basic", "bearer",
    "body", "boolean", "cookie", "credential", "credentials", "csrf", "default", "digest", "disabled",
    "dynamic", "email", "empty", "enabled", "encrypted", "enter", "environment", "error", "expired", "failed",
    "false", "header", "hidden", "id_token", "incorrect", "input", "interactive", "invalid", "jwt", "keyboard",
    "keychain", "keyring", "local", "login", "missing", "never", "none", "null", "number", "oauth", "object",
    "optional", "passphrase", "passwd", "password", "plain", "plaintext", "private", "prompt", "public",
    "query", "refresh", "refresh_token", "required", "secret", "session", "static", "stdin", "string",
    "success", "text", "token", "true", "unknown", "user", "username", "valid", "value", "vault", "wrong",
])  # fmt: skip
"""What speaks of secrets, in lower case: types, states, and where a secret comes from."""

SPOKEN: Final = frozenset([
    "user", "username", "name", "me", "login", "foo", "bar", "pass", "passwd", "password", "pwd", "pw",
    "secret", "token", "admin",
])  # fmt: skip
"""What stands for a user or a password in an address that shows how one is written."""

DEFAULTS: Final = frozenset(
    ["admin", "administrator", "root", "toor", "guest", "password", "password1", "password123", "passw0rd", "p@ssw0rd", "123456", "12345678", "123456789", "1234", "12345", "111111", "postgres", "mysql", "mongo", "redis", "rabbitmq", "minioadmin", "minio123", "sa", "tomcat", "s3cret", "manager", "oracle", "neo4j", "elastic", "grafana", "kibana", "cassandra", "admin123", "root123", "letmein", "welcome", "qwerty", "default", "vagrant", "raspberry", "alpine", "ubuntu", "pi", "changeit", "user", "test123", "admin1234", "pass", "pass123", "secret", "secret123"]
)  # fmt: skip
"""Passwords that products ship with or that everybody tries first, in lower case."""
