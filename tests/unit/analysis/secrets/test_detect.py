"""Secrets that are found, words that are not, and nothing of them shown."""

import base64
import json
import random
import string

import pytest

from stemedb_analysis.facts.extract import extract as extract_code
from stemedb_analysis.facts.model import Facts, Interest, Text
from stemedb_analysis.model import Observation
from stemedb_analysis.rules import load
from stemedb_analysis.rules.model import FileInfo
from stemedb_analysis.scan.file import scan_file
from stemedb_analysis.secrets.detect import observe
from stemedb_analysis.secrets.redact import redacted
from stemedb_analysis.secrets.shapes import SHAPES
from stemedb_analysis.settings.extract import extract
from stemedb_analysis.settings.kinds import format_of
from stemedb_analysis.source import Source

ALNUM = string.ascii_letters + string.digits


def drawn(size: int, alphabet: str = ALNUM, seed: int = 7) -> str:
    """Return a token such as vendors issue; drawn here so that no scanner takes this file for a leak."""
    source = random.Random(seed)
    return "".join(source.choice(alphabet) for _ in range(size))


def in_file(text: str, name: str) -> list[Observation]:
    source = Source(text.encode(), name)
    format_ = format_of(name, source.data)
    facts = extract(source, format_) if format_ else extract_code(source, "python", Interest())
    return observe(facts, source, FileInfo(name, format_ or "python"))


def in_go(text: str) -> list[Observation]:
    source = Source(text.encode(), "a.go")
    facts = extract_code(source, "go", Interest(texts=True))
    return observe(facts, source, FileInfo("a.go", "go"))


def in_code(
    value: str, name: str = "", role: str = "assigned", *, file: str = "a.py", in_test: bool = False
) -> list[Observation]:
    literal = f'"{value}"'
    line = f"{name or 'x'} = {literal}\n"
    start = line.index(literal)
    text = Text(value, role, name, start, start + len(literal))  # type: ignore[arg-type]
    facts = Facts("python", texts=(text,))
    return observe(facts, Source(line.encode(), file), FileInfo(file, "python", in_test=in_test))


HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits
BASE32 = string.ascii_uppercase + "234567"
TOKENS = [
    ("aws_access_key_id", "AKIA" + drawn(16, BASE32)),
    ("github_token", "ghp" + "_" + drawn(36)),
    ("github_token", "github_pat" + "_" + drawn(22) + "_" + drawn(59)),
    ("gitlab_token", "glpat" + "-" + drawn(20)),
    ("slack_token", "xoxb" + "-" + drawn(12, string.digits) + "-" + drawn(12, string.digits) + "-" + drawn(24)),
    ("stripe_key", "sk_live" + "_" + drawn(24)),
    ("google_api_key", "AIza" + drawn(35)),
    ("google_client_secret", "GOCSPX" + "-" + drawn(28)),
    ("npm_token", "npm" + "_" + drawn(36)),
    ("pypi_token", "pypi-AgE" + drawn(70)),
    ("twilio_api_key", "SK" + drawn(32, HEX)),
    ("sendgrid_key", "SG." + drawn(22) + "." + drawn(43)),
    ("mailgun_key", "key" + "-" + drawn(32, HEX)),
    ("mailchimp_key", drawn(32, HEX) + "-us12"),
    ("azure_client_secret", drawn(3) + "8Q~" + drawn(33)),
    ("digitalocean_token", "dop_v1" + "_" + drawn(64, HEX)),
    ("telegram_token", drawn(9, string.digits) + ":AA" + drawn(33)),
    ("huggingface_token", "hf" + "_" + drawn(34, string.ascii_letters)),
    ("docker_token", "dckr_pat" + "_" + drawn(27)),
    ("nats_seed", "SU" + drawn(56, BASE32)),
    ("langfuse_key", "sk-lf" + "-" + "-".join(drawn(size, HEX) for size in (8, 4, 4, 4, 12))),
    ("e2b_key", "e2b" + "_" + drawn(40, HEX)),
    ("llamacloud_key", "llx" + "-" + drawn(48)),
    ("cerebras_key", "csk" + "-" + drawn(48, string.ascii_lowercase + string.digits)),
    ("firecrawl_key", "fc" + "-" + drawn(32, HEX)),
    ("elevenlabs_key", "sk" + "_" + drawn(48, HEX)),
    ("cockroachdb_key", "CCDB1" + "_" + drawn(22) + "_" + drawn(40)),
    ("inngest_key", "signkey-prod" + "-" + drawn(64, HEX)),
    ("segment_token", "sgp" + "_" + drawn(64)),
    ("dbt_token", "dbtc" + "_" + drawn(44)),
    ("kong_token", "kpat" + "_" + drawn(50)),
    ("harness_token", "pat." + drawn(22) + "." + drawn(24, HEX) + "." + drawn(20)),
    ("adafruit_key", "aio" + "_" + drawn(28)),
    ("maxmind_key", drawn(6) + "_" + drawn(29) + "_mmk"),
    ("cloudflare_tunnel_token", "eyJhIjoi" + drawn(160)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "token"), TOKENS)
