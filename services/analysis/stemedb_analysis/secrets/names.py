"""Names that stand for secrets, and those that only sound like it.

::

    db_password     password          passwordField, password_url, PASSWORD_RESET_TIMEOUT      no secret: a word about one
    apiKey          key               public_key, primary_key, cache_key, key_id               no secret
    JWT_SECRET      signing           secret_name, secretRef                                   no secret
    authToken       key               token_type, tokenizer, csrf_token_header                 no secret
    gateway_key     drawn             site_key, publishable_key                                a secret only if its value looks drawn

What stands behind the word decides (`password_url` is an address); before it, only words that take the secrecy away (`public_key`).
"""

import re
from functools import lru_cache
from typing import Final, Literal, TypeAlias

NameKind: TypeAlias = Literal["password", "signing", "key", "drawn", ""]
"""What a value of this name would be: something that a person made up, a key that the program makes up, a vendor's random text, or perhaps one."""

NAME_LENGTH_MAX: Final = 80

_CAMEL: Final = re.compile(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])")
_PASSWORD: Final = re.compile(
    r"(?:^|_)(?:db|root|user|admin|my|app|ftp|smtp|mail|redis|login|test|sql|ldap|bind|key|store|pg|rabbit|mongo)?(?:password|passwd|pass|pwd|pw)\d?$"
    r"|(?:^|_)(?:passphrase|pass_phrase|passwort|passcode|pass_code|kennwort|losung|geheimwort|wachtwoord|senha|contrasena|mot_de_passe|motdepasse|haslo|requirepass|masterauth|auth_pass)\d?$"
)
_SIGNING: Final = re.compile(
    r"(?:^|_)(?:secret_?key(?:_base)?|(?<![a-z_])secret|app_secret|jwt_(?:secret|key)(?:_key)?|session_(?:secret|key)|cookie_(?:secret|key|password)|"
    r"(?:signing|encryption|crypt|cipher|hmac|crypto|aes|des|fernet|master|hash|token|secret_signing|data|vault_transit)_(?:key|secret)|token_secret|secret_token|"
    r"signing_secret|salt|pepper|app_key|erlang_cookie|cluster_cookie|(?:jwt|hmac|aes)key|encrypt_key|crypto_secret)$"
)
_KEY: Final = re.compile(
    r"(?:^|_)(?:secret|token|api_?keys?|access_?key|account_?key|auth_?key|private_?key|client_?secret|consumer_?secret|secret_?access_?key|auth|authorization|"
    r"credentials?|webhook_?secret|shared_?(?:secret|key)|preshared_?key|psk|api_?secret|apitoken|authtoken|accesstoken|bearer|license_?key|subscription_?key|x_api_key|storage_?key|"
    r"account_?secret|secret_?id|service_?key|deploy_?key|routing_?key|integration_?key|ingest(?:ion)?_?key|write_?key|server_?key|instrumentation_?key|(?<=_)pat|personal_access_token|"
    r"sas_?token|bot_?token|refresh_?token|access_?token|master_?token|root_?token|admin_?token|unseal_?key|recovery_?(?:key|code)|geheimnis)$"
)
_DRAWN: Final = re.compile(
    r"(?:^|_)(?:(?<=_)keys?|encrypt|credential_value|secret_?value|webhook|otp_?seed|passkey)$"
)
_ABOUT: Final = re.compile(
    r"(?:^|_)(?:public|pub|publishable|site|measurement|primary|foreign|cache|sort|partition|index|lookup|dict|map|i18n|translation|translations|locale|row|group|"
    r"csrf|xsrf|page|next_page|continuation|pagination|example|sample|dummy|fake|mock|invalid|wrong|bad|missing|error|err|msg|message|label|hint|placeholder|title|"
    r"text|help|prompt|forgot|change|confirm\w*|validat\w+|rule|rules|required|min|max|length|len|regex|pattern|hash(?!_(?:key|secret)$)|hashed|digest|encrypted|encoded|css|class|"
    r"selector|xpath|input|element|event|action|route|template|column|field|fields|header|headers|param|params|name|names|format|type|types|keyword|tokens_per\w*|"
    r"shortcut|hot|arrow|enter|escape|tab|modifier|registry|json|object|record|attribute|data_?sort|fingerprint|known_hosts|host|ssh_host|idempotency|dedup\w*|"
    r"feature|flag|metric|config|setting|storage_key_name|security_key_label|keyboard)(?:_|$)"
)


_OWNED: Final = re.compile(
    r"(?<![a-z])(?:clear|plain)_?text_(?=password)|"
    r"(?<![a-z])(?:registry|site|group|host|cache|event|action|config|setting|record|object|row|page|index|map|feature|metric|route|class)_(?=(?:[a-z0-9]+_)*?(?:password|passwd|passphrase|pwd)\d?$)"
    r"|(?<![a-z])(?:registry|site|group|host|cache|event|config|setting|record|object)_(?=(?:[a-z0-9]+_)*?(?:token|secret)$)"
)
"""Before a password or a token these say whose it is, not what is said of it."""
_DOING: Final = re.compile(
    r"(?:write|generate|gen|load|read|parse|import|export|create|make|build|decode|encode|find|fetch|delete|remove|rotate|revoke|is|has|check|ask|handle|conf|attr|use|no)_"
)
"""What begins so is a function, or the name of a setting."""


@lru_cache(maxsize=4096)
def kind_of_name(name: str) -> NameKind:
    """Return what a literal of this name would be; empty if no secret."""
    if not name or len(name) > NAME_LENGTH_MAX:
        return ""
    words = snake(name.rpartition(".")[2] or name)
    for prefix in ("set_", "with_", "get_"):
        words = words.removeprefix(prefix)
    if _ABOUT.search(_OWNED.sub("", words)) or _DOING.match(words):
        return ""
    if _SIGNING.search(words):
        return "signing"
    if _PASSWORD.search(words):
        return "password"
    if _KEY.search(words):
        return "key"
    return "drawn" if _DRAWN.search(words) else ""


def snake(name: str) -> str:
    """Return `name` in lower case, its words joined by ``_``."""
    split = _CAMEL.sub(lambda match: f"{match[1] or match[3]}_{match[2] or match[4]}", name)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")
