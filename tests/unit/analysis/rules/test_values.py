import pytest

from stemedb_analysis.facts.model import Arg, Call, Expr
from stemedb_analysis.rules.values import CONVERSIONS


def expr(value):
    kinds = {bool: "bool", int: "int", float: "float", str: "str", bytes: "bytes", type(None): "none"}
    return Expr(kinds[type(value)], value, 0, 0)


def call(name, *args, **keywords):
    given = [Arg(None, expr(one)) for one in args] + [Arg(key, expr(one)) for key, one in keywords.items()]
    return Expr("call", Call(name, tuple(given), 0, 0), 0, 0)


@pytest.mark.parametrize(
    ("convert", "value", "want"),
    [
        ("bool", "false", False), ("bool", "No", False), ("bool", 0, False), ("bool", "off", False), ("bool", "on", True),
        ("bool", 1, True), ("bool", 2, None), ("bool", "perhaps", None),
        ("truth", "ca.pem", True), ("truth", "", False), ("truth", None, False),
        ("version", "TLSv1", 1.0), ("version", "TLSv1.1", 1.1), ("version", "SSLv3", 0.3), ("version", "TLSv1_2_method", 1.2),
        ("version", "SSLv2", 0.2), ("version", "SSLv23", None), ("version", "TLS", None), ("version", 771, 1.2),
        ("version", 0x0301, 1.0), ("version", "TLSv1 TLSv1.2", 1.0), ("version", "1.3", 1.3), ("version", "TLS_1_0", 1.0),
        ("version", "DTLSv1_2", 1.2), ("version", "RFC 7301", None),
        ("seconds", 30, 30.0), ("seconds", "500ms", 0.5), ("seconds", "1m", 60.0), ("seconds", "1h30m", 5400.0),
        ("seconds", "PT30S", 30.0), ("seconds", "2 days", 172800.0), ("seconds", "soon", None), ("seconds", "1..5s", None),
        ("max_age", "max-age=300; includeSubDomains", 300), ("max_age", "no-store", None),
        ("milliseconds", 1500, 1.5), ("milliseconds", "2s", 2.0), ("milliseconds", "250", 0.25), ("minutes", 2, 120.0),
        ("bytes", "64k", 65536), ("bytes", "1 GiB", 1 << 30), ("bytes", 4096, 4096), ("bytes", "10MB", 10 << 20), ("bytes", "x", None),
        ("mode", 0o777, 0o777), ("mode", "0777", 0o777), ("mode", "644", 0o644), ("mode", "u=rwx,o=rw", 0o706), ("mode", "a+w", 0o222),
        ("mode", "rw", None),
        ("number", "12", 12), ("number", True, None), ("lower", " MD5 ", "md5"), ("text", b"abc", "abc"), ("length", "abc", 3),
    ],
)  # fmt: skip
def test_a_constant_is_converted(convert, value, want):
    got = CONVERSIONS[convert](expr(value), str(value))
    assert got == want
    assert type(got) is type(want)


@pytest.mark.parametrize(
    ("convert", "name", "want"),
    [
        ("version", "ssl.TLSVersion.TLSv1_1", 1.1), ("version", "crypto/tls.VersionTLS10", 1.0),
        ("version", "crypto/tls.VersionSSL30", 0.3), ("version", "reqwest.tls.Version.TLS_1_2", 1.2),
        ("version", "native_tls.Protocol.Tlsv10", 1.0), ("version", "openssl.ssl.SslVersion.TLS1_3", 1.3),
        ("version", "ssl.PROTOCOL_TLS_CLIENT", None), ("version", "ssl.PROTOCOL_SSLv23", None), ("bool", "ssl.CERT_NONE", None),
    ],
)  # fmt: skip
def test_a_name_is_converted_by_what_it_says(convert, name, want):
    assert CONVERSIONS[convert](Expr("name", name, 0, 0), name) == want


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (call("datetime.timedelta", minutes=5), 300.0),
        (call("datetime.timedelta", 1), 86400.0),
        (call("std.time.Duration.from_millis", 500), 0.5),
        (call("java.time.Duration.ofSeconds", 3), 3.0),
        (call("std.time.Duration.from_secs", 7), 7.0),
        (call("wait.until", 3), None),
    ],
)
def test_a_duration_may_be_a_call(value, want):
    assert CONVERSIONS["seconds"](value, "") == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("30 * time.Second", 30.0), ("60 * 60", 3600), ("2 ** 14", 16384), ("1 << 14", 16384), ("time.Minute", 60.0),
        ("x * 2", None), ("0755", None), ("1 << 900", None), ("", None), ("500 * time.Millisecond", 0.5),
    ],
)  # fmt: skip
def test_products_of_literals_are_worked_out(text, want):
    assert CONVERSIONS["seconds"](Expr("other", (), 0, 0), text) == want
