"""How input goes through Go and Rust: what fills, chooses, formats and looks up, and what is not for everybody to call."""

import pytest

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.rules import FileInfo, load
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary

RULES = load()

GO = """package m
import (
  "database/sql"
  "encoding/json"
  "fmt"
  "log"
  "net/http"
  "os"
  "path/filepath"
  "slices"
  "strings"
)
type order struct { Name string; ID int64 }
func h(w http.ResponseWriter, r *http.Request, db *sql.DB) {
%s
}
"""

RUST = """use axum::extract::{Path, Query};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
#[derive(Deserialize)]
struct P { name: String, id: i64 }
%s
"""


def observe(language, code):
    source = Source(code.encode(), f"a.{language}")
    facts = extract(source, language, RULES.interest_in(language, Vocabulary(source.data)))
    return RULES.observe(facts, source, FileInfo("a", language))


def reached(language, code):
    return {one.path for one in observe(language, code) if one.hops}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ('var o order\njson.NewDecoder(r.Body).Decode(&o)\ndb.Exec("DELETE FROM t WHERE n = \'" + o.Name + "\'")', "sql/parameterized"),
        ('_, err := db.Exec("DELETE FROM t WHERE n = \'" + r.FormValue("n") + "\'")\nuse(err)', "sql/parameterized"),
        ('save(r.FormValue("n"))\n}\nfunc save(name string) {\nos.WriteFile("/srv/"+name, nil, 0o600)', "path/user_filename"),
        ('log.Printf("%s", r.FormValue("n"))', "log/output"),
        ('http.Redirect(w, r, "https://"+r.FormValue("h")+"/x", 302)', "redirect/target"),
        ('var b strings.Builder\nfmt.Fprintf(&b, "DELETE FROM t WHERE n = \'%s\'", r.FormValue("n"))\ndb.Exec(b.String())', "sql/parameterized"),
        ('}\nfunc made(db *sql.DB) http.HandlerFunc {\nreturn func(w http.ResponseWriter, r *http.Request) {\nos.ReadFile(r.FormValue("n"))\n}', "path/user_filename"),
        ('switch n := r.FormValue("n"); n {\ncase "a", "b":\nuse(n)\ndefault:\ndb.Exec("DELETE FROM " + n)\n}', "sql/parameterized"),
        ('n := r.FormValue("n")\nif !slices.Contains(names, n) {\nos.ReadFile("/srv/" + n)\n}', "path/user_filename"),
    ],
)  # fmt: skip
def test_input_is_followed_in_go(body, path):
    assert path in reached("go", GO % body)


@pytest.mark.parametrize(
    "body",
    [
        'var o order\njson.NewDecoder(r.Body).Decode(&o)\ndb.Exec(fmt.Sprintf("DELETE FROM t WHERE id = %d", o.ID))',
        'n := r.FormValue("n")\nif _, ok := tables[n]; !ok {\nreturn\n}\ndb.Exec("DELETE FROM " + n)',
        'switch n := r.FormValue("n"); n {\ncase "a", "b":\ndb.Exec("DELETE FROM " + n)\n}',
        'os.ReadFile(filepath.Join(base, filepath.Clean("/"+r.FormValue("n"))))',
        'log.Printf("%q %d", r.FormValue("n"), len(r.FormValue("n")))',
        'var b strings.Builder\nfmt.Fprintf(&b, "DELETE FROM t WHERE n = %d", len(r.FormValue("n")))\ndb.Exec(b.String())',
        'log.Print(strings.ReplaceAll(r.FormValue("n"), "\\n", " "))',
        'http.Redirect(w, r, "https://"+r.Host+r.URL.RequestURI(), 301)',
        'http.Get("https://api.example/users/" + r.FormValue("id"))',
        'n := r.FormValue("n")\nif !slices.Contains(names, n) {\nreturn\n}\nos.ReadFile("/srv/" + n)',
        'n := r.FormValue("n")\nif !slices.Contains([]string{"a", "b"}, n) {\nn = "a"\n}\nos.ReadFile("/srv/" + n)',
        'os.ReadFile(os.Getenv("KEY"))',
    ],
)
def test_what_is_chosen_checked_or_no_text_reaches_nothing_in_go(body):
    assert reached("go", GO % body) == set()


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("fn f(stream: &TcpStream) { let mut line = String::new(); BufReader::new(stream).read_line(&mut line); fs::read(line.trim()); }", "path/user_filename"),
        ("async fn f(Query(p): Query<P>) { match fs::read(&p.name) { Ok(x) => x, Err(e) => y } }", "path/user_filename"),
        ('async fn f(Query(p): Query<P>) { if let Some(n) = p.get("n") { fs::read(n); } }', "path/user_filename"),
        ('async fn f(Path(host): Path<String>) { let u = format!("https://{host}:8443/x"); reqwest::get(&u).await }', "ssrf/target"),
        ("async fn f(Query(p): Query<P>) { let _ = fs::read(&p.name); }", "path/user_filename"),
        ("async fn f(Query(p): Query<P>) { fs::read(&p.name).map(drop).into_iter().collect::<Vec<_>>(); }", "path/user_filename"),
        ('async fn f(Query(p): Query<P>) { let mut s = String::new(); write!(s, "/srv/{}", p.name).unwrap(); fs::read(s); }', "path/user_filename"),
    ],
)  # fmt: skip
def test_input_is_followed_in_rust(code, path):
    assert path in reached("rust", RUST % code)


