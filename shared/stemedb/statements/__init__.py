"""Statements: what they are, their canonical bytes and ids, the paths they are about, and who signed them.

Supersession and the lenses are imported by their full names, ``stemedb.statements.supersession`` and
``stemedb.statements.lenses``.
"""

from stemedb.statements.canonical import canonical_bytes, decode_canonical, dump, statement_id
from stemedb.statements.limits import BODY_STATEMENTS_MAX, STATEMENT_BYTES_MAX
from stemedb.statements.model import (
    LIFECYCLES,
    RELATIONS,
    Assertion,
    Boolean,
    Epoch,
    Lifecycle,
    Number,
    Parsed,
    Reference,
    Relation,
    Signature,
    Source,
    Statement,
    Text,
    Value,
    Vote,
)
from stemedb.statements.parse import parse, parse_batch, split_body
from stemedb.statements.paths import Aliases, ConceptPath, is_well_formed, subject_key
from stemedb.statements.signing import (
    SigningPolicy,
    decode_public_key,
    decode_seed,
    encode_public_key,
    encode_seed,
    is_public_key,
    new_seed,
    public_key,
    sign,
    signature_bytes,
    signature_member,
    verify,
)
from stemedb.statements.tiers import TIERS, Tier, tier_weight

__all__ = [
    "BODY_STATEMENTS_MAX",
    "LIFECYCLES",
    "RELATIONS",
    "STATEMENT_BYTES_MAX",
    "TIERS",
    "Aliases",
    "Assertion",
    "Boolean",
    "ConceptPath",
    "Epoch",
    "Lifecycle",
    "Number",
    "Parsed",
    "Reference",
    "Relation",
    "Signature",
    "SigningPolicy",
    "Source",
    "Statement",
    "Text",
    "Tier",
    "Value",
    "Vote",
    "canonical_bytes",
    "decode_canonical",
    "decode_public_key",
    "decode_seed",
    "dump",
    "encode_public_key",
    "encode_seed",
    "is_public_key",
    "is_well_formed",
    "new_seed",
    "parse",
    "parse_batch",
    "public_key",
    "sign",
    "signature_bytes",
    "signature_member",
    "split_body",
    "statement_id",
    "subject_key",
    "tier_weight",
    "verify",
]
