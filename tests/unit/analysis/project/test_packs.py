"""Packs: signed as a whole, so that every change is noticed."""

import pytest

from stemedb.errors import InvalidInput, TamperedPack
from stemedb.statements import signing
from stemedb_analysis import registry
from stemedb_analysis.project import acknowledge, packs
from stemedb_analysis.project.claims import Claim, assertion

SEED = signing.new_seed(bytes(range(32)))
CLAIM = assertion(Claim("a", "tls/cert_verification", "enabled", "equals", True, "r"), "shop", "ann")
ACCEPTED = acknowledge.Acknowledgement("rule", "some-rule", "fine", "ann", "tls/cert_verification")
PARTS = [
    CLAIM,
    acknowledge.statement(ACCEPTED, "shop"),
    packs.alias("shop", "our/floor", "tls/min_version", "ann"),
]
PACK = packs.encode("shop", PARTS, SEED)


def test_what_goes_in_comes_out():
    pack = packs.decode(PACK)
    assert (pack.name, pack.key) == ("shop", signing.public_key(SEED))
    assert [one.path for one in pack.authorities(registry.shipped()).authorities] == ["tls/cert_verification"]
    assert pack.acknowledgements == [ACCEPTED]
    assert pack.aliases == {"our/floor": "tls/min_version"}


def test_an_alias_holds_for_the_claims_of_its_pack():
    claim = assertion(Claim("b", "our/floor", "version", "at_least", 1.3, "r"), "shop", "ann")
    pack = packs.decode(packs.encode("shop", [claim, PARTS[2]], SEED))
    (authority,) = pack.authorities(registry.shipped()).authorities
    assert (authority.path, authority.value) == ("tls/min_version", 1.3)


@pytest.mark.parametrize(
    ("path", "means", "why"),
    [
        ("crypto/hash", "tls/min_version", "is in the registry itself"),
        ("our/floor", "tls/min_versoin", "is not in the registry"),
    ],
)
def test_an_alias_of_a_pack_must_be_one(path, means, why, tmp_path):
    """A signature says who wrote it, not that it makes sense: demands about hashes are not turned into others."""
    data = packs.encode("shop", [packs.alias("shop", path, means, "ann")], SEED)
    with pytest.raises(InvalidInput, match=f"x.pack, aliases, {path}: .*{why}"):
        packs.decode(data).check(registry.shipped(), "x.pack")
    (tmp_path / packs.DIRECTORY).mkdir()
    (tmp_path / packs.DIRECTORY / "shop.pack").write_bytes(data)
    with pytest.raises(InvalidInput, match=why):
        packs.load(tmp_path, registry.shipped())


def test_the_same_parts_give_the_same_bytes_in_any_order():
    assert packs.encode("shop", PARTS[::-1], SEED) == PACK


def test_every_change_of_a_byte_is_noticed():
    for at in range(0, len(PACK) - 1, 3):
        changed = PACK[:at] + bytes((PACK[at] ^ 1,)) + PACK[at + 1 :]
        with pytest.raises((InvalidInput, TamperedPack)):
            packs.decode(changed)


def test_a_line_left_out_put_in_or_moved_is_noticed():
    lines = PACK.splitlines(keepends=True)
    for changed in (
        [*lines[:1], *lines[2:]],
        [lines[0], lines[1], *lines[1:]],
        [lines[0], lines[2], lines[1], *lines[3:]],
    ):
        with pytest.raises(TamperedPack, match="somebody changed the pack"):
            packs.decode(b"".join(changed))


@pytest.mark.parametrize("data", [b"", b"{}", b"\n\n", b"not a pack\nat all\n", b"[" * 100_000])
def test_what_is_no_pack_is_refused(data):
    with pytest.raises(InvalidInput):
        packs.decode(data)


@pytest.mark.parametrize(
    "header", ['{"format":"stemedb/pack/2","name":"a"}', '{"format":"stemedb/pack/1","name":"../a"}', "[]"]
)
def test_a_header_that_is_not_ours_is_refused_though_it_is_signed(header):
    body = f"{header}\n".encode()
    member = signing.signature_member(signing.sign(packs._digest(body), SEED))
    with pytest.raises(InvalidInput):
        packs.decode(
            body + b'{"signature":{"key":"%b","value":"%b"}}\n' % (member.key.encode(), member.value.encode())
        )


def test_bounds(monkeypatch):
    monkeypatch.setattr(packs, "STATEMENTS_MAX", 2)
    with pytest.raises(ValueError, match="at most 2"):
        packs.encode("shop", PARTS, SEED)
    with pytest.raises(InvalidInput, match="at most 2"):
        packs.decode(PACK)
    monkeypatch.setattr(packs, "PACK_BYTES_MAX", 10)
    with pytest.raises(InvalidInput, match="at most 10"):
        packs.decode(PACK)


def test_packs_of_a_project_are_read_by_name(tmp_path):
    assert packs.load(tmp_path, registry.shipped()) == []
    (tmp_path / packs.DIRECTORY).mkdir()
    (tmp_path / packs.DIRECTORY / "shop.pack").write_bytes(PACK)
    assert [pack.name for pack in packs.load(tmp_path, registry.shipped())] == ["shop"]
