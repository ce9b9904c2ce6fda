"""What a fact is worth under a condition that asks for it."""

import pytest

from stemedb_analysis.rules import load
from stemedb_analysis.scan.file import scan_file

RULES = load()


def java(asked):
    """A check that is left out under a condition, in the style that gives braces lines of their own."""
    left_out = "            p.setEndpointIdentificationAlgorithm(null);\n"
    return f"class A\n{{\n    void f(P p)\n    {{\n        if ({asked})\n        {{\n{left_out}        }}\n    }}\n}}\n"


def confidence(file, code):
    found = scan_file(code.encode(), file, RULES).observations
    return max(one.confidence for one in found if one.path.startswith("tls/") and one.value is False)


PYTHON = "import ssl\n\n\ndef connect(options):\n    ctx = ssl.create_default_context()\n"
GO = 'package main\n\nimport "crypto/tls"\n\nfunc f(c *tls.Config, insecure bool, role string) {\n'


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("a.py", PYTHON + "    if options.insecure:\n        ctx.check_hostname = False\n"),
        (
            "a.py",
            PYTHON
            + "    if options.verify:\n        use(ctx)\n    else:\n        ctx.check_hostname = False\n",
        ),
        (
            "a.py",
            PYTHON
            + "    if not options.verify_ssl:\n        if ctx:\n            ctx.check_hostname = False\n",
        ),
        ("a.py", "import ssl\n\n\ndef insecure_context(ctx):\n    ctx.check_hostname = False\n"),
        ("a.py", "import ssl\n\n\ninsecure = ssl._create_unverified_context()\n"),
        (
            "A.java",
            (
                "import javax.net.ssl.*;\nclass A {\n    void f(Options o) {\n        if (o.isInsecure()) {\n            c.setHostnameVerifier(new HostnameVerifier() {\n"
                "                public boolean verify(String host, SSLSession s) {\n                    return true;\n                }\n            });\n        }\n    }\n}\n"
            ),
        ),
        (
            "A.java",
            "import javax.net.ssl.*;\nclass A {\n    A doNotValidateCertificate() {\n        c.setHostnameVerifier((host, session) -> true);\n        return this;\n    }\n}\n",
        ),
        (
            "A.java",
            (
                "import javax.net.ssl.*;\nclass A {\n    static final HostnameVerifier INSECURE = new HostnameVerifier() {\n"
                "        public boolean verify(String host, SSLSession s) {\n            return true;\n        }\n    };\n}\n"
            ),
        ),
        ("a.go", GO + "\tif insecure {\n\t\tc.InsecureSkipVerify = true\n\t}\n}\n"),
        (
            "a.js",
            "const agents = {\n  strict: new Agent({}),\n  allowUnauthorized: new Agent({ rejectUnauthorized: false }),\n};\n",
        ),
        ("a.js", "if (opts.skipVerify) {\n  connect({ rejectUnauthorized: false });\n}\n"),
        (
            "a.js",
            "const o = () =>\n  allowInvalid\n    ? { rejectUnauthorized: false }\n    : { ca };\n",
        ),
        (
            "a.js",
            "const insecureAgent = new Agent({\n  connect: {\n    rejectUnauthorized: false,\n  },\n});\n",
        ),
        (
            "a.go",
            GO
            + "\tif insecure {\n\t\tuse(func(o *tls.Config) {\n\t\t\to.InsecureSkipVerify = true\n\t\t})\n\t}\n}\n",
        ),
        (
            "A.java",
            java("!verify"),
        ),
    ],
)
def test_what_somebody_asked_for_counts_for_half(file, code):
    assert confidence(file, code) == pytest.approx(0.475)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("a.py", PYTHON + "    ctx.check_hostname = False\n"),
        ("a.py", PYTHON + "    if options.insecure:\n        warn()\n    ctx.check_hostname = False\n"),
        ("a.py", PYTHON + "    if options.port == 443:\n        ctx.check_hostname = False\n"),
        ("a.go", GO + '\tif role == "agent" {\n\t\tc.InsecureSkipVerify = true\n\t}\n}\n'),
        ("a.go", GO + "\tif insecure {\n\t\twarn()\n\t}\n\tc.InsecureSkipVerify = true\n}\n"),
        (
            "a.js",
            "connect({ tls: url.protocol === 'rediss' ? { rejectUnauthorized: false } : undefined });\n",
        ),
        ("a.js", "const o = {\n  port: isPublic ? 443 : 80,\n  rejectUnauthorized: false,\n};\n"),
        (
            "A.java",
            java("large"),
        ),
    ],
)
def test_what_happens_unasked_counts_in_full(file, code):
    assert confidence(file, code) == pytest.approx(0.95)


def test_an_agent_that_is_called_by_what_it_allows_is_taken_by_who_wants_it():
    code = "const https = require('https');\nconst agents = {{\n  {}: new https.Agent({{ rejectUnauthorized: false }}),\n}};\n"
    assert confidence("a.js", code.format("allowUnauthorized")) == 0.475
    assert confidence("a.js", code.format("usual")) == 0.95


def test_permissions_that_are_carried_over_were_given_by_somebody():
    code = (
        "import java.nio.file.attribute.PosixFilePermission;\nimport java.util.*;\nclass A {\n    Set<PosixFilePermission> of(int mode) {\n"
        "        Set<PosixFilePermission> found = new HashSet<>();\n        if (%s) {\n            found.add(PosixFilePermission.OTHERS_WRITE);\n        }\n"
        "        return found;\n    }\n}\n"
    )

    def sure(condition):
        found = scan_file((code % condition).encode(), "A.java", RULES).observations
        return max(one.confidence for one in found if one.path == "fs/permissions")

    assert sure("(mode & 2) != 0") < sure("ready")
