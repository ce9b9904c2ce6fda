"""Go: what the facts say of how names, values and statements are written."""

import pytest

from support.facts_text import assigns, calls, facts, steps

HEAD = """package main
import (
  "crypto/md5"
  "crypto/tls"
  "database/sql"
  "net/http"
  "os/exec"
  h "crypto/sha1"
  "github.com/golang-jwt/jwt/v5"
  "gopkg.in/yaml.v3"
)
"""


def inside(statements: str) -> str:
    return f"{HEAD}func main() {{\n{statements}\n}}\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (inside("md5.New()"), "crypto/md5.New()"),
        (inside("h.New()"), "crypto/sha1.New()"),
        (inside("jwt.Parse(a, f)"), "github.com/golang-jwt/jwt/v5.Parse(a, f)"),
        (inside("yaml.Unmarshal(a, b)"), "gopkg.in/yaml.v3.Unmarshal(a, b)"),
        (f"{HEAD}func f(md5 T) {{ md5.New() }}", "?.New()"),
        (inside("md5 := make(); md5.New()"), "make.New()"),
        (
            f"{HEAD}func f(w http.ResponseWriter, r *http.Request) {{ r.FormValue(k) }}",
            "net/http.Request.FormValue(k)",
        ),
        (f"{HEAD}func f(a, b *sql.DB) {{ b.Query(q) }}", "database/sql.DB.Query(q)"),
        (inside("db, err := sql.Open(a, b); db.Query(q)"), "database/sql.DB.Query(q)"),
        (inside("var db *sql.DB; db.Query(q)"), "database/sql.DB.Query(q)"),
        (inside("exec.Command(a).Run()"), "os/exec.Cmd.Run()"),
        (inside("err := f(); err.Error(1)"), "f.Error(1)"),
        (
            f"{HEAD}type S struct {{ db *sql.DB }}\nfunc (s *S) f() {{ s.db.Query(q) }}",
            "database/sql.DB.Query(q)",
        ),
        (f"{HEAD}type S struct {{ *sql.DB }}\nfunc (s S) f() {{ s.Query(q) }}", "database/sql.DB.Query(q)"),
        (f"{HEAD}type S struct {{}}\nfunc (s *S) g() {{}}\nfunc (s *S) f() {{ s.g() }}", ".S.g()"),
        ("package main\nfunc open() {}\nfunc main() { open() }", ".open()"),
        (inside("c := &http.Client{}; c.Get(u)"), "net/http.Client.Get(u)"),
        (inside("c := new(http.Client); c.Get(u)"), "net/http.Client.Get(u)"),
        (
            f"{HEAD}func g() (*http.Client, error) {{}}\nfunc f() {{ c, err := g(); c.Get(u) }}",
            "net/http.Client.Get(u)",
        ),
        (f"{HEAD}func g() (c http.Client) {{}}\nfunc f() {{ g().Get(u) }}", "net/http.Client.Get(u)"),
        (
            "package a\ntype S struct{}\nfunc (s *S) m() {}\nfunc n() *S {}\nfunc f() { s := n(); s.m(); n().m() }",
            ".S.m()",
        ),
        (f"{HEAD}func g() string {{}}\nfunc f() {{ c := g(); c.Get(u) }}", ".g.Get(u)"),
    ],
)
def test_names_are_resolved(source, expected):
    assert expected in calls(source, "go")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('f(nil, true, 1, 1.5, 0x10, "a\\n", `b\\n`)', "f(None, True, 1, 1.5, 16, 'a\\n', 'b\\\\n')"),
        ('f("a" + x, []byte("k"), string(y))', "f(<'a' x>, 'k', y)"),
        ("_ = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}",
         "crypto/tls.Config(InsecureSkipVerify=True, MinVersion=crypto/tls.VersionTLS10)@literal"),
        ("t := http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}",
         "net/http.Transport(TLSClientConfig=crypto/tls.Config(InsecureSkipVerify=True)@literal)@literal"),
        ('f([]string{"a"}, map[string]int{"k": 1})', "f(['a'], {'k': 1})"),
        ('const a = "x"; f(a)', "f('x'~constant)"),
        ('a := "x"; a = "y"; f(a)', "f('y'~constant)"),
        ('a := "x"; a += "y"; f(a)', "f(a)"),
        ("const n = 2; f(n * 1024)", "f(2048~constant)"),
        ("f(x[1], y.Z, xs...)", "f(x[1], y.Z, *=xs)"),
        ("f(v.(string))", "f(v)"),
        ("f(func() {})", "f(())"),
        ("b := make([]byte, 6); f(b)", "f(make((), 6)~constant)"),
        ("b := make([]byte, n); f(b)", "f(b)"),
        ("var n [12]byte; f(n[:])", "f([;]((), 12)~constant)"),
        ("if a == expectedMAC { f(1) }", "==(a, expectedMAC)"),
        ("if len(password) <= 5 { f(1) }", "<(len(password), 6)"),
        ("for { f(1) }", "∞()"),
        ("return jwt.UnsafeAllowNoneSignatureType, nil", "github.com/golang-jwt/jwt/v5.UnsafeAllowNoneSignatureType()@literal"),
    ],
)  # fmt: skip
def test_values_are_lowered(source, expected):
    assert expected in calls(inside(source), "go")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "c := tls.Config{}; c.InsecureSkipVerify = true",
            "crypto/tls.Config.InsecureSkipVerify|InsecureSkipVerify = True",
        ),
        ("x := T{Debug: true}", "|Debug = True"),
        ("const debug = true", "debug|debug = True"),
        ("a, debug := 1, true", "debug|debug = True"),
        ('m["k"] = 1', "m.k|k = 1"),
    ],
)
def test_assignments_are_found(source, expected):
    assert expected in assigns(inside(source), "go")