def test_tokens_of_vendors_are_found_in_code_comments_and_configuration(kind: str, token: str) -> None:
    for text, name in (
        (f'client = Client("{token}")\n', "a.py"),
        (f"# old one: {token}\n", "b.py"),
        (f"KEY={token}\n", ".env"),
        (f"a:\n  b: {token}\n", "c.yaml"),
    ):
        (found,) = in_file(text, name)
        assert (found.path, found.predicate, found.value) == ("secrets/hardcoded", "kind", kind)
        assert found.confidence >= 0.85


@pytest.mark.parametrize(("kind", "token"), TOKENS)
def test_a_token_inside_of_a_longer_word_is_none(kind: str, token: str) -> None:
    found = in_file(f"x = {drawn(8)}{token}{drawn(8)}\n", "a.py")
    assert kind not in {one.value for one in found}


def test_every_shape_begins_near_its_literal() -> None:
    for shape in SHAPES:
        assert shape.literals
        assert all(len(literal) >= 2 for literal in shape.literals)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("azure_access_key", "Endpoint=https://acme.service.signalr.net;AccessKey=" + drawn(43) + "=;Version=1.0;"),
        ("azure_access_key", "endpoint=https://acme.communication.azure.com/;accesskey=" + drawn(86) + "=="),
        ("azure_app_configuration_secret", "Endpoint=https://acme.azconfig.io;Id=ab1c;Secret=" + drawn(43) + "="),
    ],
)  # fmt: skip
def test_keys_in_connection_strings_of_azure_are_found(kind: str, text: str) -> None:
    (found,) = in_file(f'x = "{text}"\n', "a.py")
    assert found.value == kind


def test_samples_from_documentation_are_no_tokens() -> None:
    assert in_file("AKIAIOSFODNN7EXAMPLE\n", "a.py") == []
    assert in_file("sk_live" + "_" + "x" * 24 + "\n", "a.py") == []


def test_tokens_with_a_sample_payload_are_samples() -> None:
    def token(payload: dict[str, object]) -> str:
        parts = [{"alg": "HS256", "typ": "JWT"}, payload]
        encoded = [base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts]
        return ".".join([*encoded, drawn(43)])

    assert in_file(token({"sub": "1234567890", "name": "John Doe"}), "a.py") == []
    (found,) = in_file(token({"sub": "8c1f", "iss": "https://id.acme.io"}), "a.py")
    assert found.value == "jwt"


def test_private_keys_are_found_and_their_markers_alone_are_not() -> None:
    body = base64.b64encode(bytes(range(60))).decode()
    begin = "-----BEGIN RSA PRIVATE" + " KEY-----"
    for text in (
        f'K = """{begin}\n{body}\n"""',
        f'K = "{begin}\\n{body}\\n"',
        f"K = ({begin!r}\n  {body!r})",
    ):
        (found,) = in_file(text, "a.py")
        assert (found.path, found.value, found.text) == ("secrets/private_key", True, f"{begin}…")
    assert in_file(f'if text.startswith("{begin}"):\n    pass\n', "a.py") == []


