"""What the detector says of itself: the rules that its observations name, for reports and their help."""

from typing import Final

from stemedb_analysis.rules.model import Rule

TOKEN: Final = "secret-token"  # noqa: S105 - the name of a rule
ASSIGNED: Final = "secret-assigned"
URL: Final = "secret-in-url"
PRIVATE_KEY: Final = "secret-private-key"
DEFAULT: Final = "secret-default-credentials"

_FILE: Final = "secrets"


def _rule(id_: str, title: str, help_: str, observes: str, confidence: float) -> Rule:
    path, _, predicate = observes.partition(" ")
    return Rule(id_, title, help_, path, predicate, (), confidence, ("secrets",), None, _FILE)


RULES: Final = (
    _rule(
        TOKEN,
        "No token of a known vendor is in the source",
        "The text has the shape in which a vendor issues tokens. Revoke it there, since the history keeps it, and read the new one from the"
        " environment or a vault.",
        "secrets/hardcoded kind",
        0.95,
    ),
    _rule(
        ASSIGNED,
        "No password or key is written in the source",
        "A name that stands for a secret gets a literal. Read it from the environment or a vault, and change it, since the history keeps it.",
        "secrets/hardcoded kind",
        0.9,
    ),
    _rule(
        URL,
        "No address or connection string carries a password",
        "Addresses end in logs and error messages. Give user and password apart from them, from the environment or a vault.",
        "secrets/hardcoded kind",
        0.9,
    ),
    _rule(
        PRIVATE_KEY,
        "No private key is kept with the source",
        "Whoever can read the repository can sign and decrypt with it. Make a new key, and keep that one where only its service can read it.",
        "secrets/private_key present",
        0.95,
    ),
    _rule(
        DEFAULT,
        "No default credentials are in use",
        "The password is one that products ship with or that everybody tries first. Give each installation its own.",
        "secrets/default_credentials kind",
        0.8,
    ),
)
