"""The HTTP port: three paths, small and correct."""

import asyncio
import socket

import pytest
from prometheus_client import CollectorRegistry, Counter

from stemedb.bus import health, metrics
from stemedb.errors import InvalidInput, Refused


async def ask(port, request):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.decode(), body


def get(path, method="GET"):
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


@pytest.fixture
async def server():
    class Server:
        registry = CollectorRegistry()
        reason = None

    made = Server()
    async with health.serve("127.0.0.1", 0, made.registry, lambda: made.reason) as port:
        made.port = port
        yield made


async def test_metrics_are_what_prometheus_reads(server):
    Counter("stemedb_test_things", "Things", registry=server.registry).inc(3)
    head, body = await ask(server.port, get("/metrics?x=1"))
    assert head.startswith("HTTP/1.1 200 OK")
    assert f"Content-Length: {len(body)}" in head
    assert "text/plain; version=0.0.4" in head
    assert b"stemedb_test_things_total 3.0\n" in body


async def test_readiness_follows_its_reason_and_liveness_does_not(server):
    assert (await ask(server.port, get("/readyz")))[0].startswith("HTTP/1.1 200 ")
    server.reason = "nats: not connected"
    head, body = await ask(server.port, get("/readyz"))
    assert head.startswith("HTTP/1.1 503 ")
    assert b"nats: not connected" in body
    assert (await ask(server.port, get("/healthz")))[0].startswith("HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (get("/"), "404"),
        (get("/metrics", "POST"), "405"),
        (b"nonsense\r\n\r\n", "405"),
    ],
)
async def test_other_requests_are_told_so(server, request_bytes, status):
    head, _ = await ask(server.port, request_bytes)
    assert head.startswith(f"HTTP/1.1 {status} ")


async def test_head_has_the_length_and_no_body(server):
    head, body = await ask(server.port, get("/healthz", "HEAD"))
    assert "Content-Length: 16" in head
    assert body == b""


async def test_a_head_that_is_too_long_or_never_ends_is_dropped(server, monkeypatch):
    monkeypatch.setattr(health, "HEAD_TIMEOUT_S", 0.05)
    assert await ask(server.port, b"GET / HTTP/1.1\r\nX: " + b"y" * 20_000) == ("", b"")
    assert await ask(server.port, b"GET / HTTP/1.1\r\n") == ("", b"")


async def test_a_port_in_use_is_refused_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refused, match=f"port {port} of 127.0.0.1 is in use.*STEMEDB_HTTP_PORT"):
            async with health.serve("127.0.0.1", port, CollectorRegistry(), lambda: None):
                pass


async def test_an_address_that_is_not_ours_is_refused():
    with pytest.raises(Refused, match="STEMEDB_HTTP_HOST"):
        async with health.serve("192.0.2.1", 0, CollectorRegistry(), lambda: None):
            pass


def test_latency_buckets_double_from_a_quarter_of_a_millisecond():
    assert metrics.SECONDS_BUCKETS[0] == 0.00025
    assert metrics.SECONDS_BUCKETS[-1] == pytest.approx(8.192)
    assert all(b == 2 * a for a, b in zip(metrics.SECONDS_BUCKETS, metrics.SECONDS_BUCKETS[1:], strict=False))


def test_every_registry_tells_who_reports():
    text = metrics.exposition(metrics.registry("ingest", "north", "1.2.3")).decode()
    assert 'stemedb_service_info{replica="north",service="ingest",version="1.2.3"} 1.0' in text
    assert "process_resident_memory_bytes" in text


def post(path, body, length=None):
    length = len(body) if length is None else length
    return f"POST {path} HTTP/1.1\r\nHost: x\r\ncontent-length: {length}\r\n\r\n".encode() + body


@pytest.fixture
async def told():
    taken = []

    def take(body):
        if body == b"nonsense":
            raise InvalidInput("body", "got nonsense")
        taken.append(body)

    async with health.serve("127.0.0.1", 0, CollectorRegistry(), lambda: None, {"/things": take}) as port:
        yield port, taken


async def test_what_is_posted_to_a_receiver_is_given_to_it_whole(told):
    port, taken = told
    large = b"x" * health.BODY_BYTES_MAX
    for body in (b"", b"one", large):
        assert (await ask(port, post("/things", body)))[0].startswith("HTTP/1.1 200 ")
    assert taken == [b"", b"one", large]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (post("/things", b"nonsense"), 400),
        (post("/metrics", b"one"), 405),
        (post("/things", b"", health.BODY_BYTES_MAX + 1), 413),
        (get("/things", "POST"), 413),
        (get("/things"), 404),
    ],
)
async def test_other_posts_are_refused_and_given_to_nobody(told, request_bytes, status):
    port, taken = told
    assert (await ask(port, request_bytes))[0].startswith(f"HTTP/1.1 {status} ")
    assert taken == []
