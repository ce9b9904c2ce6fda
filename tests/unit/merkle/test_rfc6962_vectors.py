"""The known vectors of certificate transparency: SHA-256 trees of eight entries, through our own functions.

The entries, roots and proofs are those that every implementation of RFC 6962 is tested with. There a leaf is the
hash of 00 and the entry, a node that of 01 and its children.
"""

import hashlib

import pytest

from stemedb.errors import ProofError
from stemedb.merkle import Frontier, MemoryNodeStore, MerkleLog, verify_consistency, verify_inclusion
from stemedb.types import Digest

ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
NODE_1_1 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
NODE_1_2 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
NODE_1_3 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
NODE_2_1 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
LEAF_0, ROOT_2, ROOT_4 = ROOTS[0], ROOTS[1], ROOTS[3]

INCLUSIONS = [
    (0, 1, []),
    (0, 8, [LEAF_1, NODE_1_1, NODE_2_1]),
    (5, 8, [LEAF_4, NODE_1_3, ROOT_4]),
    (2, 3, [ROOT_2]),
    (1, 5, [LEAF_0, NODE_1_1, LEAF_4]),
]
CONSISTENCIES = [
    (1, 1, []),
    (1, 8, [LEAF_1, NODE_1_1, NODE_2_1]),
    (6, 8, [NODE_1_2, NODE_1_3, ROOT_4]),
    (2, 5, [NODE_1_1, LEAF_4]),
]


def node(left, right):
    return Digest(hashlib.sha256(b"\x01" + left + right).digest())


LEAVES = [Digest(hashlib.sha256(b"\x00" + bytes.fromhex(entry)).digest()) for entry in ENTRIES]


def unhex(digests):
    return tuple(bytes.fromhex(digest) for digest in digests)


@pytest.fixture(scope="module")
def log():
    log = MerkleLog(MemoryNodeStore(), node)
    log.append(LEAVES)
    return log


@pytest.mark.parametrize("size", range(1, 9))
def test_roots(log, size):
    assert log.root(size).hex() == ROOTS[size - 1]
    assert Frontier(hasher=node).extend(LEAVES[:size]).root.hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSIONS)
def test_inclusion_proofs(log, index, size, proof):
    assert log.inclusion_proof(index, size) == unhex(proof)
    root = bytes.fromhex(ROOTS[size - 1])
    verify_inclusion(LEAVES[index], index, size, unhex(proof), root, node)
    if proof:
        with pytest.raises(ProofError):
            verify_inclusion(LEAVES[index], index, size, unhex(proof), root)


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCIES)
def test_consistency_proofs(log, old, new, proof):
    assert log.consistency_proof(old, new) == unhex(proof)
    old_root, new_root = unhex([ROOTS[old - 1], ROOTS[new - 1]])
    verify_consistency(old, new, old_root, new_root, unhex(proof), node)
    if proof:
        with pytest.raises(ProofError):
            verify_consistency(old, new, old_root, new_root, unhex(proof))
