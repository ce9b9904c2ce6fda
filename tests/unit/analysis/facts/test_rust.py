"""Rust: what the facts say of how names, values and statements are written."""

import pytest

from support.facts_text import assigns, calls, facts, steps


def inside(statements: str, head: str = "") -> str:
    return f"{head}\nfn f(a: &str) {{\n{statements}\n}}\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (inside("md5::compute(a);"), "md5.compute(a)"),
        (inside("compute(a);", "use md5::compute;"), "md5.compute(a)"),
        (inside("h(a);", "use md5::compute as h;"), "md5.compute(a)"),
        (inside("Command::new(a);", "use std::process::{self, Command};"), "std.process.Command.new(a)"),
        (inside("process::exit(1);", "use std::process::{self, Command};"), "std.process.exit(1)"),
        (inside("fs::read(a);", "use std::{io, fs};"), "std.fs.read(a)"),
        (inside("Client::builder().danger_accept_invalid_certs(true);", "use reqwest::Client;"),
         "reqwest.Client.builder.danger_accept_invalid_certs(True)"),
        (inside("Client::builder().timeout(a).danger_accept_invalid_certs(true).build()?;", "use reqwest::Client;"),
         "reqwest.Client.builder.danger_accept_invalid_certs(True)"),
        (inside("let c = Client::new(); c.get(a).send().await?;", "use reqwest::Client;"), "reqwest.Client.get(a)"),
        (inside("let c = Client::builder().build().unwrap(); c.get(a);", "use reqwest::Client;"), "reqwest.Client.get(a)"),
        (inside('Command::new("sh").arg("-c").arg(a);', "use std::process::Command;"), "std.process.Command.arg(a)"),
        ("use d::Db;\nfn f(db: &mut Db) { db.query(1) }", "d.Db.query(1)"),
        ("use d::Db;\nfn f(db: Arc<Mutex<Db>>) { db.query(1) }", "d.Db.query(1)"),
        ("fn f(md5: T) { md5.compute(1) }", "?.compute(1)"),
        ("struct S { db: sqlx::PgPool }\nimpl S { fn f(&self) { self.db.execute(1) } }", "sqlx.PgPool.execute(1)"),
        ("struct S {}\nimpl S { fn g(&self) {} fn f(&self) { self.g(); Self::h(1) } fn h(x: u8) {} }", ".S.h(1)"),
        ("fn open() {}\nfn f() { open() }", ".open()"),
        ("use d::Db;\nfn db() -> Result<Db> { x() }\nfn f() { let d = db()?; d.query(1) }", "d.Db.query(1)"),
        ("use d::Db;\nstruct R { db: Db }\nfn f(State(r): State<Arc<R>>) { r.db.query(1) }", "d.Db.query(1)"),
        ("type Enc = cbc::Encryptor<Aes>;\nfn f() { Enc::new(1) }", "cbc.Encryptor.new(1)"),
        (inside("Vec::<u8>::new();"), "Vec.new()"),
    ],
)  # fmt: skip
def test_names_are_resolved(source, expected):
    assert expected in calls(source, "rust")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            r'g(true, 1, 1_000u64, 1.5f32, "a\n", r"b\n", r#"c"#, b"d");',
            r"g(True, 1, 1000, 1.5, 'a\n', 'b\\n', 'c', b'd')",
        ),
        ('g("a".to_string(), String::from("b"), &x, *y, z?);', "g('a', 'b', x, y, z)"),
        ('g(format!("S {}", a));', "g(<'S ' a>)"),
        (
            'g(format!("S {a:?}/{1} {{}} {0}", K, a.len()));',
            "g(<'S ' str.escape_debug(a) '/' ?.len() ' ' '{' '}' ' ' 'key'~constant>)",
        ),
        ('g(format!("S {}", 1));', "g('S 1')"),
        ('info!("x {}", a.reveal(1).b());', "info('x {}', ?.reveal.b())@macro"),
        ('info!(n = %a.id(), "x");', "info(n=?.id(), 'x')@macro"),
        ('info!(target: "t", "x {a}");', "info((target 't'), 'x {a}', a)@macro"),
        ("g([0u8; 12], vec![0; 4]);", "g([;](0, 12), [;](0, 4))"),
        ("let mut raw = [0u8; 8]; g(&mut raw);", "g([;](0, 8)~constant)"),
        ("if a == expected_mac { g(1); }", "==(a, expected_mac)"),
        ("if password.len() <= 5 { g(1); }", "<(password.len(), 6)"),
        ("loop { g(1); }", "∞()"),
        ('println!("{}", x.y);', "println('{}', x.y)@macro"),
        ("g(vec![1, a]);", "g([1, a])"),
        ("T { verify: false, a, ..d };", "T(verify=False, a=a, **=d)@literal"),
        ('let k = "x"; g(k);', "g('x'~constant)"),
        ('let mut k = "x"; k = "y"; g(k);', "g('y'~constant)"),
        ("g(K);", "g('key'~constant)"),
        ("g(60 * 60, [1, 2], (3, 4), x[0], y.z, p::Q);", "g(3600, [1, 2], [3, 4], x[0], y.z, p.Q)"),
        ("g(|x| h(x));", "g(())"),
    ],
)
def test_values_are_lowered(source, expected):
    assert expected in calls(inside(source, 'const K: &str = "key";'), "rust")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("let debug = true;", "debug|debug = True"),
        ("T { debug: true };", "|debug = True"),
        (
            "let mut v = jwt::Validation::new(x); v.validate_exp = false;",
            "jwt.Validation.validate_exp|validate_exp = False",
        ),
    ],
)
def test_assignments_are_found(source, expected):
    assert expected in assigns(inside(source), "rust")


def test_attributes_are_calls_and_belong_to_their_function():
    source = 'use actix_web::get;\n#[get("/x")]\n#[inline]\nasync fn f(p: web::Path<String>) {}'
    assert calls(source, "rust") == ["actix_web.get('/x')@decorator", "inline()@decorator"]
    assert [(one.name, one.params, one.decorators) for one in facts(source, "rust").functions] == [
        ("f", ("p",), ("actix_web.get", "inline"))
    ]


@pytest.mark.parametrize("source", ["// g(1)", "/* g(1) */", '"g(1)";', "/// g(1)"])
def test_comments_and_strings_are_no_calls(source):
    assert calls(inside(source), "rust") == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("let mut x = a; x += b; run(x);", ["assign x a", "augment x b", "call run(x)"]),
        ("if false { run(a); } else { run(1); }", ["call run(1)"]),
        ("if let Some(z) = a { run(z); }", ["assign z a"]),
        ("for x in a { run(x); }", ["assign x a", "call run(x)"]),
        ("match a { Ok(v) => run(v), _ => {} }", ["assign v a", "call run(v) if a"]),
        ("run(a)", ["return run(a)"]),
        ("let (x, y) = a; run(y);", ["assign x a", "assign y a", "call run(y)"]),
    ],
)
def test_bodies_are_told_step_by_step(source, expected):
    assert steps(inside(source), "rust")[: len(expected)] == expected


def test_a_name_within_its_own_value_ends_the_circle():
    """A macro names it as a key, and is what it stands for."""
    code = "fn f() {\n    let m = mock! { body: m.url() };\n    let r = get(m.url()).unwrap();\n    r.text(r.url());\n}\n"
    assert len(facts(code, "rust").calls) == 6
