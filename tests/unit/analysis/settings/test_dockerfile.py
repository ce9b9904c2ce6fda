"""Dockerfiles by stage."""

from stemedb_analysis.facts.model import Facts
from stemedb_analysis.settings.extract import extract
from stemedb_analysis.source import Source


def facts(text: str) -> Facts:
    return extract(Source(text.encode(), "Dockerfile"), "dockerfile")


def read(text: str) -> list[tuple[str, object]]:
    return [(".".join(setting.path), setting.value) for setting in facts(text).settings]


def test_what_the_final_image_is_made_of_is_told_apart_from_what_only_builds() -> None:
    text = "FROM a:1 AS base\nUSER app\nFROM b AS build\nUSER root\nFROM base\nCOPY --from=build --chmod=777 /x /y\n"
    assert read(text) == [
        ("final.FROM", "a:1"), ("final.FROM.tag", "1"), ("final.FROM.digest", ""), ("final.USER", "app"),
        ("stages.[1].FROM", "b"), ("stages.[1].FROM.tag", ""), ("stages.[1].FROM.digest", ""), ("stages.[1].USER", "root"),
        ("final.FROM.stage", "base"), ("final.COPY", "/x /y"), ("final.COPY.--from", "build"), ("final.COPY.--chmod", "777"),
    ]  # fmt: skip


def test_images_are_taken_apart() -> None:
    assert read("FROM --platform=$P host:5000/app@sha256:ab AS x\n") == [
        ("final.FROM", "host:5000/app@sha256:ab"),
        ("final.FROM.tag", ""),
        ("final.FROM.digest", "sha256:ab"),
    ]


def test_defaults_of_arguments_reach_the_image_and_unknown_ones_leave_it_untagged() -> None:
    assert ("final.FROM.tag", "3.12") in read("ARG V=3.12\nFROM python:${V}\n")
    assert ("final.FROM.tag", "3") in read("ARG V\nFROM python:${V:-3}\n")
    assert read("ARG IMAGE\nFROM $IMAGE\n") == [("ARG.IMAGE", None), ("final.FROM", "$IMAGE")]


def test_scratch_and_unprivileged_images() -> None:
    assert read("FROM scratch\n") == [("final.FROM.stage", "scratch")]
    assert ("final.USER", "nonroot") in read("FROM gcr.io/distroless/static:nonroot\n")


def test_continuations_comments_between_them_and_here_documents() -> None:
    text = "FROM a:1\nRUN one \\\n  # a comment\n  && two\nRUN <<EOF\nthree\nEOF\nUSER x\n"
    assert [value for path, value in read(text) if path == "final.RUN"] == ["one   && two", "<<EOF\nthree"]
    assert read(text)[-1] == ("final.USER", "x")


def test_the_escape_directive_changes_the_continuation() -> None:
    assert ("final.RUN", "a  b") in read("# escape=`\nFROM a:1\nRUN a `\n b\n")


def test_names_and_values_of_env_and_arg() -> None:
    assert read("FROM a:1\nENV A=1 B=\"two words\" C='x'\nENV OLD the rest\nARG T\n")[3:] == [
        ("final.ENV.A", "1"),
        ("final.ENV.B", "two words"),
        ("final.ENV.C", "x"),
        ("final.ENV.OLD", "the rest"),
        ("final.ARG.T", None),
    ]


def test_arrays_are_words_and_ports_are_single() -> None:
    assert read('FROM a:1\nCMD ["python", "-m", "x"]\nEXPOSE 80 22/tcp\n')[3:] == [
        ("final.CMD", "python -m x"),
        ("final.EXPOSE", "80"),
        ("final.EXPOSE", "22/tcp"),
    ]


def test_what_is_no_instruction_is_a_fault_and_the_rest_is_read() -> None:
    found = facts("FROM a:1\nBOGUS x\nUSER y\n")
    assert [fault.reason for fault in found.faults] == ["is no instruction"]
    assert found.settings[-1].value == "y"
