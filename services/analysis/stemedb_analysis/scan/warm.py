"""What a process that workers are forked from has in memory before: rules, parsers, and the expressions that are compiled when they are first tried.

A process with threads may not fork itself; it lets another be forked that has none (`stemedb_analysis.scan.pool`). This module is imported there.
"""

from typing import Final

from stemedb_analysis.scan.file import scan_file
from stemedb_analysis.scan.worker import shipped_rules

SAMPLES: Final = {
    "a.py": b"import hashlib, requests\npassword = request.args['p']\nrequests.get(u, verify=hashlib.md5(password))\n",
    "a.js": b"const c = require('crypto');\nconst token = req.query.t;\nres.send(c.createHash('md5').update(token));\n",
    "a.yaml": b"services:\n  web:\n    image: web:latest\n    privileged: true\n",
}
"""A little of what is scanned most."""


def warm() -> None:
    """Scan the samples."""
    ruleset = shipped_rules()
    for file, data in SAMPLES.items():
        scan_file(data, file, ruleset)


warm()
