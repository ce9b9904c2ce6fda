"""What a statement is: assertions, votes and epochs as frozen values.

::

    Statement ─┬─ Assertion   subject ── predicate ──▶ object     "pkg://pypi/blake3/1.0.11  license  Apache-2.0"
               │              with confidence, source, lifecycle, agent; it may supersede other assertions
               ├─ Vote        agent ── weight ──▶ assertion       "alice thinks 0.5 of it"
               └─ Epoch       name, may supersede another epoch   "since the audit of 2026"

The JSON of a statement has one member per field, under the field's name, and a member ``kind`` that says which of the
three it is; an object has a member ``type`` (``text``, ``number``, ``boolean``, ``reference``) beside its ``value``.

Invariants

* Values are immutable. What is absent is ``UNSET``, never ``None`` and never a default: JSON ``null`` is refused and
  nothing is filled in, so that publishing the same message twice is one statement.
* Unknown members are refused: a misspelt ``lifecycel`` must not silently become part of nobody's claim.
* The annotations here are checked when bytes are decoded, not when a value is built in code. What a single
  annotation cannot say (well-formed paths, members that come in pairs) is in ``parse``, which everything that
  arrives goes through.

What it does not do: it neither reads nor writes bytes (``parse``, ``canonical``), nor judges claims (``lenses``).

``msgspec`` holds the model because it decodes, checks and encodes at some five times the speed of the alternatives.
``gc=False`` keeps millions of these acyclic values out of the garbage collector's rounds.
"""

from typing import Annotated, Final, Literal, NamedTuple, TypeAlias, get_args

from msgspec import UNSET, Meta, Struct, UnsetType

from stemedb.statements import limits
from stemedb.types import Kind, StatementId

Lifecycle: TypeAlias = Literal["proposed", "under_review", "approved", "deprecated", "rejected"]
"""Where a claim stands with its own author or authors."""

Relation: TypeAlias = Literal["corrects", "refines", "retracts", "replaces"]
"""How a statement relates to the ones that it supersedes."""

LIFECYCLES: Final[tuple[Lifecycle, ...]] = get_args(Lifecycle)
RELATIONS: Final[tuple[Relation, ...]] = get_args(Relation)

HexId: TypeAlias = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
"""The id of a statement: 32 bytes in lower-case hexadecimal."""

TimeMs: TypeAlias = Annotated[int, Meta(ge=0, le=limits.TIME_MS_MAX)]
"""Unix time in milliseconds, as the agent gives it; never used to order anything."""

Share: TypeAlias = Annotated[int, Meta(ge=0, le=1)] | Annotated[float, Meta(ge=0, le=1)]
"""A number from 0 to 1."""

Weight: TypeAlias = Annotated[int, Meta(ge=-1, le=1)] | Annotated[float, Meta(ge=-1, le=1)]
"""A number from -1 (against) to 1 (for)."""

Agent: TypeAlias = Annotated[str, Meta(min_length=1, max_length=limits.AGENT_LENGTH_MAX)]
"""Who says so: any name, or a public nkey, and then the statement must be signed by it."""

MetadataKey: TypeAlias = Annotated[str, Meta(min_length=1, max_length=limits.METADATA_KEY_LENGTH_MAX)]
MetadataValue: TypeAlias = Annotated[str, Meta(max_length=limits.METADATA_VALUE_LENGTH_MAX)]


class Text(Struct, frozen=True, gc=False, tag_field="type", tag="text", forbid_unknown_fields=True):
    """A value that is text, possibly empty."""

    value: Annotated[str, Meta(max_length=limits.TEXT_BYTES_MAX)]


class Number(Struct, frozen=True, gc=False, tag_field="type", tag="number", forbid_unknown_fields=True):
    """A value that is a number: an integer up to ``INTEGER_MAX`` either way, or a finite double."""

    value: Annotated[int, Meta(ge=-limits.INTEGER_MAX, le=limits.INTEGER_MAX)] | float


class Boolean(Struct, frozen=True, gc=False, tag_field="type", tag="boolean", forbid_unknown_fields=True):
    """A value that is true or false."""

    value: bool


class Reference(Struct, frozen=True, gc=False, tag_field="type", tag="reference", forbid_unknown_fields=True):
    """A value that names another thing: a concept path or a URI. It need not exist anywhere."""

    value: Annotated[str, Meta(min_length=1, max_length=limits.REFERENCE_LENGTH_MAX)]


Value: TypeAlias = Text | Number | Boolean | Reference


class Source(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Where a claim comes from: how strong the source is, where it is, and what it was (``sha256:9f3a…``)."""

    tier: Annotated[int, Meta(ge=0, le=limits.TIER_MAX)]
    uri: Annotated[str, Meta(min_length=1, max_length=limits.URI_LENGTH_MAX)]
    digest: (
        Annotated[
            str,
            Meta(
                pattern=r"\A[a-z0-9][a-z0-9-]{0,31}:([0-9a-f]{2})+\Z",
                max_length=limits.SOURCE_DIGEST_LENGTH_MAX,
            ),
        ]
        | UnsetType
    ) = UNSET


class Signature(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """An Ed25519 signature over the statement's id: the public key as an nkey, 64 bytes as base64url without padding."""

    key: Annotated[str, Meta(pattern=r"\AU[A-Z2-7]{55}\Z")]
    value: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{86}\Z")]


class Assertion(
    Struct,
    frozen=True,
    kw_only=True,
    gc=False,
    tag_field="kind",
    tag="assertion",
    forbid_unknown_fields=True,
):
    """A claim with its provenance. Its `supersedes` are ids of assertions that need not be known here."""

    subject: Annotated[str, Meta(min_length=1, max_length=limits.SUBJECT_BYTES_MAX)]
    predicate: Annotated[str, Meta(min_length=1, max_length=limits.PREDICATE_LENGTH_MAX)]
    object: Value
    confidence: Share
    source: Source
    lifecycle: Lifecycle
    agent: Agent
    asserted_at: TimeMs | UnsetType = UNSET
    supersedes: (
        Annotated[tuple[HexId, ...], Meta(min_length=1, max_length=limits.SUPERSEDES_MAX)] | UnsetType
    ) = UNSET
    relation: Relation | UnsetType = UNSET
    epoch: HexId | UnsetType = UNSET
    metadata: (
        Annotated[dict[MetadataKey, MetadataValue], Meta(max_length=limits.METADATA_ENTRIES_MAX)] | UnsetType
    ) = UNSET
    signature: Signature | UnsetType = UNSET


class Vote(
    Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="vote", forbid_unknown_fields=True
):
    """What one agent thinks of one assertion; the latest vote of an agent on an assertion is the living one."""

    assertion: HexId
    agent: Agent
    weight: Weight
    cast_at: TimeMs | UnsetType = UNSET
    signature: Signature | UnsetType = UNSET


class Epoch(
    Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="epoch", forbid_unknown_fields=True
):
    """A generation of claims; one that supersedes another retires every claim made in it."""

    name: Annotated[str, Meta(min_length=1, max_length=limits.EPOCH_NAME_LENGTH_MAX)]
    supersedes: HexId | UnsetType = UNSET
    relation: Relation | UnsetType = UNSET
    signature: Signature | UnsetType = UNSET


Statement: TypeAlias = Assertion | Vote | Epoch


class Parsed(NamedTuple):
    """A statement that was checked, with what follows from its bytes."""

    kind: Kind
    id: StatementId
    canonical: bytes
    signature: bytes
    """96 raw bytes: 32 of public key, 64 of signature. Empty if unsigned; not yet verified (``signing``)."""
    statement: Statement
