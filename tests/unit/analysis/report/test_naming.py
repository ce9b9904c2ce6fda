"""What SARIF and annotations call files, seen from where somebody stands."""

from pathlib import Path

from stemedb_analysis.report import github, sarif
from stemedb_analysis.report.naming import PROJECT, STARTED, Naming, naming
from support.reporting import item, report
from support.trees import plant


def test_in_a_work_tree_names_start_at_its_top_wherever_one_stands(tmp_path):
    plant(tmp_path, {"r/.git/": "", "r/api/.stemedb/": "", "elsewhere/": ""})
    for standing in ("r", "r/api", "elsewhere"):
        assert naming(tmp_path / "r", tmp_path / standing) == Naming()
        assert naming(tmp_path / "r/api", tmp_path / standing) == Naming("api/", "api/")


def test_elsewhere_names_are_those_that_one_would_open(tmp_path):
    plant(tmp_path, {"here/shop/": "", "other/": ""})
    here = tmp_path / "here"
    assert naming(here, here) == Naming("", "", f"file://{here}/", STARTED)
    assert naming(here / "shop", here) == Naming("shop/", "shop/", f"file://{here}/", STARTED)
    assert naming(tmp_path / "other", here) == Naming("../other/", "", f"file://{tmp_path}/other/", PROJECT)
    assert naming(Path("/"), here).base == "file:///"


def test_annotations_climb_and_sarif_does_not():
    aside = report(item())._replace(naming=Naming("../other/", "", "file:///x/other/"))
    assert "file=../other/shop/client.py,line=5" in github.render(aside)
    run = sarif.log(aside)["runs"][0]
    assert run["originalUriBaseIds"]["SRCROOT"]["uri"] == "file:///x/other/"
    (artifact,) = run["artifacts"]
    assert artifact["location"] == {"uri": "shop/client.py", "uriBaseId": "SRCROOT"}
    within = sarif.log(report(item())._replace(naming=Naming("a b/", "a b/")))["runs"][0]
    assert within["originalUriBaseIds"] == {"SRCROOT": {"description": {"text": PROJECT}}}
    (result,) = within["results"]
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/shop/client.py"
    assert all(
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("a%20b/")
        for one in within["invocations"][0]["toolExecutionNotifications"]
    )
