"""Java: ways of input that this language has of its own."""

import pytest

from stemedb_analysis.facts.extract import extract
from stemedb_analysis.rules import FileInfo, load
from stemedb_analysis.source import Source
from stemedb_analysis.vocabulary import Vocabulary

RULES = load()


def reached(code):
    """The tail paths that input was followed to, in order."""
    source = Source(code.encode(), "A.java")
    facts = extract(source, "java", RULES.interest_in("java", Vocabulary(source.data)))
    found = RULES.observe(facts, source, FileInfo("A.java", "java"))
    return sorted({one.path for one in found if one.hops})


HEAD = "import javax.servlet.http.HttpServletRequest;\nimport java.sql.Statement;\nimport java.util.*;\nclass A {\n  Statement st;\n"


def inside(members, statements):
    return f"{HEAD}{members}\n  void f(HttpServletRequest r) throws Exception {{ {statements} }}\n}}\n"


@pytest.mark.parametrize(
    ("members", "statements"),
    [
        (
            "  static class M { String g; void setG(String v) { g = v; } String getG() { return g; } }",
            'M m = new M(); m.setG(r.getParameter("x")); st.executeQuery("select " + m.getG());',
        ),
        (
            "  static String all(String... parts) { return parts[0] + parts[1]; }",
            'st.executeQuery(all("select ", r.getParameter("x")));',
        ),
        (
            '  String kept;\n  void keep(HttpServletRequest r) { this.kept = r.getParameter("x"); }',
            'keep(r); st.executeQuery("select " + kept);',
        ),
        (
            "  static class B { StringBuilder t = new StringBuilder(); B add(String s) { t.append(s); return this; } String text() { return t.toString(); } }",
            'st.executeQuery(new B().add("select ").add(r.getParameter("x")).text());',
        ),
        (
            "",
            'Properties p = new Properties(); p.load(r.getReader()); st.executeQuery("select " + p.getProperty("x"));',
        ),
    ],
)  # fmt: skip
def test_input_is_followed_through(members, statements):
    assert reached(inside(members, statements)) == ["sql/parameterized"]


@pytest.mark.parametrize(
    ("members", "statements"),
    [
        (
            "  static class M { String g; void setG(String v) { g = v; } String getG() { return g; } }",
            'M m = new M(); m.setG("fixed"); M n = new M(); n.setG(r.getParameter("x")); st.executeQuery("select " + m.getG());',
        ),
        (
            '  String kept;\n  void keep(HttpServletRequest r) { this.kept = "fixed"; }',
            'keep(r); st.executeQuery("select " + kept);',
        ),
    ],
)  # fmt: skip
def test_what_carries_no_input_is_no_path(members, statements):
    assert reached(inside(members, statements)) == []


def test_a_name_of_a_file_from_a_request_is_no_name_inside_of_an_archive():
    code = inside("", 'new java.io.FileWriter("/srv/" + r.getParameter("x"));')
    assert reached(code) == ["path/user_filename"]


def test_a_lambda_of_a_router_is_given_input():
    code = f'{HEAD}  void f(io.javalin.Javalin app) {{ app.get("/", ctx -> {{ st.executeQuery("select " + ctx.queryParam("x")); }}); }}\n}}\n'
    assert reached(code) == ["sql/parameterized"]


def test_a_message_of_a_remote_procedure_is_input():
    code = (
        "import io.grpc.stub.StreamObserver;\nimport java.sql.Statement;\nclass A {\n  Statement st;\n"
        '  public void find(Query query, StreamObserver<Reply> out) throws Exception { st.executeQuery("select " + query.getName()); }\n}\n'
    )
    assert reached(code) == ["sql/parameterized"]


@pytest.mark.parametrize("end", ["", "\n", "\n      "])
def test_a_condition_over_several_lines_is_one(end):
    base = 'String b = "/srv/files";'
    read = 'java.io.File x = new java.io.File(b, r.getParameter("n"));'
    guard = (
        f"if (!x{end}.getCanonicalPath(){end}.startsWith({end}b{end})) {{ throw new SecurityException(); }}"
    )
    use = "new java.io.FileInputStream(x);"
    assert reached(inside("", f"{base} {read} {use}"))
    assert not reached(inside("", f"{base} {read} {guard} {use}"))


def test_that_a_name_is_one_text_holds_no_longer_than_the_branch():
    """Behind ``if (to.equals("home")) return``, it is any text but that."""
    body = 'String to = r.getParameter("to"); if ("home".equals(to)) {{ {} }} {} st.executeQuery("select " + to);'
    assert reached(inside("", body.format("return;", "")))
    assert not reached(inside("", body.format('st.executeQuery("select " + to); return;', 'to = "home";')))
    assert not reached(
        inside("", body.replace('"home".equals(to)', '!"home".equals(to)').format("return;", ""))
    )


def test_what_one_method_keeps_another_finds():
    code = f'{HEAD}  String kept;\n  void keep(HttpServletRequest r) {{ this.kept = r.getHeader("x"); }}\n  void go() throws Exception {{ st.executeQuery("select " + kept); }}\n}}\n'
    assert reached(code) == ["sql/parameterized"]
