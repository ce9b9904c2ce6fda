"""Names that stand for secrets, and those that only sound like it.

::

    db_password     password          passwordField, password_url, PASSWORD_RESET_TIMEOUT      no secret: a word about one
    apiKey          key               public_key, primary_key, cache_key, key_id               no secret
    JWT_SECRET      signing           secret_name, secretRef                                   no secret
    authToken       key               token_type, tokenizer, csrf_token_header                 no secret
"""

import re
from functools import lru_cache
from typing import Final, Literal, TypeAlias

NameKind: TypeAlias = Literal["password", "signing", "key", ""]
"""What a value of this name would be: something that a person made up, a key that the program makes up, a vendor's random text."""

NAME_LENGTH_MAX: Final = 80

_CAMEL: Final = re.compile(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])")
_PASSWORD: Final = re.compile(r"(?:^|_)(?:password|passwd|passphrase|passwort|passcode|pwd|pass|pw)\d?$|(?:^|_)(?:db|root|user|admin|my|app|ftp|smtp|mail|redis|login|test)?(?:password|passwd)\d?$")  # fmt: skip
_SIGNING: Final = re.compile(
    r"(?:^|_)(?:secret_?key(?:_base)?|(?<![a-z_])secret|app_secret|jwt_(?:secret|key)|session_secret|cookie_secret|(?:signing|encryption|hmac|crypto|aes|master)_(?:key|secret)|token_secret|secret_token|salt|pepper|app_key)$"
)
_KEY: Final = re.compile(
    r"(?:^|_)(?:secret|token|api_?key|access_?key|account_?key|auth_?key|private_?key|client_?secret|consumer_?secret|secret_?access_?key|auth|authorization|"
    r"credentials?|webhook_?secret|shared_?secret|api_?secret|apitoken|authtoken|bearer|license_?key|subscription_?key|x_api_key|storage_?key)$"
)
_ABOUT: Final = re.compile(
    r"(?:^|_)(?:url|uri|path|file|filename|dir|name|names|id|ids|field|fields|label|header|headers|param|params|hint|error|errors|message|msg|regex|pattern|"
    r"prefix|suffix|type|types|length|len|min|max|size|policy|prompt|placeholder|env|column|format|class|selector|xpath|title|text|help|description|"
    r"expir\w*|ttl|timeout|lifetime|age|ref|arn|version|algorithm|alg|reset|forgot|change|confirm\w*|validator|validation|rule|rules|required|strength|"
    r"endpoint|issuer|scope|count|limit|mode|method|provider|service|store|manager|kind|status|state|event|action|route|template|input|element|css|"
    r"hash|hashed|digest|encoder|hasher|encrypted|example|sample|dummy|fake|mock|invalid|wrong|public|pub|csrf|xsrf|page|next_page|continuation|pagination|"
    r"primary|foreign|cache|sort|partition|index|lookup|dict|map|i18n|translation|locale|storage_key_name|row|group|translations|keyword|tokens_per\w*)(?:_|$)"
)


@lru_cache(maxsize=4096)
def kind_of_name(name: str) -> NameKind:
    """Return what a literal of this name would be; empty if no secret."""
    if not name or len(name) > NAME_LENGTH_MAX:
        return ""
    words = snake(name.rpartition(".")[2] or name)
    for prefix in ("set_", "with_", "get_"):
        words = words.removeprefix(prefix)
    if _ABOUT.search(words):
        return ""
    if _SIGNING.search(words):
        return "signing"
    if _PASSWORD.search(words):
        return "password"
    return "key" if _KEY.search(words) else ""


def snake(name: str) -> str:
    """Return `name` in lower case, its words joined by ``_``."""
    split = _CAMEL.sub(lambda match: f"{match[1] or match[3]}_{match[2] or match[4]}", name)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")
