"""What a replacement takes out, and which harm is left."""

import pytest

from stemedb_analysis.facts.model import Arg, Call, Expr
from stemedb_analysis.flow.model import ALL
from stemedb_analysis.flow.replaced import LINE_KINDS, taken_out


@pytest.mark.parametrize(
    ("text", "cleared"),
    [
        ("[\\r\\n]", LINE_KINDS),
        ("\n", LINE_KINDS),
        ("[^a-z0-9]", {ALL}),
        ("[^A-Za-z_-]+", {ALL}),
        ("[^a-z/]", set()),
        ("..", set()),
        ("'", set()),
    ],
)
def test_a_replacement_clears_what_it_takes_out(text, cleared):
    call = Call("?.replaceAll", (Arg(None, Expr("str", text, 0, 0)), Arg(None, Expr("str", "", 0, 0))), 0, 0)
    assert taken_out(call) == cleared
