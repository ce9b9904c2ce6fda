"""Files of lines: .env, INI, directives, properties, requirements."""

from stemedb_analysis.settings.extract import extract
from stemedb_analysis.source import Source


def read(text: str, format_: str) -> list[tuple[str, object]]:
    return [
        (".".join(setting.path), setting.value)
        for setting in extract(Source(text.encode(), "x"), format_).settings
    ]


def test_env_takes_quotes_exports_comments_and_lines() -> None:
    text = '# no=1\nexport A=1 # c\nB="two # w\\n" # c\nC=\'x\ny\'\nD=\nE=a#b\nF="open\nG = 1\r\n'
    assert read(text, "env") == [
        ("A", "1"), ("B", "two # w\n"), ("C", "x\ny"), ("D", ""), ("E", "a#b"), ("F", '"open'), ("G", "1"),
    ]  # fmt: skip


def test_ini_has_sections_continuations_and_comments() -> None:
    text = "top = 1\n[sec]\n; no = 1\nkey = val ; c\nmore = a\n   b\n\n[x \"y\"]\nurl: 'http://h:80/#f'\n"
    assert read(text, "ini") == [
        ("top", "1"),
        ("sec.key", "val"),
        ("sec.more", "a\nb"),
        ('x "y.url', "http://h:80/#f"),
    ]


def test_directives_are_words_and_their_arguments() -> None:
    text = "# PermitRootLogin yes\nPermitRootLogin yes\nbind 0.0.0.0 -::1\nprotected-mode no\nssl = off\nCiphers a=b,c\n"
    assert read(text, "ini") == [
        ("PermitRootLogin", "yes"),
        ("bind", "0.0.0.0 -::1"),
        ("protected-mode", "no"),
        ("ssl", "off"),
        ("Ciphers", "a=b,c"),
    ]


def test_a_switch_has_no_value() -> None:
    assert read("[mysqld]\nskip-grant-tables\nport = 1\n", "ini") == [
        ("mysqld.skip-grant-tables", ""),
        ("mysqld.port", "1"),
    ]


def test_lines_of_pg_hba_give_their_method() -> None:
    text = "local all all trust\nhost all all 0.0.0.0/0 md5\nhostssl all all 10.0.0.0 255.0.0.0 cert clientcert=1\n"
    assert read(text, "ini") == [
        ("pg_hba.local", "trust"),
        ("pg_hba.host", "md5"),
        ("pg_hba.hostssl", "cert"),
    ]


def test_properties_split_keys_and_join_lines() -> None:
    text = "! no\nserver.ssl.enabled=false\na\\ b : c \\\n    d\nempty\nssl.alg=\nu=\\u00e9\n"
    assert read(text, "properties") == [
        ("server.ssl.enabled", "false"),
        ("a b", "c d"),
        ("empty", ""),
        ("ssl.alg", ""),
        ("u", "é"),
    ]


def test_requirements_give_specifiers_hashes_addresses_and_options() -> None:
    text = (
        "# c\nRequests[socks]==2.32.3 --hash=sha256:a \\\n  --hash=sha256:b\nflask >=2,<3 ; python_version > '3.8' # x\n"
        "django\napp @ git+https://h/a@main\n-e git+https://h/b.git@abc#egg=b\n--index-url http://h/python\n-r o.txt\n"
    )
    assert read(text, "requirements") == [
        ("requirement.requests", "==2.32.3"),
        ("requirement.requests.--hash", "present"),
        ("requirement.flask", ">=2,<3"),
        ("requirement.django", ""),
        ("requirement.app.url", "git+https://h/a@main"),
        ("requirement.b.url", "git+https://h/b.git@abc#egg=b"),
        ("--editable", "git+https://h/b.git@abc#egg=b"),
        ("--index-url", "http://h/python"),
        ("--requirement", "o.txt"),
    ]


def test_blank_lines_are_no_faults() -> None:
    source = Source(b"[Unit]\r\nA=b\r\n\r\n[Service]\n\nC=d\n   \n", "a.service")
    facts = extract(source, "ini")
    assert [setting.path for setting in facts.settings] == [("Unit", "A"), ("Service", "C")]
    assert facts.faults == ()


def test_lines_below_a_directive_are_settings_of_their_own() -> None:
    assert read("Host old\n  Ciphers a,b\n  Port 22\n", "ini") == [
        ("Host", "old"),
        ("Ciphers", "a,b"),
        ("Port", "22"),
    ]


def test_registries_of_scopes_have_colons_in_their_keys() -> None:
    assert read("@acme:registry=http://h/\n//h/:_authToken=x\n", "ini") == [
        ("@acme:registry", "http://h/"),
        ("//h/:_authToken", "x"),
    ]
