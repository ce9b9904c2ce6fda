"""The real command in a process of its own, on a small tree, as a pipeline runs it."""

import json

from support.command import NOWHERE, stemedb_process
from support.trees import git, plant, repository

FILES = {
    "app/client.py": "import requests\n\n\ndef fetch(url):\n    return requests.get(url, verify=False, timeout=3)\n",
    "app/ok.py": "import requests\n\n\ndef fetch(url):\n    return requests.get(url, timeout=3)\n",
    "compose.yaml": "services:\n  web:\n    image: nginx:latest\n    privileged: true\n",
    "node_modules/x/index.js": "eval(location.hash)\n",
    "broken.py": "eval(request.args[0])\ndef (:\n  x = [[[\n",
    ".gitignore": "out/\n",
    "out/a.py": "x = 1\n",
}


def test_a_scan_from_the_outside(tmp_path):
    env = {**NOWHERE, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    root = repository(tmp_path / "shop", FILES)
    first = stemedb_process("scan", root, "--format", "json", "--jobs", "2", env=env)
    assert first.code == 1, first.err
    found = json.loads(first.out)
    assert ("app/client.py", 5) in [(one["file"], one["line"]) for one in found["findings"]]
    assert found["coverage"]["skipped"]["vendored"] == 1
    assert found["coverage"]["skipped"]["ignored"] == 1
    assert "broken.py" in [one["file"] for one in found["coverage"]["faults"]]
    assert "scanned" in first.err
    again = stemedb_process("scan", root, "--format", "json", "--jobs", "1", env=env)
    assert again.out == first.out
    plant(root, {"app/client.py": FILES["app/ok.py"]})
    git(root, "add", "-A")
    assert stemedb_process("scan", root, "--staged", env=env).code == 0
