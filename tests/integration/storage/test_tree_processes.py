"""One writing process and others that read the same tree file, across compaction and SIGKILL."""

import signal
import subprocess
import sys

import pytest

from stemedb.errors import Locked
from stemedb.mst import check
from stemedb.storage.tree_file import TreeFile

REALM = bytes(range(32))
DEADLINE_S = 30

READER = """
import sys
from pathlib import Path
from stemedb.storage.tree_file import TreeFile

with TreeFile.open(Path(sys.argv[1]), bytes(range(32)), cache_bytes=20_000) as file:
    first, held, seen, files = file.snapshot(), dict(file.snapshot().items()), 0, set()
    print("ready", flush=True)
    while file.last.meta != b"end":
        if file.refresh():
            seen += 1
            entries = dict(file.tree.items())
            assert set(entries.values()) <= {file.last.meta}, file.last
            assert len(entries) == file.last.count
        files.add(Path(sys.argv[1]).stat().st_ino)
    assert dict(first.items()) == held
    print(seen, len(files), flush=True)
"""

WRITER = """
import sys
from pathlib import Path
from stemedb.storage.tree_file import TreeFile

with TreeFile.open(Path(sys.argv[1]), bytes(range(32)), writable=True, create=True) as file:
    start = int(file.last.meta or b"0")
    for i in range(start + 1, start + 100_000):
        file.tree.merge([(b"%d" % (j % 997), b"%d" % i) for j in range(i, i + 50)])
        file.tree.insert(b"last", b"%d" % i)
        file.commit(b"%d" % i)
        print(i, flush=True)
        if i % 20 == 0:
            file.compact()
"""


def start(script, path):
    return subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True, bufsize=1
    )


def test_a_reading_process_sees_whole_commits_across_compaction(tmp_path):
    path = tmp_path / "map.mst"
    keys = [b"key %d" % i for i in range(400)]
    with TreeFile.open(path, REALM, writable=True, create=True) as file:
        file.tree.merge([(key, b"0") for key in keys])
        file.commit(b"0")
        with start(READER, path) as child:
            assert child.stdout.readline() == "ready\n"
            for i in range(1, 200):
                meta = b"end" if i == 199 else b"%d" % i
                file.tree.merge([(key, meta) for key in keys[i % 7 :]])
                file.tree.apply([(key, None) for key in keys[: i % 7]])
                file.commit(meta)
                if i % 25 == 0:
                    file.compact()
            out, _ = child.communicate(timeout=DEADLINE_S)
            assert child.returncode == 0
    seen, files = map(int, out.split())
    assert seen >= 1
    assert files >= 1


@pytest.mark.parametrize("commits", [3, 41, 97])
def test_a_killed_writer_loses_nothing_it_had_committed(tmp_path, commits):
    path = tmp_path / "map.mst"
    acknowledged = 0
    for _ in range(2):
        with start(WRITER, path) as child:
            for _ in range(commits):
                acknowledged = int(child.stdout.readline())
            child.send_signal(signal.SIGKILL)
            rest = child.stdout.read().split()
            acknowledged = max([acknowledged, *map(int, rest[:-1])])
            child.wait(DEADLINE_S)
        with TreeFile.open(path, REALM) as file:
            last = int(file.last.meta)
            assert last >= acknowledged
            assert file.tree.get(b"last") == b"%d" % last
            assert file.tree.get(b"%d" % (last % 997)) == b"%d" % last
            assert check(file.tree).keys == file.last.count
    with TreeFile.open(path, REALM, writable=True) as file:
        file.compact()
        assert check(file.tree).keys == file.last.count


def test_a_writer_in_another_process_locks_this_one_out_until_it_is_gone(tmp_path):
    path = tmp_path / "map.mst"
    with start(WRITER, path) as child:
        assert child.stdout.readline() == "1\n"
        with pytest.raises(Locked, match=f"pid {child.pid}"):
            TreeFile.open(path, REALM, writable=True)
        child.kill()
        child.wait(DEADLINE_S)
    TreeFile.open(path, REALM, writable=True).close()