@pytest.mark.parametrize(
    "code",
    [
        'async fn f(Query(p): Query<P>) { fs::read(format!("{}.txt", p.id)); }',
        'async fn f(p: axum::Json<P>) { fs::read(format!("{}.txt", p.id)); }',
        'async fn f(Query(p): Query<P>) { let n = match p.name.as_str() { "a" => "a", _ => "b" }; fs::read(n); }',
        'async fn f(Query(p): Query<P>) { if matches!(p.name.as_str(), "a" | "b") { fs::read(&p.name); } }',
        'async fn f(Query(p): Query<P>) { let s = p.name.parse::<u32>().unwrap(); fs::read(format!("{s}.txt")); }',
        'async fn f(Query(p): Query<P>) { tracing::info!("{:?}", p.name); }',
        'async fn f(Path(id): Path<String>) { reqwest::get(format!("https://api.example/u/{id}")).await }',
        'async fn f(Query(p): Query<P>) { let t = p.get("t").map(|t| html_escape::encode_text(t).into_owned()); axum::response::Html(t) }',
        'async fn f(Query(p): Query<P>) { let t = p.name.replace(\'<\', "&lt;"); axum::response::Html(format!("<b>{t}</b>")) }',
    ],
)  # fmt: skip
def test_what_is_chosen_checked_or_no_text_reaches_nothing_in_rust(code):
    assert reached("rust", RUST % code) == set()


def test_a_private_function_that_is_given_constants_only_puts_no_strangers_text_together():
    called = 'drop(db, "a")\n}\nfunc drop(db *sql.DB, table string) {\ndb.Exec("DELETE FROM " + table)'
    assert [one for one in observe("go", GO % called) if one.path == "sql/parameterized"] == []
    varied = called.replace('"a"', "tableOf(r)")
    assert [one.path for one in observe("go", GO % varied) if one.path == "sql/parameterized"]


ORIGIN = (
    'package p\n\nimport (\n\t"fmt"\n\t"net/http"\n)\n\nfunc show(w http.ResponseWriter, r *http.Request) {\n\torigin, err := asked(r)\n'
    '\tif err != nil {\n\t\treturn\n\t}\n\tw.Header().Set("Access-Control-Allow-Origin", origin)\n}\n\n'
    'func asked(r *http.Request) (string, error) {\n\torigin := r.Header.Get("Origin")\n'
)


def test_what_an_error_says_is_not_what_a_function_gives():
    refused = '\tif !isAllowed(origin) {\n\t\treturn "", fmt.Errorf("not from %s", origin)\n\t}\n'
    assert reached("go", ORIGIN + refused + "\treturn origin, nil\n}\n") == set()
    assert reached("go", ORIGIN + "\treturn origin, nil\n}\n") == {"cors/allow_origin"}


def test_what_a_client_sends_is_its_own():
    head = 'package p\n\nimport (\n\t"net/http"\n\t"os"\n)\n\n'
    body = "{\n\tos.Remove(req.URL.Path)\n\treturn nil, nil\n}\n"
    sends = "func (c *Client) RoundTrip(req *http.Request) (*http.Response, error) "
    assert reached("go", head + sends + body) == set()
    assert "path/user_filename" in reached(
        "go", head + "func take(w http.ResponseWriter, req *http.Request) (*Page, error) " + body
    )
