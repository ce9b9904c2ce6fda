"""Facts: what one file says, free of syntax.

::

    source ─▶ parser ─▶ one compiled query per language ─▶ facts ─▶ rules ─▶ observations

A fact is what five languages have in common: *this function is called with these arguments*, *this name gets this value*. Names are
resolved as far as the file tells (imports, aliases, constructors), values as far as constants go. Comments never become facts;
strings only as values. Rules see nothing else, so their cost does not depend on the size of the syntax tree.

Names are written with dots whatever the language, and without the parentheses of a call in the chain:

| written | name |
|---|---|
| ``from hashlib import md5 as h; h(x)`` | ``hashlib.md5`` |
| ``s = requests.Session(); s.get(u)`` | ``requests.Session.get`` |
| ``const c = require('node:crypto'); c.createHash('md5')`` | ``crypto.createHash`` |
| ``import "crypto/md5"; md5.New()`` | ``crypto/md5.New`` |
| ``&tls.Config{InsecureSkipVerify: true}`` | ``crypto/tls.Config`` a call with one keyword argument |
| ``import javax.crypto.*; Cipher.getInstance("DES")`` | ``javax.crypto.Cipher.getInstance`` |
| ``new ObjectInputStream(in).readObject()`` | ``java.io.ObjectInputStream.readObject`` |
| ``use reqwest::Client; Client::builder().danger_accept_invalid_certs(true)`` | ``reqwest.Client.builder.danger_accept_invalid_certs`` |
| ``thing.execute(q)`` with `thing` unknown | ``?.execute`` |
| ``conn.cursor().execute(q)`` with `conn` unknown | ``?.cursor.execute`` |
| ``def open(x)`` in the same file; ``open(1)`` | ``.open``, which is no built-in |
| ``from .db import run; run(q)`` | ``.db.run`` |
| ``"a {}".format(x).encode()`` | ``str.format.encode`` |
| ``a === b`` in JavaScript, if a secret seems to be compared; ``while (true) {}`` | ``operator.===``, ``operator.while(true)`` |
| ``self.session.get(u)``, `session` set to a ``requests.Session()`` in the class | ``requests.Session.get`` |

All are plain tuples: they travel between processes. Positions are byte offsets into the file as read; `Source.span` turns them into
lines and columns.
"""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple, TypeAlias

Language: TypeAlias = Literal["python", "javascript", "typescript", "go", "java", "rust"]
LANGUAGES: Final[tuple[Language, ...]] = ("python", "javascript", "typescript", "go", "java", "rust")

Kind: TypeAlias = Literal[
    "none", "bool", "int", "float", "str", "bytes", "name", "call", "list", "dict", "concat", "index", "other"
]
Origin: TypeAlias = Literal["literal", "constant", "fallback", "default", "unknown"]

MODULE: Final = -1
"""The `function` of what stands outside of every function."""


class Expr(NamedTuple):
    """What stands at one place: an argument, a right-hand side, an element.

    | kind | value |
    |---|---|
    | none bool int float str bytes | the Python value; ``str`` unescaped as far as it is cheap |
    | name | the resolved dotted name: ``ssl.CERT_NONE``, a parameter or local ``user_input`` |
    | call | a `Call` |
    | list | a tuple of `Expr` (lists, tuples, sets, array literals) |
    | dict | a tuple of (`Expr`, `Expr`) pairs: dicts, object and composite literals |
    | concat | a tuple of `Expr`: ``a + b``, f-strings, templates, ``%`` and ``format``, ``fmt.Sprintf`` stays a call |
    | index | (`Expr` of the container, `Expr` of the key): ``request.args["q"]``; so are members of what has no name: ``f().x`` |
    | other | a tuple of the `Expr` inside that could carry data: conditionals, comparisons, await, casts, spreads |
    """

    kind: Kind
    value: object
    start: int
    end: int
    origin: Origin = "literal"
    """``constant``: written elsewhere in the function or module and found by name; ``fallback``: what holds unless the environment says otherwise;
    ``default``: a parameter's default."""


class Arg(NamedTuple):
    """One argument; `key` is its keyword, ``*`` or ``**`` for a splat, ``None`` if given by position.

    For JavaScript's options objects the argument is a dict, and rules look into it.
    """

    key: str | None
    value: Expr


class Call(NamedTuple):
    """A call, a construction (``new X()``, Go's and Rust's composite literals) or a decorator or annotation.

    A comparison that speaks of a secret or a length is one too, by its sign: ``given == expected`` is ``==`` with two arguments (Python).
    """

    name: str
    args: tuple[Arg, ...]
    start: int
    end: int
    function: int = MODULE
    """Index into `Facts.functions` of the innermost function it stands in."""
    role: Literal["call", "new", "literal", "decorator", "macro"] = "call"
    receiver: Expr | None = None
    """What a method is called on, if it is no plain module or type."""
    result: str = ""
    """``discarded`` if the call is a statement by itself, ``returned`` if the function gives it back, the name it is assigned to, or empty."""
    base: str = ""
    """For a construction of a class of this file that has no constructor of its own: the class from elsewhere that it derives from."""


