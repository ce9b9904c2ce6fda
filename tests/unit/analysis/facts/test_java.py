"""Java: what the facts say of how names, values and statements are written."""

import pytest

from support.facts_text import assigns, calls, facts, steps


def inside(statements: str, head: str = "", members: str = "") -> str:
    return f"{head}\nclass A {{ {members}\n void f(String a) {{\n{statements}\n}} }}\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            inside('Cipher.getInstance("DES");', "import javax.crypto.Cipher;"),
            "javax.crypto.Cipher.getInstance('DES')",
        ),
        (
            inside('Cipher.getInstance("DES");', "import javax.crypto.*;"),
            "javax.crypto.Cipher.getInstance('DES')",
        ),
        (
            inside('Cipher.getInstance("DES");', "import java.util.*; import javax.crypto.*;"),
            "javax.crypto.Cipher.getInstance('DES')",
        ),
        (inside('javax.crypto.Cipher.getInstance("DES");'), "javax.crypto.Cipher.getInstance('DES')"),
        (
            inside('getInstance("DES");', "import static javax.crypto.Cipher.getInstance;"),
            "javax.crypto.Cipher.getInstance('DES')",
        ),
        (
            inside("new ObjectInputStream(s).readObject();", "import java.io.*;"),
            "java.io.ObjectInputStream.readObject()",
        ),
        (
            inside("ObjectInputStream i = g(); i.readObject();", "import java.io.*;"),
            "java.io.ObjectInputStream.readObject()",
        ),
        (
            inside("var i = new ObjectInputStream(s); i.readObject();", "import java.io.*;"),
            "java.io.ObjectInputStream.readObject()",
        ),
        (inside("Runtime.getRuntime().exec(a);"), "java.lang.Runtime.exec(a)"),
        (
            inside("conn.createStatement().execute(a);", "import java.sql.*;", "Connection conn;"),
            "java.sql.Statement.execute(a)",
        ),
        (
            inside("this.conn.close();", "import java.sql.*;", "Connection conn;"),
            "java.sql.Connection.close()",
        ),
        (
            inside("try (Statement s = g()) { s.execute(a); }", "import java.sql.*;"),
            "java.sql.Statement.execute(a)",
        ),
        (
            inside("for (Statement s : all) { s.execute(a); }", "import java.sql.*;"),
            "java.sql.Statement.execute(a)",
        ),
        (
            "import java.sql.*; class A { void f(Statement s) { s.execute(q); } }",
            "java.sql.Statement.execute(q)",
        ),
        (inside("List<String> l = g(); l.add(a);", "import java.util.List;"), "java.util.List.add(a)"),
        (inside("g(a);", "", "void g(String x) {}"), ".A.g(a)"),
        (inside("this.g(a);", "", "void g(String x) {}"), ".A.g(a)"),
        ("import v.Base; class A extends Base { void f() { send(1); } }", "v.Base.send(1)"),
        (inside("Cipher c = null; c.getInstance(a);", "", "class Cipher {}"), "?.getInstance(a)"),
        (
            inside("((Statement) x).execute(a);", "import java.sql.Statement;"),
            "java.sql.Statement.execute(a)",
        ),
        (inside("new Box<String>(a);"), "Box(a)@new"),
    ],
)
def test_names_are_resolved(source, expected):
    assert expected in calls(source, "java")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("g(null, true, 1, 1L, 1.5f, 0x10, \"a\\n\", 'c');", "g(None, True, 1, 1, 1.5, 16, 'a\\n', 'c')"),
        ('g("a" + a + "b");', "g(<'a' a 'b'>)"),
        ('g("""\n   text\n   """);', "g('text\\n')"),
        ('g(new String[] {"a", a});', "g(['a', a])"),
        ('int n = 106; g((7 * 18) + n > 200 ? "x" : a);', "g('x')"),
        ('String s = "x"; g(s);', "g('x'~constant)"),
        ('String s; s = "x"; g(s);', "g('x'~constant)"),
        ('String s = "x"; if (c) s = "y"; g(s);', "g(('x'~constant 'y'~constant))"),
        ("g(ALG);", "g('DES/ECB'~constant)"),
        ("g((String) a, x[0], y.z);", "g(a, x[0], y.z)"),
        ("g(x -> h(x), String::valueOf);", "g((), ())"),
        ("int i = 1; i++; g(i);", "g(i)"),
    ],
)  # fmt: skip
def test_values_are_lowered(source, expected):
    members = 'static final String ALG = "DES" + "/ECB";'
    assert expected in calls(inside(source, members=members), "java")


def test_parameters_hide_fields():
    source = 'class A { String K = "x"; void f(String K) { g(K); } void h() { g(K); } }'
    assert calls(source, "java") == ["g(K)", "g('x'~constant)"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class A { boolean debug = true; }", "A.debug|debug = True"),
        (inside("boolean debug = true;"), "debug|debug = True"),
        (inside("x.debug = true;"), "x.debug|debug = True"),
        (inside("s.debug = true;", "import q.S;", "S s;"), "q.S.debug|debug = True"),
    ],
)
def test_assignments_are_found(source, expected):
    assert expected in assigns(source, "java")


def test_annotations_are_calls_and_belong_to_their_method():
    source = (
        'import o.*; @R class A { @G(value = "/y", all = {1}) @H String f(@P("q") String a, int... b) { } }'
    )
    found = facts(source, "java")
    assert calls(source, "java") == [
        "o.R()@decorator", "o.G(value='/y', all=[1])@decorator", "o.H()@decorator", "o.P('q')@decorator",
    ]  # fmt: skip
    assert [(one.name, one.params, one.decorators) for one in found.functions] == [
        ("A.f", ("a", "b"), ("o.G", "o.H"))
    ]


@pytest.mark.parametrize("source", ["// g(1);", "/* g(1); */", 'String x = "g(1)";', "/** g(1) */"])
def test_comments_and_strings_are_no_calls(source):
    assert calls(inside(source), "java") == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("String x = a; x += y; run(x);", ["assign x a", "augment x y", "call run(x)"]),
        ("if (false) run(a); else run(1);", ["call run(1)"]),
        ("int n = 1; if (n > 5) run(a); else run(1);", ["assign n 1", "call run(1)"]),
        ("if (a.ok()) run(a);", ["call java.lang.String.ok()", "call run(a) if java.lang.String.ok()"]),
        ("for (String x : a) run(x);", ["assign x a", "call run(x)"]),
        ("try (S s = g(a)) { run(s); } finally { end(); }", ["assign s g(a)", "call run(s)", "call end()"]),
        ("l.forEach(x -> { run(x); });", ["call l.forEach(())", "assign x l", "call run(x)"]),
        ("new T(new R() { public void run() { go(a); } }).start();", ["call T.start()", "call go(a)"]),
        ("switch (a) { case 1: run(a); }", ["call run(a) if (a 0)"]),
        ("return run(a);", ["return run(a)"]),
    ],
)
def test_bodies_are_told_step_by_step(source, expected):
    assert steps(inside(source), "java")[: len(expected)] == expected


def test_pieces_of_a_text_have_the_role_of_the_whole():
    """However many there are; each is told once."""
    pieces = " + ".join(f'"piece {number}"' for number in range(10, 70))
    found = facts(f"class A {{ String apiToken = {pieces}; }}", "java")
    assert [(text.role, text.name) for text in found.texts] == [("assigned", "apiToken")] * 60
