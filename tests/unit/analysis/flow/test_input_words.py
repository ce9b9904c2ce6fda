"""Where input may be read, told by words."""

import re
from importlib.resources import files

import pytest
import yaml

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.rules.load import load
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary

SOURCES = yaml.safe_load((files("stemedb_analysis") / "flow" / "data" / "sources.yaml").read_text("utf-8"))


def looked_into(code: str) -> set[str]:
    """The functions that get a body."""
    source = Source(code.encode(), "f.py")
    facts = extract(source, "python", load().interest_in("python", Vocabulary(source.data)))
    return {facts.functions[body.function].name for body in facts.bodies if body.function >= 0}


APART = "import os\nfrom flask import request\ndef far(name):\n    return os.remove(name)\n"


def test_a_function_that_input_cannot_reach_is_not_looked_into():
    """It has a sink, and the file reads input elsewhere."""
    assert looked_into(f"{APART}def near():\n    os.remove(request.args['f'])\n") == {"near"}


def test_input_comes_down_with_arguments_and_up_with_results():
    """The caller reads it, or another function that is called."""
    assert looked_into(f"{APART}def page():\n    far(request.args['f'])\n") == {"far", "page"}
    up = f"{APART}def load():\n    return request.args['f']\ndef page():\n    far(load())\n"
    assert looked_into(up) == {"far", "load", "page"}


@pytest.mark.parametrize(
    "other",
    [
        "from flask import request as r\ndef near():\n    os.remove(r.args['f'])\n",
        "r = request\ndef near():\n    os.remove(r.args['f'])\n",
        "given = request.args\ndef near():\n    os.remove(given['f'])\n",
        "from tornado.web import RequestHandler\nclass A(RequestHandler):\n    def near(self):\n        os.remove(self.request.uri)\n",
        "class A:\n    r = request\n    def near(self):\n        os.remove(self.r.args['f'])\n",
    ],
)
def test_input_by_another_name_is_input(other):
    """What the module, its classes and imports call it does not matter."""
    assert {name.rpartition(".")[2] for name in looked_into(APART + other)} == {"near"}


@pytest.mark.parametrize("language", [name for name, one in SOURCES.items() if one.get("params")])
def test_what_parameters_hold_is_what_they_are_written_with(language):
    """Without a decorator, the words of `holds` are all that `written` can begin to fit."""
    for row in SOURCES[language]["params"]:
        if "decorators" not in row:
            words = row["holds"].split()
            groups = [group.split("|") for group in re.findall(r"\(\?:([\w|]+)\)", row["written"])]
            assert words in groups
