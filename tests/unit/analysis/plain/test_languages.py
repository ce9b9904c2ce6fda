"""Which files are read as text, and in what language."""

import pytest

from stemedb_analysis.plain.comments import _FAMILIES
from stemedb_analysis.plain.languages import BARE, DOCUMENTS, PLAIN, plain_language
from stemedb_analysis.walk.languages import is_test, language_of, may_be_known


@pytest.mark.parametrize(
    ("file", "language"),
    [
        ("app/deploy.rb", "ruby"), ("Rakefile", "ruby"), ("index.php", "php"), ("Ledger.cs", "csharp"), ("Kiosk.kt", "kotlin"), ("build.gradle.kts", "kotlin"),
        ("app.gradle", "groovy"), ("Jenkinsfile", "groovy"), ("Jenkinsfile.release", "groovy"), ("main.swift", "swift"), ("Vault.m", "objectivec"), ("probe.h", "c"),
        ("release.SH", "shell"), (".bashrc", "shell"), ("Setup.ps1", "powershell"), ("run.bat", "batch"), ("main.tf", "hcl"), ("prod.tfvars", "hcl"), ("dump.sql", "sql"),
        ("web.config", "xml"), ("pom.xml", "xml"), ("Login.vue", "vue"), ("README.md", "markdown"), ("notes.txt", "text"), ("LICENSE", "text"), ("server.key", "key"),
        ("id_ed25519", "key"), (".netrc", "netrc"), (".pgpass", "credentials"), (".git-credentials", "credentials"), ("Makefile", "make"), ("site.pp", "puppet"),
    ],
)  # fmt: skip
def test_a_name_tells_the_language(file, language):
    assert plain_language(file) == language
    assert may_be_known(file)
    assert language_of(file, b"words\n") == language


@pytest.mark.parametrize(
    "file", ["data.csv", "app.log", "logo.svg", "style.css", "de.po", "fix.patch", "types.d.ts", "photo.png", ".DS_Store", "a.unheard", "x.lock"]
)  # fmt: skip
def test_data_and_what_has_an_unknown_extension_is_not_read(file):
    assert plain_language(file) == ""
    assert not may_be_known(file)


@pytest.mark.parametrize(
    ("head", "language"),
    [
        (b"#!/bin/sh\n", "shell"), (b"#!/usr/bin/env bash\n", "shell"), (b"#!/usr/bin/perl -w\n", "perl"), (b"#!/usr/bin/env ruby\n", "ruby"),
        (b"#!/usr/bin/env pwsh\n", "powershell"), (b"#!/usr/bin/expect -f\n", "tcl"), (b"#!/opt/nothing\n", "text"), (b"words\n", "text"),
    ],
)  # fmt: skip
def test_the_first_line_tells_where_there_is_no_extension(head, language):
    assert language_of("bin/start", head) == language


@pytest.mark.parametrize(
    ("file", "language"),
    [("start", "python"), ("a.py", "python"), ("a.yaml", "yaml"), (".env", "env"), ("Dockerfile", "dockerfile"), ("requirements.txt", "requirements"), ("app.conf", "ini")],
)  # fmt: skip
def test_what_is_parsed_stays_so(file, language):
    head = b"#!/usr/bin/env python3\n" if file == "start" else b""
    assert language_of(file, head) == language


@pytest.mark.parametrize("file", ["test-e2e/cart.js", "verify_test_cart.go", "apis/cart.examples.json", "cart_spec.rb", "CartTest.php", "CartTests.cs", "CartSpec.scala", "cart_test.exs", "cart.bats", "spec/cart.rb", "t/cart.t", "benches/cart.rs", "benchmarks/cart.py"])  # fmt: skip
def test_tests_are_told_by_the_conventions_of_their_language(file):
    assert is_test(file)


@pytest.mark.parametrize("file", ["microbench/src/Cart.java", "benches/encode.rs", "lib/emulator/auth.js", "lib/fakes/store.go", "examples/client.rs", "http/src/examples/org/a/Client.java", "a/example/src/main/java/io/a/Client.java", "build-it/src/main/java/A.java", "app/fuzzer/fuzzer.go", "testproxy/main.go", "oauth2example/app.js", "tutorial/go/src/main.go", "types/index.tst.ts", "index.test-d.ts", "docs/signing-example.js", "shop/settings_example.py", "openpgp/keys_test_data.go", "mongo/testcluster/main.go"])  # fmt: skip
def test_what_stands_in_for_something_or_shows_it_is_told_like_a_test(file):
    assert is_test(file)


@pytest.mark.parametrize("file", ["src/main/java/com/example/demo/Shop.java", "com/example/Shop.java", "app/examples/views.py", "src/benchmark/run.go", "lib/emulate.js"])  # fmt: skip
def test_a_package_that_is_called_an_example_is_none(file):
    assert not is_test(file)


def test_every_language_can_be_a_segment_of_a_path_and_has_comments():
    assert all(name.isalpha() and name.islower() for name in PLAIN)
    assert set(_FAMILIES) == PLAIN
    assert BARE | DOCUMENTS <= PLAIN
