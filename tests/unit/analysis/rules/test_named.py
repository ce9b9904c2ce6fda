"""What a choice, a table or a maker spells out was chosen by somebody else."""

import pytest

from stemedb_analysis.rules import load
from stemedb_analysis.scan.file import scan_file

RULES = load()


def confidence(file, code):
    found = scan_file(code.encode(), file, RULES).observations
    return max(one.confidence for one in found if one.path in {"crypto/cipher", "crypto/hash"})


GO = 'package p\n\nimport (\n\t"crypto/cipher"\n\t"crypto/des"\n\t"crypto/rc4"\n)\n\n'
JAVA = "import org.bouncycastle.crypto.engines.*;\n"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("a.go", GO + "func newRC4(key []byte) (cipher.Stream, error) {\n\treturn rc4.NewCipher(key)\n}\n"),
        (
            "a.go",
            GO
            + "func pick(f Function, key []byte) {\n\tswitch f {\n\tcase Cipher3DES:\n\t\tuse(des.NewTripleDESCipher(key))\n\t}\n}\n",
        ),
        (
            "A.java",
            JAVA
            + "class Makers\n{\n    Object of(Name name)\n    {\n        if (Names.des_EDE3_CBC.equals(name))\n        {\n"
            "            return new DESedeEngine();\n        }\n        return null;\n    }\n}\n",
        ),
        (
            "A.java",
            JAVA
            + "class ARCFOUR128 {\n    void init(byte[] key) {\n        cipher = new RC4Engine();\n    }\n}\n",
        ),
        (
            "A.java",
            JAVA
            + "class Tables {\n    void fill() {\n        table.put(Names.DES, new Maker() {\n            public Object make() {\n"
            "                return new DESEngine();\n            }\n        });\n    }\n}\n",
        ),
        (
            "A.java",
            JAVA
            + "class NtlmEngine {\n    byte[] part(byte[] key) {\n        return of(new DESEngine(), key);\n    }\n}\n",
        ),
        (
            "A.java",
            'import javax.crypto.Mac;\nclass HmacMd5Checksum {\n    byte[] of(byte[] d) {\n        return Mac.getInstance("HmacMD5").doFinal(d);\n    }\n}\n',
        ),
        (
            "A.java",
            (
                "import java.security.MessageDigest;\nclass Md5Crypt {\n    byte[] crypt(byte[] secret) throws Exception {\n"
                '        return MessageDigest.getInstance("MD5").digest(secret);\n    }\n}\n'
            ),
        ),
        ("a.js", "const makers = {\n  des: (key, iv) => crypto.createCipheriv('des-cbc', key, iv),\n};\n"),
    ],
)
def test_what_is_named_where_it_was_chosen_counts_for_half(file, code):
    assert confidence(file, code) < 0.6


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("a.go", GO + "func seal(key []byte) (cipher.Stream, error) {\n\treturn rc4.NewCipher(key)\n}\n"),
        ("a.go", GO + "func encryptRC4(key []byte) {\n\tuse(rc4.NewCipher(key))\n}\n"),
        (
            "A.java",
            JAVA
            + "class DesTool {\n    String describe(byte[] key) {\n        if (nodes.isEmpty()) {\n            use(new DESEngine());\n        }\n    }\n}\n",
        ),
        (
            "a.go",
            GO
            + "func f(key []byte) {\n\tif len(key) == 24 {\n\t\tuse(des.NewTripleDESCipher(key))\n\t}\n}\n",
        ),
    ],
)
def test_what_uses_it_counts_in_full(file, code):
    assert confidence(file, code) == pytest.approx(0.95)


def password_hash(code):
    found = scan_file(code.encode(), "A.java", RULES).observations
    return max(one.confidence for one in found if one.path == "password/hash")


def test_a_protocol_says_how_it_hashes_passwords():
    """Whoever signs in to a server hashes as that server wants it; whoever keeps passwords chooses."""
    body = (
        "    byte[] encode(String password) throws Exception {\n"
        '        return MessageDigest.getInstance("SHA-1").digest(password.getBytes());\n    }\n}\n'
    )
    kept = password_hash("import java.security.MessageDigest;\nclass Accounts {\n" + body)
    for name in ("CachingSha2Plugin", "PdfSecurityHandler"):
        assert password_hash(f"import java.security.MessageDigest;\nclass {name} {{\n{body}") < kept


def test_a_version_of_tls_that_a_setting_names_was_chosen():
    code = "import ssl\ndef f(given):\n    context = ssl.create_default_context()\n    {}\n        context.minimum_version = ssl.TLSVersion.TLSv1\n"
    asked, simple = (
        scan_file(code.format(line).encode(), "a.py", RULES).observations
        for line in ("if given['version'] == 'TLSv1':", "if given['legacy']:")
    )
    assert [one.confidence for one in (*asked, *simple) if one.path == "tls/min_version"] == [0.475, 0.95]


def test_a_padding_that_a_header_names_was_chosen():
    code = "const c = require('crypto');\nfunction f(head, key, data) {{\n  if ({}) return c.privateDecrypt({{ key, padding: c.constants.RSA_PKCS1_PADDING }}, data);\n}}\n"
    asked, simple = (
        scan_file(code.format(line).encode(), "a.js", RULES).observations
        for line in ("head.alg === 'RSA1_5'", "head.old")
    )
    assert [one.confidence for one in (*asked, *simple) if one.path == "crypto/padding"] == [0.475, 0.95]


def test_a_token_that_is_read_unverified_by_name_was_asked_for():
    code = "import jwt\ndef {}(token):\n    return jwt.decode(token, options={{'verify_signature': False}})\n"
    asked, simple = (
        scan_file(code.format(name).encode(), "a.py", RULES).observations
        for name in ("get_unverified_claims", "claims")
    )
    told = [one.confidence for one in (*asked, *simple) if one.path == "jwt/signature_verification"]
    assert told == [0.475, 0.95]


def test_a_type_that_is_called_by_a_padding_is_that_padding():
    code = 'package p\n\nimport "crypto/rsa"\n\nfunc (a *{}) Wrap(k *rsa.PublicKey, key []byte) {{\n\tc, err := rsa.EncryptPKCS1v15(r, k, key)\n\tuse(c, err)\n}}\n'
    named, simple = (
        scan_file(code.format(name).encode(), "a.go", RULES).observations
        for name in ("RsaPkcs1v15", "Wrapper")
    )
    assert [one.confidence for one in (*named, *simple) if one.path == "crypto/padding"] == [0.475, 0.95]
