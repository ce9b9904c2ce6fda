"""The baseline: the findings that a project has already and will mend in its own time.

::

    .stemedb/baseline.json
    {"format": "stemedb/baseline/1", "findings": [
    {"file": "shop/client.py", "path": "tls/cert_verification", "rule": "tls-verify", "statement": "9f3a…", "count": 2},
    …
    ]}

An entry is a rule, a tail path, a file and the hash of the statement without its white space, with a count. No lines and no times: code
that moves stays known, and so does code that is laid out anew. One entry a line, sorted, so that two branches' baselines merge as text.

Of `count` equal findings the first so many are known and the others new; what the baseline has and the code has no more is gone.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from blake3 import blake3

from stemedb.errors import InvalidInput
from stemedb_analysis.model import Finding, Observation
from stemedb_analysis.own_files import read_own

FORMAT: Final = "stemedb/baseline/1"
NAME: Final = "baseline.json"
BASELINE_BYTES_MAX: Final = 64 << 20
FINGERPRINT_BYTES: Final = 8


class Key(NamedTuple):
    """What a finding is known by."""

    file: str
    path: str
    rule: str
    statement: str

    @classmethod
    def of(cls, observation: Observation) -> "Key":
        """Return the key of an observation."""
        return cls(observation.file, observation.path, observation.rule, observation.statement)

    @property
    def fingerprint(self) -> str:
        """The key in 16 hex digits, for reports and acknowledgements."""
        return blake3("\0".join(self).encode()).hexdigest(FINGERPRINT_BYTES)


Baseline = Counter[Key]


def record(findings: Iterable[Finding]) -> Baseline:
    """Return the baseline that knows these findings."""
    return Counter(Key.of(finding.observation) for finding in findings)


def compare(findings: Iterable[Finding], baseline: Baseline) -> tuple[list[Finding], Baseline]:
    """Return the findings with their state against the baseline, and what of it they have no more."""
    left = baseline.copy()
    compared = []
    for finding in findings:
        key = Key.of(finding.observation)
        known = left[key] > 0
        if known:
            left[key] -= 1
        compared.append(finding._replace(state="unchanged" if known else "new"))
    return compared, +left


def encode(baseline: Baseline) -> str:
    """Return the text of a baseline: the same findings always give the same text."""
    rows = [
        json.dumps(key._asdict() | {"count": count}, ensure_ascii=False)
        for key, count in sorted(baseline.items())
        if count
    ]
    body = "".join(f"\n{row}," for row in rows).removesuffix(",")
    return f'{{"format": "{FORMAT}", "findings": [{body}\n]}}\n'


def decode(text: str, place: str = NAME) -> Baseline:
    """Return the baseline that a text holds. Raises `InvalidInput` with the entry that is wrong."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(place, f"is no JSON (a merge left half done?): {error}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InvalidInput(place, f"is no baseline: want the format {FORMAT}")
    rows = document.get("findings")
    if not isinstance(rows, list):
        raise InvalidInput(place, "findings: want a list")
    baseline: Baseline = Counter()
    for number, row in enumerate(rows, 1):
        key, count = _entry(row, f"{place}, entry {number}")
        baseline[key] += count
    return baseline


def load(path: Path) -> Baseline:
    """Return the baseline in a file. Raises `InvalidInput`, or `OSError` if it cannot be read."""
    if path.stat().st_size > BASELINE_BYTES_MAX:
        raise InvalidInput(str(path), f"has more than {BASELINE_BYTES_MAX} bytes")
    return decode(read_own(path).decode("utf-8", "replace"), str(path))


def _entry(row: Any, place: str) -> tuple[Key, int]:
    if not isinstance(row, dict) or row.keys() != {*Key._fields, "count"}:
        raise InvalidInput(place, f"want the members {', '.join(Key._fields)} and count")
    key, count = Key(*(row[name] for name in Key._fields)), row["count"]
    if (
        not all(isinstance(part, str) for part in key)
        or not isinstance(count, int)
        or isinstance(count, bool)
        or count < 1
    ):
        raise InvalidInput(place, "want texts, and a count of 1 or more")
    return key, count