@pytest.mark.parametrize(
    "address",
    [
        "postgres://app:Zx9Kd03mQ@db.internal:5432/app",
        "amqp://svc:k2L9x0@rabbit/v",
        "redis://:9dk2l3mq@cache:6379",
        "Server=db;Database=x;User Id=sa;Password=Zk29dkq2;",
        "jdbc:postgresql://db/x?user=app&password=Zk29dkq2",
        "host=db user=app password=Zk29dkq2",
    ],
)
def test_passwords_in_addresses_are_found(address: str) -> None:
    (found,) = in_file(f'URL = "{address}"\n', "a.py")
    assert found.rule == "secret-in-url"
    assert "Zk29dkq2" not in found.text


ADDRESS = "postgres://app:Zx9Kd03mQ@db.acme.dev:5432/app"


def test_address_in_a_comment_counts_for_half() -> None:
    (written,) = in_file(f'URL = "{ADDRESS}"\n', "a.py")
    (commented,) = in_file(f"# URL = {ADDRESS}\n", "a.py")
    assert commented.confidence == written.confidence / 2


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"# The server is written like this, for example {ADDRESS}\n", "a.py"),
        (f'log.info("an address of the form {ADDRESS} has gone out of use since")\n', "a.py"),
        (f'{{"Invalid address": "Adresse ungültig: {ADDRESS}"}}', "app/translations/de/messages.json"),
    ],
)
def test_address_in_prose_shows_how_one_is_written(text: str, name: str) -> None:
    assert in_file(text, name) == []


@pytest.mark.parametrize(
    "text",
    [
        'TOKEN = rb"[!#$%&\'*+.^_`|~0-9A-Za-z-]+"\n',
        'TOKEN = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuNIzKBOFB77aT/jN/FQ+"\n',
        'API_KEY = "SLATE_API_KEY_V2"\n',
    ],
)
def test_patterns_public_keys_and_names_of_variables_are_no_secrets(text: str) -> None:
    assert in_file(text, "a.py") == []


@pytest.mark.parametrize(
    "text",
    [
        "postgres://user:password@localhost/x",
        "https://user:pass@host:port/path",
        "postgres://${USER}:${PASSWORD}@db/x",
        'f"postgres://{user}:{password}@db/x"',
        "http://me:word@example.com/",
        "https://host:8080/a@b",
        "def login(user=None, password=None, host=None): ...",
        "requests.get(url, params=dict(user=name, password=secret_of(name)))",
        "git@github.com:me/it.git",
    ],
)
def test_addresses_without_a_password_of_somebody(text: str) -> None:
    assert in_file(f"x = {text}\n", "a.py") == []


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("password", "hunter2!", "password"),
        ("DB_PASSWORD", "Tr0ub4dor&3", "password"),
        ("dbPassword", "s3cr3tP4ss", "password"),
        ("set_password", "s3cr3tP4ss", "password"),
        ("api_key", "9fK2LmQ8rTz4WvXy", "api_key"),
        ("apiKey", drawn(32, HEX), "api_key"),
        ("auth_token", drawn(40), "token"),
        ("client_secret", drawn(24), "secret"),
        ("SECRET_KEY", "super-secret-key", "signing_key"),
        ("jwt_secret", "my-secret-for-jwt", "signing_key"),
    ],
)
def test_literals_under_names_of_secrets(name: str, value: str, kind: str) -> None:
    (found,) = in_code(value, name)
    assert (found.rule, found.value) == ("secret-assigned", kind)
    assert value not in found.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "changeme"),
        ("password", "your-password-here"),
        ("password", "<password>"),
        ("password", "xxxxxxxx"),
        ("password", "${DB_PASSWORD}"),
        ("password", "{{ vault_password }}"),
        ("password", "%(password)s"),
        ("password", "$2b$12$abcdefghijklmnopqrstuv"),
        ("password", "Please enter your password"),
        ("password", "/run/secrets/db_password"),
        ("password", "password"),
        ("password", "required"),
        ("token", "auth.token.invalid"),
        ("token", "auth.scheme#sigv4"),
        ("token", "bearer"),
        ("token", "example-token-1"),
        ("api_key", "X-Api-Key"),
        ("api_key", "api_key"),
        ("token", "vault:secret/data/app"),
        ("api_key", "https://console.acme.io/keys1"),
        ("password_field", "input-pw1"),
        ("password_hash", drawn(32, HEX)),
        ("token_type", "urn:x:y1"),
        ("public_key", drawn(64)),
        ("primary_key", "user_id2"),
        ("cache_key", "users:v1:all"),
        ("token_url", "oauth2/token1"),
        ("csrf_token_header", "X-CSRF-T0ken"),
        ("passwordPolicy", "Min8Chars1"),
        ("message", "Tr0ub4dor&3"),
        ("checksum", drawn(64, HEX)),
        ("account_password", "_AC_{6ba7b810-9dad-11d1-80b4-00c04fd430c8}"),
    ],
)
def test_words_placeholders_and_references_are_no_secrets(name: str, value: str) -> None:
    assert in_code(value, name) == []


