"""CI.md shows what the product itself asks for: filled in, its workflow has no finding."""

import json
import re
from pathlib import Path

import stemedb_analysis
from support.command import NOWHERE, stemedb
from support.trees import plant

CI_MD = (Path(stemedb_analysis.__file__).parents[1] / "CI.md").read_text(encoding="utf-8")


def test_the_workflow_that_is_shown_has_no_finding_once_it_is_filled_in(tmp_path):
    hooks, workflow = re.findall(r"```yaml\n(.*?)```", CI_MD, re.DOTALL)
    blanks = set(re.findall(r"\b[A-Z_]*COMMIT\b", hooks + workflow))
    explained = CI_MD.replace(hooks, "").replace(workflow, "")
    assert all(f"`{blank}`" in explained for blank in blanks - {"COMMIT"})
    filled = re.sub(r"\b[A-Z_]*COMMIT\b", "0123456789" * 4, workflow)
    plant(tmp_path / "shop", {".github/workflows/stemedb.yml": filled})
    done = stemedb(
        "scan",
        tmp_path / "shop",
        "--format",
        "json",
        "--no-cache",
        env={**NOWHERE, "XDG_CACHE_HOME": str(tmp_path)},
    )
    document = json.loads(done.out)
    assert document["coverage"]["scanned"] == 1
    assert document["findings"] == []
    assert document["summary"]["passed"] > 3
