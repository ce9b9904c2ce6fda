"""Reports for tests: a handful of findings in a made-up project, with its text."""

from stemedb_analysis import registry
from stemedb_analysis.judge import Coverage
from stemedb_analysis.judge.measure import Cases, Measure
from stemedb_analysis.model import Authority, Finding, Hop, Observation, Opinion, Span
from stemedb_analysis.project.baseline import Key
from stemedb_analysis.report.model import Card, Gone, Item, Report
from stemedb_analysis.report.sources import Sources
from stemedb_analysis.scan.result import Tally

FILES = {
    "shop/client.py": "import requests\n\n\ndef fetch(url):\n\treturn requests.get(url, verify=False)\n",
    "shop/<b>&\"'.py": "x = '</script><script>alert(1)</script>'\n",
}
RULE = Card(
    "tls-verify",
    "Certificates are verified",
    "Otherwise anybody on the way can answer.",
    "tls/cert_verification",
    "enabled",
    ("tls",),
    Measure(Cases(33, 1, 12), Cases(3, 0, 4)),
)
COVERAGE = Coverage((("tls/cert_verification", "enabled"),), (), (), (), ())
AUTHORITY = Authority(
    "rfc9110",
    "tls/cert_verification",
    "enabled",
    "equals",
    True,
    1,
    1.0,
    "RFC 9110 §4.3.4",
    "https://www.rfc-editor.org/rfc/rfc9110#section-4.3.4",
    "The client must check.",
)


def observation(**changes):
    seen = Observation(
        "tls/cert_verification",
        "enabled",
        False,
        "shop/client.py",
        Span(5, 9, 5, 40),
        "requests.get(url, verify=False)",
        0.95,
        "tls-verify",
        "python",
        "9f3a9f3a9f3a9f3a",
    )
    return seen._replace(**changes)


def finding(verdict="BLOCK", score=0.86, state="new", acknowledged="", **changes):
    seen = observation(**changes)
    authority = AUTHORITY._replace(path=seen.path, predicate=seen.predicate)
    return Finding(seen, verdict, score, (Opinion(authority, False, score),), acknowledged, state)


def item(suppression="", **changes):
    made = finding(**changes)
    return Item(made, Key.of(made.observation).fingerprint, suppression)


HOSTILE = item(
    verdict="FLAG",
    score=0.5,
    file="shop/<b>&\"'.py",
    span=Span(1, 5, 1, 42),
    text="'</script><script>alert(1)</script>'",
    hops=(Hop(1, 5, "<img src=x onerror=alert(1)>"),),
    statement="0",
)


def report(*items, files=FILES, is_compared=False, gone=(), **tally):
    seen = Tally(seen=4, scanned=2, lines=6, bytes=100)
    seen.languages["python"] = 2
    seen.skip("data/huge.json", "too large", by_name=True)
    seen.skip("node_modules/", "vendored", by_name=False)
    for name, value in tally.items():
        setattr(seen, name, value)

    def read(file):
        if file not in files:
            raise FileNotFoundError(file)
        return files[file].encode()

    return Report(
        project="shop",
        version="0.1.0",
        items=list(items),
        passed=3,
        tally=seen,
        coverage=COVERAGE,
        near=lambda: COVERAGE,
        rules={"tls-verify": RULE},
        registry=registry.shipped(),
        sources=Sources(read),
        is_compared=is_compared,
        gone=[Gone(*one) for one in gone],
    )
