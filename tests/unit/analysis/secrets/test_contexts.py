"""Strings that no name tells about, told by the call that they are given to."""

import pytest

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.facts.model import Interest
from stemedb_analysis.rules.model import FileInfo
from stemedb_analysis.secrets.detect import observe
from stemedb_analysis.source import Source


def kinds(code: str, language: str) -> list[object]:
    source = Source(code.encode(), "a")
    facts = extract(source, language, Interest(text_bytes_min=4))
    return [one.value for one in observe(facts, source, FileInfo("a", language))]


def java(statement: str) -> str:
    return f"class A {{ void f() throws Exception {{ {statement} }} }}\n"


@pytest.mark.parametrize(
    ("code", "language", "expected"),
    [
        ('requests.get(u, auth=("admin", "Zk29dkq6"))\n', "python", ["password"]),
        ('if "Zk93kd02mq" == password: ...\n', "python", ["password"]),
        ('import jwt\njwt.encode(p, "my-jwt-secret", algorithm="HS256")\n', "python", ["signing_key"]),
        ("crypto.createHmac('sha256', 'Zk29dkq2');\n", "javascript", ["signing_key"]),
        (
            'import jwt\njwt.encode(\n    p,\n    "my-jwt-secret",\n    algorithm="HS256",\n)\n',
            "python",
            ["signing_key"],
        ),
        (
            "c.createCipheriv(\n  'aes-128-gcm',\n  Buffer.from(\n    '9f1c3a7be2d84c60',\n  ),\n  iv,\n);\n",
            "javascript",
            ["signing_key"],
        ),
        ("app.use(session({ secret: 'keyboard cat' }));\n", "javascript", ["signing_key"]),
        (java('p.setProperty("db.password", "Zk29dkq3");'), "java", ["password"]),
        (java('m.put("apiKey", "x8Kd02LmQz7WvR5tYn3BpC9c");'), "java", ["api_key"]),
        (java('DriverManager.getConnection(url, "admin", "Zk29dkq4");'), "java", ["password"]),
        (java('if (password.equals("Zk29dkq5")) {}'), "java", ["password"]),
        (java('new SecretKeySpec("mySecretKey12345".getBytes(), "AES");'), "java", ["signing_key"]),
        ('package m\nfunc f() { r.SetBasicAuth("admin", "Zk29dkq5") }\n', "go", ["password"]),
        ('fn f() { c.basic_auth("admin", Some("Zk29dkq4")); }\n', "rust", ["password"]),
        ('fn f() { let c = C { password: String::from("Zk29dkq3") }; }\n', "rust", ["password"]),
        ('hmac.new(b"Zk29dkq6-key", text, "sha256")\n', "python", ["signing_key"]),
        ('box = AESGCM(bytes.fromhex("7972287775dd44370e1d98bd"))\n', "python", ["signing_key"]),
        ('p.add_argument("--api-token", default="Zk29dkq6pw7")\n', "python", ["token"]),
        ('x = os.environ.get("DB_PASSWORD", "Zk29dkq6")\n', "python", ["password"]),
        ('y = os.getenv("DB_PASSWORD") or "Zk29dkq6"\n', "python", ["password"]),
        ('hmac.compare_digest(admin_password, "Zk29dkq6")\n', "python", ["password"]),
        ('smtp.login("bot", "Zk29dkq6")\n', "python", ["password"]),
        (java('char[] keyPassword = "Zk29dkq6".toCharArray();'), "java", ["password"]),
        (java('if ("Zk29dkq6".equals(password)) {}'), "java", ["password"]),
        (java('String s = a("${db.password:Zk29dkq6}");'), "java", ["password"]),
        (java('Map.of("user", "a", "password", "Zk29dkq6");'), "java", ["password"]),
        ("crypto.createCipheriv('aes-256-cbc', 'Zk29dkq6Zk29dkq7', iv);\n", "javascript", ["signing_key"]),
        ("const c = process.env.DB_PASSWORD || 'Zk29dkq6';\n", "javascript", ["password"]),
        (
            'package m\nfunc f() { mac := hmac.New(sha256.New, []byte("Zk29dkq6-key")) }\n',
            "go",
            ["signing_key"],
        ),
        ('package m\nfunc f() { viper.SetDefault("db.password", "Zk29dkq6") }\n', "go", ["password"]),
        ('fn f() { let k = EncodingKey::from_secret("Zk29dkq6-key".as_ref()); }\n', "rust", ["signing_key"]),
    ],
)
def test_calls_tell_what_a_string_is_for(code: str, language: str, expected: list[object]) -> None:
    assert kinds(code, language) == expected


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ('requests.get(u, params=("admin", "Zk29dkq6"))\n', "python"),
        ('group = "secret" if "secret" in shape.groups else 0\n', "python"),
        ('json.encode(p, "my-utf8-1", "x")\n', "python"),
        ("crypto.createHash('sha256', 'Zk29dkq2');\n", "javascript"),
        (java('p.setProperty("db.url", "Zk29dkq3");'), "java"),
        (java('m.put("label", "x8Kd02LmQz7WvR5tYn3BpC9c");'), "java"),
        (java("DriverManager.getConnection(url, user, password);"), "java"),
        (java('if (name.equals("Zk29dkq5")) {}'), "java"),
        (java('// password.equals("Zk29dkq5")'), "java"),
        ('package m\nfunc f() { r.SetHeader("Accept", "Zk29dkq5") }\n', "go"),
        ('fn f() { let c = C { label: String::from("Zk29dkq3") }; }\n', "rust"),
        ('hmac.new(key, b"Zk29dkq6 message", "sha256")\n', "python"),
        ('p.add_argument("--api-token", help="Zk29dkq6pw7")\n', "python"),
        ('names = ["AskPassword", "AskYes9Cancel"]\n', "python"),
        ('salt = secret.encode("utf-8")\n', "python"),
        ('key.write_private_key("id_ed25519")\n', "python"),
        ('if "passwords1" in request.form: pass\n', "python"),
        (java('String s = a("${db.password}");'), "java"),
        ("const c = process.env.DB_HOST || 'Zk29dkq6';\n", "javascript"),
        ('package m\nfunc f() { viper.SetDefault("db.host", "Zk29dkq6") }\n', "go"),
    ],
)
def test_other_calls_tell_nothing(code: str, language: str) -> None:
    assert kinds(code, language) == []