@pytest.mark.parametrize(
    "source", ["// md5.New()", "/* md5.New() */", 'x := "md5.New()"', "x := `md5.New()`"]
)
def test_comments_and_strings_are_no_calls(source):
    assert calls(inside(source), "go") == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x := a; x += b; run(x)", ["assign x a", "augment x b", "call run(x)"]),
        ("if false { run(a) } else { run(1) }", ["call run(1)"]),
        ("if err := f(); err != nil { run(a) }", ["assign err f()", "call run(a) if (err None)"]),
        ("for _, x := range a { run(x) }", ["assign _ a", "assign x a", "call run(x)"]),
        ("go func() { run(a) }()", ["call ?()", "call run(a)"]),
        ("switch a { case 1: run(a) }", ["call run(a) if a"]),
        ("x, err := f(a); defer run(x)", ["assign x f(a)", "call run(x)"]),
        ("return run(a), nil", ["return run(a)", "return None"]),
    ],
)
def test_bodies_are_told_step_by_step(source, expected):
    assert steps(inside(source), "go") == expected


@pytest.mark.parametrize(
    "source",
    [
        'if a == "expectedMAC" { }',
        "if a == b { }",
        "for _, x := range a { }",
        "if bench { f(1) }",
        "if len(a) < 6 { }",
    ],
)
def test_what_says_nothing_is_no_call(source):
    told = [
        one.name
        for one in facts(f"package a\nconst bench = false\nfunc g(a, b []byte) {{ {source} }}", "go").calls
    ]
    assert [name for name in told if name not in {"len", ".len"}] == []


def test_a_package_is_known_by_its_name_without_hyphens():
    source = 'package m\nimport "github.com/labstack/echo-jwt/v4"\nfunc f() { echojwt.JWT(k) }\n'
    assert calls(source, "go")[0].startswith("github.com/labstack/echo-jwt/v4.JWT(")


def test_methods_are_named_with_their_type():
    found = facts("package a\ntype S struct {}\nfunc (s *S) F(a, b int, c ...string) {}", "go")
    assert [(one.name, one.params) for one in found.functions] == [("S.F", ("a", "b", "c"))]


def test_texts_have_roles():
    found = facts(inside('x := "abcdefgh"; f("bcdefghi"); _ = T{K: "cdefghij"}; if x == "defghijk" {}'), "go")
    assert [(one.role, one.name) for one in found.texts if one.value not in HEAD] == [
        ("assigned", "x"), ("argument", "f"), ("element", "K"), ("compared", "x"),
    ]  # fmt: skip


def test_a_chain_goes_on_behind_the_end_of_a_line():
    """As gofmt writes it, with comments between."""
    code = 'package m\nfunc f(db *gorm.DB) {\n\tdb.Model(x).\n\t\t// all\n\t\tWhere("a").\n\t\tFind(&y)\n}\n'
    assert {call.name.rpartition(".")[2] for call in facts(code, "go").calls} == {"Model", "Where", "Find"}
