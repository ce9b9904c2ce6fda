"""What is committed is what the package makes, and writing it again changes nothing."""

import pytest

from stemedb_watch.__main__ import SERVICES, write
from stemedb_watch.generated import files


@pytest.mark.parametrize("name", sorted(files()))
def test_the_committed_file_is_the_generated_one(name):
    committed = (SERVICES / name).read_text(encoding="utf-8")
    assert committed == files()[name], "run `make dashboards` and commit what it writes"


def test_no_dashboard_is_there_that_nobody_makes():
    committed = {
        f"grafana/dashboards/{path.name}" for path in (SERVICES / "grafana" / "dashboards").iterdir()
    }
    assert committed == {name for name in files() if name.startswith("grafana/")}


def test_only_what_differs_is_written(tmp_path):
    assert write(tmp_path, {"a/b.json": "1", "c.yml": "2"}) == ["a/b.json", "c.yml"]
    (tmp_path / "c.yml").write_text("changed", encoding="utf-8")
    assert write(tmp_path, {"a/b.json": "1", "c.yml": "2"}) == ["c.yml"]
    assert (tmp_path / "c.yml").read_text(encoding="utf-8") == "2"
