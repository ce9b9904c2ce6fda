"""Where a page of a query ended: an opaque, printable place in the key order.

A cursor names a *key*, not a count: entries that come or go between two pages move no other entry, so paging visits every
entry that was there throughout exactly once. It also carries a short digest of the question, so that a cursor handed
to another query is refused rather than answered with a page that was never asked for. It is no secret and no capability: the
worst a forged one does is start the same query elsewhere in its own range.

Layout, before unpadded base64url::

    offset  size  field
    0       1     version, 1
    1       8     the first 8 bytes of the BLAKE3 digest of the question
    9       n     the smallest key that the next page may hold
"""

import base64
import binascii
from typing import Final

from blake3 import blake3

from stemedb.errors import InvalidRequest

CURSOR_VERSION: Final = 1
CURSOR_TEXT_MAX: Final = 6000
"""Characters: a key of the greatest length (4096 bytes) in base64url, with the nine bytes before it, is 5474."""

_QUESTION_BYTES: Final = 8
_HEAD_BYTES: Final = 1 + _QUESTION_BYTES


def encode_cursor(question: bytes, resume: bytes) -> str:
    """Return the cursor that continues `question` (any bytes that identify the query) at the key `resume`."""
    return _text(bytes([CURSOR_VERSION]) + _short(question) + resume)


def decode_cursor(cursor: str, question: bytes) -> bytes:
    """Return the key at which `question` goes on.

    Raises InvalidRequest if the text is not a cursor or belongs to another question.
    """
    if len(cursor) > CURSOR_TEXT_MAX:
        raise InvalidRequest("cursor", f"{len(cursor)} characters, want at most {CURSOR_TEXT_MAX}")
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise InvalidRequest("cursor", "not a cursor of this service") from None
    if len(raw) <= _HEAD_BYTES or raw[0] != CURSOR_VERSION or _text(raw) != cursor:
        raise InvalidRequest("cursor", "not a cursor of this service")
    if raw[1:_HEAD_BYTES] != _short(question):
        raise InvalidRequest("cursor", "belongs to another query: repeat the same fields with it")
    return raw[_HEAD_BYTES:]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _short(question: bytes) -> bytes:
    return blake3(question).digest()[:_QUESTION_BYTES]
