"""Scripts in pages."""

import pytest

from stemedb_analysis.facts.pages import script_of
from stemedb_analysis.rules.load import load
from stemedb_analysis.scan.file import scan_file

VUE = b"""<template>
  <p>{{ name }}</p>
</template>
<script setup lang="ts">
const sessionToken: string = Math.random().toString(16);
</script>
<style>p { color: red }</style>
"""


def test_code_stands_where_it_stands_in_the_page():
    script = script_of(VUE, "a.vue")
    assert script is not None
    assert script.language == "typescript"
    assert len(script.code) == len(VUE)
    at = VUE.index(b"const")
    assert script.code[at : at + 20] == VUE[at : at + 20]
    assert not script.code[:at].strip()


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (b"<p>no script</p>", None),
        (b"<script src='a.js'></script>", None),
        (b"<script type='application/json'>{}</script>", None),
        (b"<SCRIPT type=module>f()</SCRIPT >", b"f()"),
        (b"<script>a()</script><p><script>b()</script>", b"a(); b()"),
        (b"<script>never closed", None),
    ],
)
def test_scripts_are_code_and_data_is_none(page, code):
    script = script_of(page, "a.html")
    assert (b" ".join(script.code.split()).rstrip(b"; ") if script else None) == code


def test_the_front_matter_of_astro_is_code():
    script = script_of(b"---\nconst a = f();\n---\n<p>{a}</p>\n", "a.astro")
    assert script is not None
    assert script.code.split() == [b"const", b"a", b"=", b"f();;"]


def test_what_a_script_says_is_told_of_the_page():
    """By its own line and language; the template says nothing."""
    seen = scan_file(VUE, "src/Board.vue", load())
    assert seen.language == "typescript"
    assert [(one.path, one.span.line) for one in seen.observations] == [("random/security", 5)]


def test_a_page_reaches_no_network_but_its_readers():
    """Whoever forges requests there forges their own."""
    page = (
        b"<script>\nconst a = new URLSearchParams(location.search).get('a');\nfetch(a); eval(a);\n</script>"
    )
    assert {one.path for one in scan_file(page, "a.html", load()).observations} == {"code/eval"}


def test_what_is_not_understood_in_a_script_is_told_unless_the_page_is_a_template():
    """As of a file of code, with its line in the page."""
    broken = b"<p>\n<script>\nconst sessionToken = Math.random(;\nif (\n</script>"
    assert scan_file(broken, "a.html", load()).faults[0].startswith("line 3: ")
    assert scan_file(broken.replace(b"if (", b"if ({{ x }"), "a.html", load()).faults == ()