def test_values_of_keys_need_to_look_made_up() -> None:
    assert in_code("Passwort", "password", "element") == []
    assert in_code("geheimnis", "password", "element") == []
    assert in_code("geheimnis", "password")[0].confidence == 0.5
    assert in_code("Tr0ub4dor&3", "password", "element") != []


def test_text_that_goes_nowhere_is_left_alone() -> None:
    assert in_code(drawn(40), "password", "returned") == []
    assert in_code(drawn(40), "", "assigned") == []


def test_the_second_half_of_an_aws_key_is_found_beside_the_first() -> None:
    secret = drawn(40)
    text = f'a = "AKIA{drawn(16, BASE32)}"\nb = "{secret}"\n'
    start = text.index(f'"{secret}"')
    facts = Facts("python", texts=(Text(secret, "assigned", "b", start, start + 42),))
    found = observe(facts, Source(text.encode(), "a.py"), FileInfo("a.py", "python"))
    assert [one.value for one in found] == ["aws_access_key_id", "aws_secret_access_key"]


@pytest.mark.parametrize(
    ("text", "name", "kinds"),
    [
        ("POSTGRES_PASSWORD=postgres\nTOKEN=changeme\nX=${Y}\n", ".env", ["password"]),
        ("services:\n db:\n  environment:\n   - MYSQL_PASSWORD=Zk29dkq2\n   - A=1\n", "compose.yaml", ["password"]),
        ("env:\n- name: DB_PASSWORD\n  value: Zk29dkq2\n- name: KEY\n  valueFrom: x\n", "k.yaml", ["password"]),
        ("//npm.acme.example/:_authToken=0a1b2c3d-4e5f-6789-abcd-ef0123456789\n", ".npmrc", ["token"]),
        ("FROM a\nENV DB_PASSWORD=Zk29dkq2\nARG TOKEN\n", "Dockerfile", ["password"]),
        ("[db]\npassword = Zk29dkq2\npassword_file = /run/x1\n", "a.ini", ["password"]),
        ('{"password": "Zk29dkq2", "label": {"password": "Passwort"}}', "a.json", ["password"]),
        ('{"password": "Neu3s Passwort", "token": "Zk29dkq2"}', "locales/de.json", []),
        ("spring.datasource.password=Zk29dkq2\n", "application.properties", ["password"]),
        ("just one value", "a.yaml", []),
    ],
)  # fmt: skip
def test_configuration(text: str, name: str, kinds: list[str]) -> None:
    assert [one.value for one in in_file(text, name)] == kinds


def test_defaults_are_default_credentials() -> None:
    (found,) = in_code("postgres", "password", "argument")
    assert (found.path, found.predicate, found.value) == ("secrets/default_credentials", "kind", "password")


def test_tests_and_examples_count_for_less() -> None:
    token = TOKENS[0][1]
    assert in_code(token, in_test=True)[0].confidence == pytest.approx(0.475)
    assert in_code(token, file="config.example.py")[0].confidence == pytest.approx(0.285)


def test_the_span_is_the_secret_and_the_text_never_shows_one() -> None:
    token, password = TOKENS[1][1], "Tr0ub4dor&3"
    line = f'connect("{token}", password="{password}")'
    facts = Facts("python", texts=(Text(password, "argument", "password", line.index('"Tr'), len(line) - 1),))
    found = observe(facts, Source(line.encode(), "a.py"), FileInfo("a.py", "python"))
    assert [line[one.span.column - 1 : one.span.end_column - 1] for one in found] == [token, password]
    for one in found:
        assert one.text == 'connect("ghp_…", password="Tr0…")'


def test_short_secrets_show_a_third_at_most() -> None:
    assert [redacted(one) for one in ("", "ab", "root", "hunter2", drawn(40))] == [
        "…", "…", "r…", "hu…", drawn(40)[:4] + "…",
    ]  # fmt: skip


