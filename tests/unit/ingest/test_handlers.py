"""What ingest answers and reports, without a bus."""

import base64
from types import SimpleNamespace

import pytest

from stemedb.bus.messages import AppendReply, Outcome, Receipt, Rejected, Stamp, StatementError
from stemedb.bus.messages.ingest import APPEND_STATEMENTS_MAX
from stemedb.errors import InvalidRequest
from stemedb.statements import SigningPolicy
from stemedb.v1 import ingest_pb2
from stemedb_ingest.handlers import check_length, decode_bundle, encode_json, encode_protobuf, rejections
from stemedb_ingest.store import Body, Refusal, Store
from support.publishing import assertion, line

NOW = 1_700_000_000_000


@pytest.fixture
def commit(tmp_path):
    store = Store.open(tmp_path, "unit", SigningPolicy(), NOW)
    body = b"\n".join([line(assertion(1)), b"{}", line(assertion(1))])
    yield store.commit([Body(line(assertion(0)), None), Body(body, None)], NOW)
    store.close()


def test_both_encodings_of_a_reply_say_the_same_as_the_message(commit):
    receipt, refusal, repeat = commit.outcomes(1)
    wanted = AppendReply(
        outcomes=(
            Outcome(receipt=message_of(receipt)),
            Outcome(error=StatementError(code="invalid_statement", field="kind", message=refusal.reason)),
            Outcome(receipt=message_of(repeat)),
        ),
        size=2,
        root=commit.root.hex(),
    )
    assert AppendReply.decode(encode_json(commit, 1)) == wanted
    bulk = ingest_pb2.AppendReply.FromString(encode_protobuf(commit, 1))
    assert [o.WhichOneof("outcome") for o in bulk.outcomes] == ["receipt", "error", "receipt"]
    assert bulk.outcomes[0].receipt.id == receipt.id.hex()
    assert (bulk.outcomes[2].receipt.duplicate, bulk.outcomes[2].receipt.stamp.ms) == (True, NOW)
    assert (bulk.size, bulk.root) == (2, commit.root.hex())


def message_of(receipt):
    return Receipt(
        id=receipt.id.hex(),
        index=receipt.index,
        duplicate=receipt.duplicate,
        stamp=Stamp.of(receipt.stamp),
        restamped=receipt.restamped,
    )


def test_length_is_judged_by_statements_and_not_by_lines():
    check_length(b"{" + b"\n" * (2 * APPEND_STATEMENTS_MAX) + b"}")
    check_length(b"{}\n" * APPEND_STATEMENTS_MAX)
    with pytest.raises(InvalidRequest, match=f"got {APPEND_STATEMENTS_MAX + 1} statements"):
        check_length(b"{}\n" * (APPEND_STATEMENTS_MAX + 1))
    with pytest.raises(InvalidRequest):
        check_length(b"{}\n" * 20_000)


def test_a_bundle_without_stamps_is_to_be_stamped_here():
    request = ingest_pb2.AppendRequest(statements=[ingest_pb2.CanonicalStatement(canonical=b"x")])
    [given] = decode_bundle(request.SerializeToString()).statements
    assert (given.data, given.signature, given.stamp) == (b"x", b"", None)


def delivery(sequence):
    reply = f"$JS.ACK.STREAM.ingest.1.{sequence}.1.1700000000000000000.0"
    return SimpleNamespace(subject="stemedb.v1.unit.assert", data=b"", reply=reply)


def refusal(original, line_number=0):
    return Refusal(line_number, "invalid_statement", "agent", "too long", original)


def test_a_report_has_an_identity_that_redelivery_keeps():
    [(identity, body)] = rejections("unit", [(delivery(42), refusal(b"text", 3))], 1 << 20)
    assert identity.startswith("42.3.")
    assert rejections("unit", [(delivery(42), refusal(b"text", 3))], 1 << 20) == [(identity, body)]
    assert Rejected.decode(body) == Rejected(
        replica="unit",
        code="invalid_statement",
        field="agent",
        reason="too long",
        subject="stemedb.v1.unit.assert",
        sequence=42,
        line=3,
        original="text",
        encoding="utf-8",
        length=4,
    )


def test_another_message_at_the_same_place_of_a_stream_made_anew_has_a_report_of_its_own():
    """JetStream would otherwise take it for a repetition, and the report would be lost."""
    [(before, _)] = rejections("unit", [(delivery(1), refusal(b"text"))], 1 << 20)
    [(after, _)] = rejections("unit", [(delivery(1), refusal(b"other"))], 1 << 20)
    assert before != after


def test_a_report_carries_bytes_that_are_not_text_in_base64():
    [(_, body)] = rejections("unit", [(delivery(1), refusal(b"\xff\x00"))], 1 << 20)
    report = Rejected.decode(body)
    assert (report.encoding, base64.b64decode(report.original)) == ("base64", b"\xff\x00")


@pytest.mark.parametrize("byte", [b"\x00", b"\xff", b'"', b"a"])
@pytest.mark.parametrize("payload_max", [4096, 1 << 20])
def test_a_report_always_fits_the_payload(byte, payload_max):
    [(_, body)] = rejections("unit", [(delivery(1), refusal(byte * payload_max))], payload_max)
    assert len(body) <= payload_max
    assert Rejected.decode(body).length == payload_max
