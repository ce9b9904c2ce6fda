"""Literals and the names that they go by, in languages that nobody parses."""

import pytest

from stemedb_analysis.plain import reader
from stemedb_analysis.secrets.speaks import spoken_in_text
from stemedb_analysis.vocabulary import Vocabulary


def texts(code: str, language: str) -> list[tuple[str, str, str]]:
    data = code.encode()
    spoken = spoken_in_text(Vocabulary(data))
    facts = reader.read(data, language, spoken.names, spoken.calls)
    return [(one.name, one.value, one.role) for one in facts.texts if one.name]


@pytest.mark.parametrize(
    ("language", "code", "name", "role"),
    [
        ("ruby", 'password = "v1"', "password", "assigned"),
        ("ruby", ":password => 'v1'", "password", "element"),
        ("ruby", 'f(password: "v1")', "password", "element"),
        ("ruby", 'ENV["API_TOKEN"] || "v1"', "API_TOKEN", "argument"),
        ("ruby", 'ENV.fetch("API_TOKEN", "v1")', "API_TOKEN", "argument"),
        ("ruby", 'ENV.fetch("API_TOKEN") { "v1" }', "API_TOKEN", "argument"),
        ("ruby", 'token = ENV["X"] || "v1"', "token", "argument"),
        ("ruby", 'password "v1"', "password", "element"),
        ("php", "$password = 'v1';", "password", "assigned"),
        ("php", "$db['password'] = 'v1';", "password", "assigned"),
        ("php", "define('DB_PASSWORD', 'v1');", "DB_PASSWORD", "argument"),
        ("php", "'secret' => env('APP_SECRET', 'v1')", "APP_SECRET", "argument"),
        ("php", "getenv('API_TOKEN') ?: 'v1'", "API_TOKEN", "argument"),
        ("php", "private ?string $token = 'v1';", "token", "assigned"),
        ("csharp", 'const string ApiKey = "v1";', "ApiKey", "assigned"),
        ("csharp", 'public string Password { get; set; } = "v1";', "Password", "assigned"),
        ("csharp", 'string password = @"v1";', "password", "assigned"),
        ("csharp", 'configuration["Shop:Password"] ?? "v1"', "Password", "argument"),
        ("csharp", 'if (password == "v1")', "password", "compared"),
        ("csharp", 'headers.Add("X-Api-Key", "v1")', "X-Api-Key", "argument"),
        ("kotlin", 'val password: String = "v1"', "password", "assigned"),
        ("kotlin", 'mapOf("password" to "v1")', "password", "element"),
        ("scala", '"api_key" -> "v1"', "api_key", "element"),
        ("scala", 'sys.env.getOrElse("API_TOKEN", "v1")', "API_TOKEN", "argument"),
        ("swift", 'f(password: "v1")', "password", "element"),
        ("swift", 'let token: String? = "v1"', "token", "assigned"),
        ("objectivec", 'static NSString *const kPassword = @"v1";', "kPassword", "assigned"),
        ("objectivec", '[c setAuthToken:@"v1"]', "setAuthToken", "element"),
        ("c", '#define DB_PASSWORD "v1"', "DB_PASSWORD", "assigned"),
        ("c", 'static const char api_key[] = "v1";', "api_key", "assigned"),
        ("c", 'curl_easy_setopt(c, CURLOPT_PASSWORD, "v1");', "CURLOPT_PASSWORD", "argument"),
        ("visualbasic", 'Const Password As String = "v1"', "Password", "assigned"),
        ("pascal", "Password := 'v1';", "Password", "assigned"),
        ("perl", "$self->{password} = 'v1';", "password", "assigned"),
        ("lua", '["api_key"] = "v1"', "api_key", "assigned"),
        ("r", 'password <- "v1"', "password", "assigned"),
        ("erlang", '{password, "v1"}', "password", "argument"),
        ("erlang", '-define(PASSWORD, "v1").', "PASSWORD", "argument"),
        ("clojure", '{:password "v1"}', "password", "assigned"),
        ("clojure", '(def api-key "v1")', "api-key", "assigned"),
        ("tcl", 'set password "v1"', "password", "assigned"),
        ("powershell", '$Password = "v1"', "Password", "assigned"),
        ("powershell", 'Connect -Password "v1"', "Password", "assigned"),
        ("hcl", 'password = "v1"', "password", "assigned"),
        ("hcl", 'variable "db_password" {\n  type = string\n  default = "v1"\n}', "db_password", "assigned"),
        ("sql", "SET api_key = 'v1'", "api_key", "assigned"),
        ("shell", "export API_TOKEN=val1", "API_TOKEN", "argument"),
        ("shell", "API_TOKEN='v1'", "API_TOKEN", "assigned"),
        ("shell", "API_TOKEN=${API_TOKEN:-val1}", "API_TOKEN", "argument"),
        ("batch", 'set "API_TOKEN=val1"', "API_TOKEN", "argument"),
        ("make", "DB_PASSWORD := val1", "DB_PASSWORD", "argument"),
        ("netrc", "machine a login b password v1", "password", "argument"),
        ("credentials", "db:5432:shop:ada:val1", "password", "argument"),
        ("markdown", "    password: val1", "password", "element"),
        ("xml", "<password>v1</password>", "password", "element"),
        ("xml", "<a:password type='x'><![CDATA[v1]]></a:password>", "password", "element"),
        ("xml", '<user password="v1"/>', "password", "element"),
        ("xml", '<add key="ApiKey" value="v1"/>', "ApiKey", "element"),
        ("xml", '<property name="db.password">v1</property>', "db.password", "element"),
        ("xml", "<key>api_secret</key>\n<string>v1</string>", "api_secret", "element"),
        ("xml", "<name>db.password</name><value>v1</value>", "db.password", "element"),
        ("notebook", '"password = \\"v1\\"\\n"', "password", "assigned"),
    ],
)
def test_a_literal_goes_by_its_name(language, code, name, role):
    value = next(one for one in ("${API_TOKEN:-val1}", "val1", "v1") if one in code)
    assert texts(code, language) == [(name, value, role)]


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("ruby", 'password = "#{given}"'),
        ("ruby", 'password_field = "v1"'),
        ("ruby", '# password = "v1"'),
        ("php", '$token = "$other";'),
        ("php", "/* $token = 'v1'; */"),
        ("swift", 'let token = "\\(other)"'),
        ("kotlin", 'val token = "a $other"'),
        ("shell", 'TOKEN="$(cat token)"'),
        ("shell", "TOKEN=$OTHER"),
        ("shell", 'echo "usage: x TOKEN=val1"'),
        ("csharp", 'Log("password: " + given + ", token: " + token);'),
        ("csharp", 'f(password, "v1")'),
        ("csharp", 'new[] { "a", "token", "v1" }'),
        ("xml", '<input name="password" type="text"/>'),
        ("xml", '<replace token="&lt;a" value="b"/>'),
        ("hcl", "password = var.password"),
        ("markdown", 'Give the password or "v1" to it.'),
        ("sql", "password varchar(64)"),
    ],
)
def test_what_is_no_value_of_a_name_is_none(language, code):
    assert texts(code, language) == []


def test_a_value_is_where_it_stands_with_its_quotes():
    (one,) = reader.read(b'x\npassword = "v1"', "ruby", frozenset({b"password"}), frozenset()).texts
    assert (one.start, one.end) == (13, 17)


def test_arguments_of_calls_that_sign_in_are_handed_on_without_a_name():
    code = b"new PDO('mysql:host=db', 'ada', 'v1')"
    facts = reader.read(code, "php", frozenset(), frozenset({b"PDO"}))
    assert [(one.value, one.role, one.name) for one in facts.texts] == [
        (value, "other", "") for value in ("mysql:host=db", "ada", "v1")
    ]


def test_a_table_of_names_is_looked_at_to_a_bound(monkeypatch):
    monkeypatch.setattr(reader, "PLACES_MAX", 3)
    assert len(texts('password = "v1"\n' * 10, "ruby")) == 3