def test_what_the_description_of_an_interface_shows_is_no_secret() -> None:
    text = "definitions:\n  Join:\n    example:\n      joinToken: Zx9Kd03mQ7aLw2Vt8Ue5Rb\n"
    assert in_file(text, "api.yaml") == []
    assert in_file(text.replace("example", "values"), "api.yaml") != []


def test_words_are_a_signing_key_but_no_salt() -> None:
    assert [one.value for one in in_code("finch-robin-wren-lark", "SECRET_KEY")] == ["signing_key"]
    assert in_code("finch-robin-wren-lark", "MEMBER_SALT") == []


def test_a_default_is_hidden_in_its_place_only() -> None:
    """Everybody knows it, and it is a word like any other."""
    seen = in_code("postgres://postgres:postgres@db.acme.dev:5432/app")
    assert [one.text for one in seen] == ['x = "postgres://postgres:po…@db.acme.dev:5432/app"']


@pytest.mark.parametrize(("name", "confidence"), [("testKeyPEM", 0.475), ("exampleKey", 0.475), ("keyPEM", 0.95), ("latestKey", 0.95)])  # fmt: skip
def test_a_private_key_that_is_called_one_for_tests_counts_for_half(name, confidence):
    begin, end = "-----BEGIN PRIVATE" + " KEY-----", "-----END PRIVATE" + " KEY-----"
    body = "\n".join(drawn(64, ALNUM + "+/", seed=seed) for seed in range(6))
    found = in_go(f"package p\n\nvar {name} = []byte(`\n{begin}\n{body}\n{end}\n`)\n")
    assert [one.confidence for one in found] == [pytest.approx(confidence)]


def test_a_command_in_the_examples_of_a_help_text_shows_how_it_is_given():
    secret = drawn(15)
    text = "package p\n\nvar {} = show(`\n# Sign in\napp login --username=admin --password={}\n`)\n"
    assert in_go(text.format("loginExample", secret)) == []
    assert len(in_go(text.format("login", secret))) == 1


def test_a_member_behind_the_name_of_an_option_is_code():
    assert in_go("package p\n\nvar c = client{\n\tapikey: f.cfg.APIKey,\n}\n") == []


@pytest.mark.parametrize(
    "value",
    [
        "urn:oid:1.3.6.1.4.1.25178.4.1.13",
        "0x6413734f92248D4B29ae35883290BD93212654Dc",
        "i2o/hd([a-z]|[a-c][a-z]|d[a-x])([1-9]|1[0-5])",
    ],
)
def test_identifiers_of_attributes_and_patterns_are_no_secrets(value: str) -> None:
    assert in_code(value, "applicationPassword") == []


def test_a_key_of_which_most_is_left_out_is_shown() -> None:
    first, last = drawn(64), drawn(64, seed=8)
    text = "KEY = '''-----BEGIN RSA PRIVATE KEY-----\n{}\n{}{}\n-----END RSA PRIVATE KEY-----\n'''\n"
    assert in_file(text.format(first, ".\n.\n", last), "a.py") == []
    assert [one.path for one in in_file(text.format(first, "", last), "a.py")] == ["secrets/private_key"]


def test_the_encoding_of_a_digest_is_no_key() -> None:
    code = (
        "const c = require('crypto');\nexports.mac = function (given, text) {\n"
        "    const hmac = c.createHmac(given.algorithm, given.key).update(text);\n    return hmac.digest('base64');\n};\n"
    )
    assert not any(
        one.path.startswith("secrets/") for one in scan_file(code.encode(), "a.js", load()).observations
    )


def test_a_token_in_the_example_of_a_function_is_shown() -> None:
    token = "sq0csp-" + drawn(43)
    comment = f"/**\n * Asks for a token.\n *\n * @example\n *     await f({{ secret: '{token}' }})\n */\nfunction f(a) {{}}\n"
    used = f"/**\n * @example\n *     f()\n */\nf({{ secret: '{token}' }});\n"
    told, sent = (scan_file(code.encode(), "a.js", load()).observations for code in (comment, used))
    assert not any(one.rule == "secret-token" for one in told)
    assert any(one.rule == "secret-token" for one in sent)
