"""Every bound on a statement, each with its reason.

A bound exists so that one statement cannot cost another its memory, its place in a batch or its key in the map.
Lengths are of characters (Unicode code points) unless the name says bytes; both ends of a range are allowed.
"""

from typing import Final

STATEMENT_BYTES_MAX: Final = 65_536
"""Of the JSON as published and of the form we hand out again: small beside a NATS message of 1 MiB, large beside any
single claim. Both are held to it, so what one replica gives out another takes in."""

BODY_STATEMENTS_MAX: Final = 100_000
"""In one NDJSON body: more than fit into a message of 1 MiB, the smallest being ``{"name":"x"}`` and a line end on the
subject for epochs. A body beyond it is refused whole, so no body with a good statement in it may reach it."""

SUBJECT_BYTES_MAX: Final = 1_024
"""Of the UTF-8 of the subject's wire form: subject, predicate and id together are a key of the map, and a key has 4,096
bytes. So a bare subject, whose wire form begins with ``custom://``, has 9 bytes less."""

SCHEME_LENGTH_MAX: Final = 32
"""Schemes are short words such as ``rfc``, ``pkg`` or ``code``."""

PATH_SEGMENTS_MAX: Final = 64
"""Deeper than any file tree people keep; bounds the work of walking to the root of a path."""

PREDICATE_LENGTH_MAX: Final = 128
"""At most 512 bytes of UTF-8 in the map key beside the subject."""

AGENT_LENGTH_MAX: Final = 256
"""At most 1,024 bytes of UTF-8 in the map key of a vote; an nkey has 56, an e-mail address at most 254."""

EPOCH_NAME_LENGTH_MAX: Final = 256
"""At most 1,024 bytes of UTF-8 in the map key of an epoch."""

TEXT_BYTES_MAX: Final = 32_768
"""Of a text value's UTF-8: half a statement, so that the rest always has room."""

REFERENCE_LENGTH_MAX: Final = 2_048
"""As long as the longest URI."""

URI_LENGTH_MAX: Final = 2_048
"""What browsers and proxies agree to carry."""

SOURCE_DIGEST_LENGTH_MAX: Final = 161
"""An algorithm name of 32, a colon, and 64 bytes (SHA-512, BLAKE2b) in hexadecimal."""

METADATA_ENTRIES_MAX: Final = 64
"""Metadata annotates a claim; what needs more entries is more claims."""

METADATA_KEY_LENGTH_MAX: Final = 128
"""As long as a predicate."""

METADATA_VALUE_LENGTH_MAX: Final = 4_096
"""A paragraph or two; longer text belongs into the object or behind the source's URI."""

SUPERSEDES_MAX: Final = 64
"""A claim that settles a dispute names the claims it settles; 64 heads is a very bad dispute."""

TIER_MAX: Final = 5
"""The weakest tier of ``stemedb.statements.tiers``."""

TIME_MS_MAX: Final = 2**48 - 1
"""Unix milliseconds in the 48 bits that the clock has for them: the year 10889."""

INTEGER_MAX: Final = 2**53 - 1
"""The largest integer below which a double holds every one (RFC 7493); beyond it two JSON readers may see two values."""

INTEGER_LITERAL_END: Final = 1e21
"""From here on RFC 8785 writes a number with an exponent. A double in ``(INTEGER_MAX, INTEGER_LITERAL_END)`` would be
written out as an integer beyond `INTEGER_MAX`, and so is refused however it was spelled."""

ID_HEX_LENGTH: Final = 64
"""32 bytes of BLAKE3 in lower-case hexadecimal."""

REASON_LENGTH_MAX: Final = 200
"""Of the reason in an error: it may quote the sender, and rejected statements are stored."""

FIELD_LENGTH_MAX: Final = 80
"""Of the field in an error: a name of the sender's is cut to 64 characters and stands behind one of our own."""
