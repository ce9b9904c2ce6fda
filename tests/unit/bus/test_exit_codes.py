"""Every error of the tree has an exit code, and one line."""

import pytest

from stemedb import errors
from stemedb.bus import exit_codes
from stemedb.bus.client import error_of
from stemedb.bus.messages import ErrorReply
from stemedb.bus.runtime import first_failure

SAMPLES = [
    (errors.Unavailable("away"), exit_codes.UNAVAILABLE),
    (errors.Overloaded("busy"), exit_codes.UNAVAILABLE),
    (errors.Refused("no"), exit_codes.CONFIG),
    (errors.Locked("held"), exit_codes.CONFIG),
    (errors.WrongReplica("other"), exit_codes.CONFIG),
    (errors.Corruption("a.wal", 7, "bad\nchecksum"), exit_codes.FATAL),
    (errors.DurabilityLost("a.wal", "write", OSError(28, "no space")), exit_codes.FATAL),
]


@pytest.mark.parametrize(("error", "code"), SAMPLES)
def test_exit_code_and_one_line(error, code):
    assert exit_codes.exit_code(error) == code
    assert "\n" not in exit_codes.one_line(error)
    assert exit_codes.one_line(error).startswith(" ".join(error.message.split()))


def test_the_gravest_of_several_failures_is_the_one_reported():
    away, damage = errors.Unavailable("away"), errors.Corruption("a", 0, "bad")
    group = BaseExceptionGroup("", [away, ExceptionGroup("", [ValueError("x"), damage])])
    assert first_failure(group) is damage
    assert first_failure(ExceptionGroup("", [away])) is away
    assert first_failure(away) is away


@pytest.mark.parametrize("error", [error for error, _ in SAMPLES] + [errors.InvalidStatement("a.b", "bad")])
def test_every_error_survives_the_wire(error):
    back = error_of(ErrorReply.decode(ErrorReply.of(error).encode()))
    assert type(back) is type(error)
    assert back.message == error.message


def test_a_code_from_a_newer_service_is_still_an_error():
    assert type(error_of(ErrorReply(code="from_the_future", message="x"))) is errors.StemeError
