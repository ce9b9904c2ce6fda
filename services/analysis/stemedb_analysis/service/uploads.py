"""A tree that somebody uploaded: an archive in the JetStream object store, unpacked into a directory of its own.

Nothing of the archive is believed: names that lead out of the directory, links and devices are refused, sizes are counted while
they are unpacked, and whatever was unpacked is gone when the scan is over.
"""

import asyncio
import lzma
import tarfile
import tempfile
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import nats.errors
import nats.js.errors
from nats.aio.client import Client

from stemedb.errors import InvalidRequest, NotFound, Unavailable

ARCHIVE_BYTES_MAX: Final = 256 << 20
UNPACKED_BYTES_MAX: Final = 1 << 30
"""A tenth of what a careless archive may unpack to, and more than the code of most companies' largest repository."""

MEMBERS_MAX: Final = 200_000


@asynccontextmanager
async def unpacked(client: Client, place: str) -> AsyncIterator[Path]:
    """Yield a directory with what the archive ``bucket/name`` holds. Raises `NotFound`, `InvalidRequest` or `Unavailable`."""
    bucket, _, name = place.partition("/")
    with tempfile.TemporaryDirectory(prefix="stemedb-scan-") as folder:
        archive, tree = Path(folder, "archive"), Path(folder, "tree")
        tree.mkdir()
        await _fetch(client, bucket, name, archive)
        await asyncio.to_thread(unpack, archive, tree)
        archive.unlink()
        yield tree


async def _fetch(client: Client, bucket: str, name: str, target: Path) -> None:
    try:
        store = await client.jetstream().object_store(bucket)
        info = await store.get_info(name)
        if (info.size or 0) > ARCHIVE_BYTES_MAX:
            raise InvalidRequest(
                "object", f"{bucket}/{name} has {info.size} bytes, want at most {ARCHIVE_BYTES_MAX}"
            )
        with target.open("wb") as file:
            await store.get(name, writeinto=file)
    except nats.js.errors.NotFoundError:
        raise NotFound(f"object {bucket}/{name}: not in the object store") from None
    except (nats.errors.Error, nats.js.errors.Error) as error:
        raise Unavailable(f"object {bucket}/{name}: {error}") from error


def unpack(archive: Path, tree: Path) -> None:
    """Unpack a tar archive, compressed or not, into an empty directory. Raises `InvalidRequest` with the member that may not be."""
    room, members = UNPACKED_BYTES_MAX, 0
    try:
        with tarfile.open(archive) as opened:
            for member in opened:
                members += 1
                room -= max(member.size, 0)  # a negative one would make room
                if room < 0 or members > MEMBERS_MAX:
                    raise InvalidRequest(
                        "object",
                        f"the archive unpacks to more than {UNPACKED_BYTES_MAX} bytes or {MEMBERS_MAX} members",
                    )
                if member.isfile() or member.isdir():  # links lead out, or to what is there anyway
                    opened.extract(member, tree, set_attrs=False, filter="data")
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise InvalidRequest("object", f"not an archive that can be unpacked: {error}") from None
