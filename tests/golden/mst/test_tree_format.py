"""The bytes of version 1, frozen: a change here is a change of format, with a new version beside the old one."""

from pathlib import Path

import pytest
from blake3 import blake3

from stemedb.mst import EMPTY_ROOT, check, keyed_levels, memory_tree, prove, verify_proof
from stemedb.mst.proof import encode_node
from stemedb.storage.tree_file import TreeFile
from stemedb.storage.tree_format import PAGE_BYTES
from support.reference_mst import build, keyed_level

HERE = Path(__file__).parent
FILE = HERE / "v1.map.mst"
REALM = bytes(range(32))
ROOT = "34476cd531b0b4e58d4d8fd4f8f1d09287b0061506c7dffbdec70f92ce550619"
LEVELS = (5, 1)


def entries(count):
    """Keys and values as the index has them: text and an id, a clock and a name."""
    return [
        (
            b"apkg://pypi/item-%d\0license\0" % i + blake3(i.to_bytes(4, "big")).digest(),
            (1_700_000_000_000 + i << 16).to_bytes(8, "big") + b"site-a",
        )
        for i in range(count)
    ]


def write(path):
    """The history of the frozen file: an empty map, forty entries, then one changed, one new, one gone."""
    with TreeFile.open(path, REALM, writable=True, create=True, runway_bytes=0) as file:
        file.tree.merge(entries(40))
        file.commit(b"first")
        key, value = entries(41)[40]
        file.tree.apply([(key, value), (entries(1)[0][0], bytes(300)), (entries(2)[1][0], None)])
        file.commit(b"second")


def test_the_same_history_gives_the_same_bytes(tmp_path):
    write(tmp_path / "map.mst")
    frozen, written = FILE.read_bytes(), (tmp_path / "map.mst").read_bytes()
    assert written[PAGE_BYTES:] == frozen[PAGE_BYTES:]
    assert written[:48] == frozen[:48]  # behind it stands when the file was made


def test_the_frozen_file_is_read():
    with TreeFile.open(FILE, REALM) as file:
        assert file.last.meta == b"second"
        assert file.last.digest.hex() == ROOT
        assert file.last.count == 40
        assert check(file.tree).levels == LEVELS
        key, value = entries(41)[40]
        assert file.tree.get(key) == value
        assert file.tree.get(entries(1)[0][0]) == bytes(300)
        assert file.tree.get(entries(2)[1][0]) is None
        assert verify_proof(file.last.digest, key, prove(file.tree, key)) == value


def test_the_levels_are_frozen():
    keys = [key for key, _ in entries(41)]
    assert list(keyed_levels(REALM)(keys)) == list(map(keyed_level(REALM), keys))
    assert max(keyed_levels(REALM)(keys)) == 1


def test_the_nodes_are_frozen():
    """Three entries, one node of each kind, two levels apart, byte by byte."""
    level = {b"m": 2, b"a": 0, b"long": 0}.__getitem__
    tree = memory_tree(REALM, levels=lambda keys: bytes(map(level, keys)))
    tree.merge([(b"a", b"1"), (b"long", b"v" * 256), (b"m", b"")])
    root, leaf = prove(tree, b"a").nodes
    assert leaf == bytes.fromhex(
        "00 02 0200"  # level 0, value lengths are wide, 2 entries
        "01 04"  # key lengths
        "01 00 00 01"  # value lengths: low bytes 1 and 0, high bytes 0 and 1
        "61 6c6f6e67"  # a long
        "31" + "76" * 256  # 1 vvv…
    )
    entries_block = bytes.fromhex("02 00 0100 01 00 6d")
    assert root == (
        bytes.fromhex("82 00 0100")  # links of level 2, 1 entry
        + blake3(entries_block).digest()
        + blake3(leaf).digest()
        + bytes(32)  # nothing above m
        + entries_block
    )
    assert tree.root_digest == blake3(root[: 4 + 32 * 3]).digest()
    reference = build(sorted(tree.items()), level)
    assert reference is not None
    assert reference.digest == tree.root_digest
    assert tree.root is not None
    assert encode_node(tree.root) == root


@pytest.mark.parametrize(
    ("count", "digest"),
    [
        (1, "ebc1ff7836f7474aaa87d756d21a70788bc305fc99f396e7ec0edac9d0d30df4"),
        (2, "339cc1f00f15c0ea9c41e097b779986c38084b99d8c0ec1e99fd0b47ae6c4998"),
        (1000, "8f9395a1b9f0c56e94211f0c313dddb8d980e4c84e8ffef67ce1f8a6891fe36c"),
    ],
)
def test_roots_are_frozen(count, digest):
    tree = memory_tree(REALM)
    tree.merge(entries(count))
    assert tree.root_digest.hex() == digest


def test_the_empty_root_is_frozen():
    assert EMPTY_ROOT.hex() == "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