class Assign(NamedTuple):
    """A name, attribute, item or key that gets a value.

    | written | target | key |
    |---|---|---|
    | ``DEBUG = True`` | ``DEBUG`` | ``DEBUG`` |
    | ``app.config["DEBUG"] = True`` | ``flask.Flask.config.DEBUG`` | ``DEBUG`` |
    | ``{"verify": False}`` | `` `` (empty) | ``verify`` |
    | ``ctx.verify_mode = ssl.CERT_NONE`` | ``ssl.SSLContext.verify_mode`` | ``verify_mode`` |
    | ``def f(timeout=None)`` | ``f.timeout`` | ``timeout``, its value of origin ``default`` |
    | ``process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'`` | ``process.env.NODE_TLS_REJECT_UNAUTHORIZED`` | the last part |
    """

    target: str
    key: str
    value: Expr
    start: int
    end: int
    function: int = MODULE


class Import(NamedTuple):
    """A module or member that the file takes in: ``hashlib.md5`` known here as ``h``."""

    name: str
    alias: str
    start: int
    end: int


class Text(NamedTuple):
    """A string literal and what it is for."""

    value: str
    role: Literal["assigned", "argument", "key", "element", "compared", "returned", "other"]
    name: str
    """The variable, keyword, key or called function it goes to; empty if none."""
    start: int
    end: int
    function: int = MODULE


class Function(NamedTuple):
    """A function, method or lambda; `name` as ``Class.method`` within the file."""

    name: str
    params: tuple[str, ...]
    start: int
    end: int
    decorators: tuple[str, ...] = ()
    parent: int = MODULE


class Step(NamedTuple):
    """One thing a function does, in source order; what the flow pass walks.

    ``assign``: `target` gets `value`; ``augment``: it gets `value` added; ``call``: `value` is evaluated and dropped; ``return``.
    Branches that constants rule out are left out; the steps of live branches and loops follow one another. `guard` names what the
    nearest enclosing conditions test: ``isalnum`` in ``if name.isalnum():``.
    """

    op: Literal["assign", "augment", "call", "return"]
    target: str
    value: Expr
    guards: tuple[Expr, ...] = ()


class Body(NamedTuple):
    """A function that calls something of interest to the flow pass, step by step."""

    function: int
    steps: tuple[Step, ...]
    reads: bool = True
    """Whether input may be read in it, or come with what it calls; if not, only its arguments can carry some."""


class Setting(NamedTuple):
    """One key of a configuration file.

    `path` leads from the top: ``("services", "web", "privileged")``; list positions are written ``[0]``. `value` is typed as the
    format types it (everything is text in ``.env`` and INI). For formats of directives (Dockerfile, nginx) the path holds the blocks and
    the directive, and the value its arguments.
    """

    path: tuple[str, ...]
    value: bool | int | float | str | None
    start: int
    end: int


class Block(NamedTuple):
    """Where a group of settings begins: at its key, its name or its header. What is said of the group as a whole stands there."""

    path: tuple[str, ...]
    start: int


class Fault(NamedTuple):
    """A part of the file that could not be understood; errors stay local."""

    reason: str
    start: int


class Facts(NamedTuple):
    """All that one file says, each list in source order."""

    language: str
    """A `Language`, or the format of a configuration file: yaml, toml, json, env, ini, properties, dockerfile, nats, nginx."""
    calls: tuple[Call, ...] = ()
    assigns: tuple[Assign, ...] = ()
    imports: tuple[Import, ...] = ()
    texts: tuple[Text, ...] = ()
    functions: tuple[Function, ...] = ()
    bodies: tuple[Body, ...] = ()
    settings: tuple[Setting, ...] = ()
    faults: tuple[Fault, ...] = ()
    blocks: tuple[Block, ...] = ()
    settled: tuple[tuple[int, frozenset[str]], ...] = ()
    """By the index of a function that is not for everybody, the parameters that every call in this file gives a constant."""


class Wording(NamedTuple):
    """How a name is told in the text of a function: it writes one of `words` (of none: anything), all of `beside`, and all of `parts`, maybe within words."""

    words: frozenset[str]
    beside: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    is_called: bool = False
    """Whether one of `words` must be called, in Python."""


class Interest(NamedTuple):
    """What the rules ask about, so that nothing else is worked out. Empty sets mean none; ``None`` means everything.

    A call is worked out if the last part of its written or resolved name is in `calls`; an assignment if its key, in lower case, is in
    `keys`; a body is made for functions that call one of `sinks`.
    """

    calls: frozenset[str] | None = None
    keys: frozenset[str] | None = None
    sinks: frozenset[str] | None = None
    text_bytes_min: int = 8
    """Shorter string literals are no `Text`."""
    input: tuple[Wording, ...] | None = None
    """How a function is worded in which input is read; ``None``: any function may read some."""
    given: frozenset[str] = frozenset()
    """Last parts of decorators that give a function input."""
    returning: frozenset[str] | None = None
    """Last parts of decorators of functions whose results are sinks; ``None``: of all."""
    sure_sinks: frozenset[str] = frozenset()
    """Sinks that count though no input reaches the function."""
    follow: bool = True
    """Whether functions that call such functions, or are called by them, get a body too."""
    is_called: Callable[[str], bool] | None = None
    """Whether a call by this name is of interest, given that its last part is in `calls`; ``None``: it is."""
    is_sink: Callable[[str], bool] | None = None
    """The same of `sinks`."""
    texts: bool = True
    """Whether string literals are."""
    declarations: bool = True
    """Whether imports and functions are, by themselves."""

    @property
    def is_nothing(self) -> bool:
        """Whether no fact is of interest."""
        named = (self.calls, self.keys, self.sinks, self.returning)
        return not (self.texts or self.declarations) and all(one is not None and not one for one in named)
