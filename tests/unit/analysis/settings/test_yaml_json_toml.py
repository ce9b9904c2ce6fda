"""Trees of values: paths, types, places."""

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.extract import extract
from stemedb_analysis.source import Source


def facts(text: str, format_: str) -> Facts:
    return extract(Source(text.encode(), "x"), format_)


def read(text: str, format_: str = "yaml") -> dict[str, object]:
    return {".".join(setting.path): setting.value for setting in facts(text, format_).settings}


def test_yaml_scalars_are_typed_as_the_core_schema_types_them() -> None:
    assert read(
        "a: 1\nb: 1.5\nc: true\nd: null\ne: ~\nf:\ng: yes\nh: 010\ni: 0x1f\nj: 'x''y'\nk: \"a\\nb\"\nl: 1.2.3\n"
    ) == {
        "a": 1, "b": 1.5, "c": True, "d": None, "e": None, "f": None, "g": "yes", "h": "010", "i": 31, "j": "x'y",
        "k": "a\nb", "l": "1.2.3",
    }  # fmt: skip


def test_yaml_flow_style_and_blocks_give_the_same_paths() -> None:
    block = "a:\n  - b: 1\n    c:\n      - 2\n  - 3\n"
    assert read(block) == read("{a: [{b: 1, c: [2]}, 3]}") == {"a.[0].b": 1, "a.[0].c.[0]": 2, "a.[1]": 3}


def test_yaml_block_scalars_lose_header_and_indentation() -> None:
    assert read("run: |-\n  one\n    two\nfold: >\n  a\n  b\n") == {"run": "one\n  two", "fold": "a b"}


def test_yaml_anchors_and_merges_are_followed_and_own_keys_win() -> None:
    text = "a: &x {p: 1, q: 2}\nb: *x\nc:\n  <<: *x\n  q: 3\nd:\n  <<: [*x]\n"
    assert read(text) == {
        "a.p": 1, "a.q": 2, "b.p": 1, "b.q": 2, "c.p": 1, "c.q": 3, "d.p": 1, "d.q": 2,
    }  # fmt: skip


def test_yaml_alias_inside_of_its_own_anchor_is_left_alone() -> None:
    assert read("a: &x\n  b: *x\n  c: 1\n") == {"a.b": "*x", "a.c": 1}
    assert read("a: &x\n  <<: *x\n  c: 1\n")["a.c"] == 1


def test_yaml_documents_after_the_first_are_numbered() -> None:
    assert read("kind: A\n---\nkind: B\n---\nkind: C\n") == {"kind": "A", "---1.kind": "B", "---2.kind": "C"}


def test_yaml_empty_containers_differ_from_nothing() -> None:
    assert read("a: {}\nb: []\nc:\n") == {"a": "{}", "b": "[]", "c": None}


def test_yaml_templates_do_not_break_the_rest() -> None:
    text = 'a: {{ .Values.a }}\n{{- if .Values.b }}\nb:\n  c: "{{ .x }}:latest"\n{{- end }}\nd: ${{ github.ref }}\n'
    assert read(text) == {"a": "{{ .Values.a }}", "b.c": "{{ .x }}:latest", "d": "${{ github.ref }}"}
    assert facts(text, "yaml").faults == ()


def test_yaml_comments_are_no_settings() -> None:
    assert read("# privileged: true\na: 1 # b: 2\n") == {"a": 1}


def test_broken_syntax_stays_local() -> None:
    found = facts("a: 1\nb: [1, 2\nc: 3\nd:\n  e: 4\n", "yaml")
    values = {".".join(setting.path): setting.value for setting in found.settings}
    assert values["a"] == 1
    assert values["d.e"] == 4
    assert found.faults


def test_a_setting_reaches_from_its_key_to_the_end_of_its_value() -> None:
    text = "services:\n  web:\n    privileged: true # no\n"
    (setting,) = facts(text, "yaml").settings
    assert text[setting.start : setting.end] == "privileged: true"


def test_aliases_that_multiply_are_bounded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    found = facts("\n".join(lines), "yaml")
    assert len(found.settings) == 20_000
    assert "too many" in found.faults[0].reason


def test_deep_nesting_is_bounded_in_every_format() -> None:
    assert any("deeper" in fault.reason for fault in facts("[" * 500 + "]" * 500, "json").faults)
    assert any("deeper" in fault.reason for fault in facts("a: " + "[" * 500 + "]" * 500, "yaml").faults)
    assert any("deeper" in fault.reason for fault in facts("a = " + "[" * 500 + "]" * 500, "toml").faults)


def test_json_with_comments_and_trailing_commas_is_read() -> None:
    text = '{\n // no\n "a": [1, "x\\u00e9", null,], /* no */ "b": {"c": false, "d": {}},\n}'
    assert read(text, "json") == {"a.[0]": 1, "a.[1]": "xé", "a.[2]": None, "b.c": False, "b.d": "{}"}


def test_toml_tables_dotted_keys_and_arrays_of_tables() -> None:
    text = 'a.b = 1\n[t.u]\nk = [1, {x = \'2\'}]\n"q.r" = """\nm"""\n[[arr]]\nz = true\n[[arr]]\nz = 1.5\n[arr.sub]\ny = 0\n'
    assert read(text, "toml") == {
        "a.b": 1, "t.u.k.[0]": 1, "t.u.k.[1].x": "2", "t.u.q.r": "m", "arr.[0].z": True, "arr.[1].z": 1.5,
        "arr.[1].sub.y": 0,
    }  # fmt: skip


def test_long_strings_become_texts_with_the_key_as_name() -> None:
    found = facts("list:\n  - long enough\nshort: abc\n", "yaml")
    assert [(text.value, text.role, text.name) for text in found.texts] == [
        ("long enough", "assigned", "list")
    ]
