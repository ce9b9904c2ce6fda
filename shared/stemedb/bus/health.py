"""One HTTP port per process: ``/metrics`` for Prometheus, ``/healthz`` and ``/readyz`` for whoever supervises it.

* ``/healthz`` is 200 while the event loop answers: restart the process when it does not.
* ``/readyz`` is 200 when the service can do its work now, else 503 with the reason: send it no work until it can.

The server speaks just enough HTTP/1.1 for that: ``GET`` and ``HEAD``, one request per connection, a head of at most
``HEAD_BYTES_MAX`` within ``HEAD_TIMEOUT_S``, the body included. It is for loopback or a private network and has no access control.

A process that is told things over HTTP (``alert_log``) gives a receiver for each path: ``POST`` to it with a body of at most
``BODY_BYTES_MAX`` is answered 200, or 400 with what the receiver says is wrong with it.
"""

import asyncio
import errno
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

from prometheus_client import CollectorRegistry

from stemedb.bus.metrics import CONTENT_TYPE, exposition
from stemedb.errors import InvalidInput, Refused

HEAD_BYTES_MAX = 8192
"""A scraper sends a few hundred bytes; more is not for us."""

HEAD_TIMEOUT_S = 5.0
"""A client that has not sent its head by then is dropped, so that idle connections cannot pile up."""

BODY_BYTES_MAX = 1 << 20
"""A notification with hundreds of alerts is some 500 KiB."""

Readiness = Callable[[], str | None]
"""Returns ``None`` when ready, else the reason why not."""

Receiver = Callable[[bytes], None]
"""Takes the body of a ``POST``; raises `InvalidInput` when it is not what it should be."""


@asynccontextmanager
async def serve(
    host: str,
    port: int,
    registry: CollectorRegistry,
    readiness: Readiness,
    receivers: Mapping[str, Receiver] | None = None,
) -> AsyncIterator[int]:
    """Serve until the block ends; yields the port. Raises ``Refused`` when the port cannot be had."""
    posts = receivers or {}

    def answer(path: str) -> tuple[HTTPStatus, str, bytes]:
        if path == "/metrics":
            return HTTPStatus.OK, CONTENT_TYPE, exposition(registry)
        if path == "/healthz":
            return _json(HTTPStatus.OK, {"alive": True})
        if path == "/readyz":
            return _ready(readiness())
        return _json(HTTPStatus.NOT_FOUND, {"paths": ["/metrics", "/healthz", "/readyz", *posts]})

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_TIMEOUT_S):
                head = await reader.readuntil(b"\r\n\r\n")
                method, path = _request_line(head)
                if method in {"GET", "HEAD"}:
                    status, kind, body = answer(path)
                elif method == "POST" and path in posts:
                    status, kind, body = await _received(posts[path], head, reader)
                else:
                    status, kind, body = _json(HTTPStatus.METHOD_NOT_ALLOWED, {"methods": ["GET", "HEAD"]})
            writer.write(_response(status, kind, body, with_body=method != "HEAD"))
            await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # the client went away or never asked: nobody is left to answer
        finally:
            writer.close()

    try:
        server = await asyncio.start_server(connection, host, port, limit=HEAD_BYTES_MAX)
    except OSError as error:
        raise _refused(host, port, error) from error
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


def _request_line(head: bytes) -> tuple[str, str]:
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if len(words) != 3:
        return "", ""
    return words[0], words[1].split("?", 1)[0]


def _ready(reason: str | None) -> tuple[HTTPStatus, str, bytes]:
    if reason is None:
        return _json(HTTPStatus.OK, {"ready": True})
    return _json(HTTPStatus.SERVICE_UNAVAILABLE, {"ready": False, "reason": reason})


async def _received(
    receiver: Receiver, head: bytes, reader: asyncio.StreamReader
) -> tuple[HTTPStatus, str, bytes]:
    """Read the body of a ``POST``, give it to its receiver and return the answer."""
    length = _body_length(head)
    if length is None or length > BODY_BYTES_MAX:
        return _json(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"bytes_max": BODY_BYTES_MAX})
    try:
        receiver(await reader.readexactly(length))
    except InvalidInput as error:
        return _json(HTTPStatus.BAD_REQUEST, {"reason": error.message})
    return _json(HTTPStatus.OK, {"taken": True})


def _body_length(head: bytes) -> int | None:
    """Return the ``Content-Length`` of a request, or ``None`` if it says none that can be read."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return None


def _json(status: HTTPStatus, body: dict[str, object]) -> tuple[HTTPStatus, str, bytes]:
    return status, "application/json", json.dumps(body).encode() + b"\n"


def _response(status: HTTPStatus, kind: str, body: bytes, *, with_body: bool) -> bytes:
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("latin-1") + (body if with_body else b"")


def _refused(host: str, port: int, error: OSError) -> Refused:
    if error.errno == errno.EADDRINUSE:
        return Refused(
            f"port {port} of {host} is in use; stop what listens there, or set STEMEDB_HTTP_PORT (0: any free one)"
        )
    return Refused(
        f"cannot listen on {host}:{port}: {error.strerror}; set STEMEDB_HTTP_HOST and STEMEDB_HTTP_PORT"
    )
