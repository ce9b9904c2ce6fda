"""The shapes in which vendors issue tokens, from their documentation.

A shape has a literal that every token of it holds: the file is searched for that first, which costs next to nothing, and only then for the
whole. Boundaries are made of what a token may hold, so that a part of a longer identifier is none.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

TOKEN_LENGTH_MIN: Final = 20
"""Bytes of the shortest token, its literal included (``AKIA`` and 16 more)."""

LITERAL_DEPTH_MAX: Final = 128
"""Bytes before its literal at which a token may begin."""


class Shape(NamedTuple):
    """One kind of token. The secret is the group ``secret`` if there is one, else the whole match."""

    kind: str
    literals: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    confidence: float = 0.95

    def find(self, data: bytes) -> Iterator[re.Match[bytes]]:
        """Yield the tokens of this shape in `data`. Looks only near the literals, so its cost is that of searching for them."""
        for literal in self.literals:
            done = 0
            at = data.find(literal)
            while at >= 0:
                match = self.pattern.match(data, at) or self.pattern.search(
                    data, max(done, at - LITERAL_DEPTH_MAX), min(len(data), at + LITERAL_DEPTH_MAX)
                )
                if match and match.start() <= at < match.end():
                    yield match
                    done = match.end()
                at = data.find(literal, max(done, at + 1))


_START: Final = rb"(?<![A-Za-z0-9_\-/+.])"
_END: Final = rb"(?![A-Za-z0-9_\-])"


def _shape(kind: str, literals: str, pattern: str, confidence: float = 0.95) -> Shape:
    return Shape(
        kind,
        tuple(one.encode() for one in literals.split()),
        re.compile(_START + rb"(?:" + pattern.encode() + rb")" + _END),
        confidence,
    )


SHAPES: Final[tuple[Shape, ...]] = (
    _shape("aws_access_key_id", "AKIA ASIA ABIA ACCA", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
    _shape("github_token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{36,251}"),
    _shape("github_token", "github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    _shape(
        "gitlab_token",
        "glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glagent- gloas- GR1348941",
        r"(?:gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas)-|GR1348941)[A-Za-z0-9_\-.]{20,64}",
    ),
    _shape("slack_token", "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe", r"xox(?:[baprs]|e(?:\.xox[bp])?)-[0-9A-Za-z\-]{10,250}"),
    _shape("slack_token", "xapp-", r"xapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{20,}"),
    _shape("slack_webhook", "hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Z0-9]{8,}/[A-Z0-9]{8,}/[A-Za-z0-9]{20,})"),
    _shape("discord_webhook", "/api/webhooks/", r"discord(?:app)?\.com/api/webhooks/\d{17,20}/(?P<secret>[\w\-]{60,80})"),
    _shape("stripe_key", "sk_live_ rk_live_", r"[sr]k_live_[0-9A-Za-z]{16,250}"),
    _shape("stripe_test_key", "sk_test_ rk_test_", r"[sr]k_test_[0-9A-Za-z]{16,250}", 0.7),
    _shape("stripe_webhook_secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{24,}"),
    _shape("google_api_key", "AIza", r"AIza[0-9A-Za-z_\-]{35}"),
    _shape("google_client_secret", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_\-]{28}"),
    _shape("google_access_token", "ya29.", r"ya29\.[0-9A-Za-z_\-]{30,}"),
    _shape("jwt", "eyJ", r"eyJ[A-Za-z0-9_\-]{10,}\.eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{20,}", 0.75),
    _shape("npm_token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _shape("pypi_token", "pypi-AgE", r"pypi-AgE[A-Za-z0-9_\-]{50,}"),
    _shape("azure_storage_key", "AccountKey=", r"AccountKey=(?P<secret>[A-Za-z0-9+/]{86}==)"),
    _shape("azure_shared_access_key", "SharedAccessKey=", r"SharedAccessKey=(?P<secret>[A-Za-z0-9+/]{43}=)"),
    _shape("azure_client_secret", "Q~", r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.\-]{31,34}"),
    _shape("twilio_api_key", "SK", r"SK[0-9a-f]{32}", 0.85),
    _shape("sendgrid_key", "SG.", r"SG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43}"),
    _shape("mailgun_key", "key-", r"key-[0-9a-f]{32}"),
    _shape("mailchimp_key", "-us", r"[0-9a-f]{32}-us\d{1,2}"),
    _shape("openai_key", "T3BlbkFJ", r"sk-(?:[a-z]+-)?[A-Za-z0-9_\-]{20,100}T3BlbkFJ[A-Za-z0-9_\-]{20,100}"),
    _shape("anthropic_key", "sk-ant-", r"sk-ant-[a-z]+\d\d-[A-Za-z0-9_\-]{80,120}"),
    _shape("huggingface_token", "hf_", r"hf_[A-Za-z]{34}"),
    _shape("digitalocean_token", "dop_v1_ doo_v1_ dor_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
    _shape("shopify_token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _shape("square_token", "sq0", r"sq0[a-z]{3}-[0-9A-Za-z_\-]{22,43}"),
    _shape("telegram_token", ":AA", r"\d{8,10}:AA[A-Za-z0-9_\-]{33}"),
    _shape("databricks_token", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    _shape("grafana_token", "glsa_ glc_", r"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_[A-Za-z0-9+/]{32,400}={0,2}"),
    _shape("vault_token", "hvs. hvb.", r"hv[sb]\.[A-Za-z0-9_\-]{24,}"),
    _shape("terraform_token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_\-=]{60,70}"),
    _shape("docker_token", "dckr_pat_ dckr_oat_", r"dckr_[po]at_[A-Za-z0-9_\-]{27,32}"),
    _shape("newrelic_key", "NRAK-", r"NRAK-[A-Z0-9]{27}"),
    _shape("postman_key", "PMAK-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    _shape("atlassian_token", "ATATT3", r"ATATT3[A-Za-z0-9_\-=]{180,}"),
    _shape("linear_key", "lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    _shape("sentry_token", "sntrys_ sntryu_", r"sntry[su]_[A-Za-z0-9+/=_]{40,}"),
    _shape("age_key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    _shape("nats_seed", "SU SA SO SN SC", r"S[UAONC][A-Z2-7]{56}", 0.9),
    _shape("putty_key", "PuTTY-User-Key-File-", r"PuTTY-User-Key-File-\d: \S"),
)  # fmt: skip

_BY_LITERAL: Final = tuple((literal, shape) for shape in SHAPES for literal in shape.literals)
_SEPARATORS: Final = bytes(
    code if chr(code) in "_-.+/=:~" or (chr(code).isalnum() and code < 128) else ord(" ")
    for code in range(256)
)
"""Every token is made of letters, digits and these signs, from its literal to its end."""


def likely(data: bytes) -> list[Shape]:
    """Return the shapes whose literal stands in a run of signs that is as long as a token. O(bytes)."""
    runs = [run for run in data.translate(_SEPARATORS).split() if len(run) >= TOKEN_LENGTH_MIN]
    joined = b" ".join(runs)
    return list(dict.fromkeys(shape for literal, shape in _BY_LITERAL if literal in joined))


PRIVATE_KEY_LITERAL: Final = b"PRIVATE KEY"
PRIVATE_KEY: Final = re.compile(
    rb"-----BEGIN (?P<label>(?:[A-Z]+ ){0,2})PRIVATE KEY(?: BLOCK)?-----"
    rb"(?P<body>(?:[\s\"'+,\\]|\\n|(?:Proc-Type|DEK-Info|Version|Comment)[^\n]*)*(?P<secret>[A-Za-z0-9+/=]{20,}))"
)
"""A key with at least some of its body: the mere marker is what programs look for that read keys."""

URL_LITERAL: Final = b"://"
URL: Final = re.compile(
    rb"(?P<user>[^\s:/@\"'`<>|\\,;(){}\[\]]{0,64}):(?P<secret>[^\s/@\"'`<>|\\]{3,128})@(?P<host>[A-Za-z0-9_.\-\[\]:${}%]{2,100})"
)
"""What follows the slashes of an address with a password in front of its host."""

CONNECTION_LITERALS: Final = (b"password=", b"Password=", b"pwd=", b"Pwd=", b"PWD=")
CONNECTION: Final = re.compile(rb"(?P<secret>[^&;\s\"'`<>\\(),]{3,128})(?=[&;\s\"'`\\]|$)")
"""What follows the literal in a connection string."""

CONNECTION_BEFORE: Final = re.compile(
    rb"(?:[?&;\"']|(?:\b(?:host|hostaddr|dbname|user|port|sslmode)=[^\s,;'\"]+[ ]+)+|;[ ]*)$", re.IGNORECASE
)
"""What stands before the literal: a separator, or the other words of a connection string of libpq."""

CONNECTION_OTHERS: Final = re.compile(
    rb"(?i)(?:server|host|data source|user(?:name| id)?|uid|database|dbname|initial catalog)=[^\"'\s]|jdbc:|[?&]\w+="
)
"""Another part of a connection string, on the same line."""
