"""Connections of a freight exchange: urllib3, httpx, pyOpenSSL, websockets, tenacity."""
import asyncio
import logging
import os
import socket
import ssl
import urllib.parse

import backoff
import certifi
import httpx
import pycurl
import tenacity
import urllib3
import websockets
from OpenSSL import SSL
from tenacity import retry, stop_after_attempt, stop_never, wait_exponential, wait_none

logger = logging.getLogger("freight")

EXCHANGE = "https://exchange.frachtboerse.example"
TOLLS = "http://tolls.frachtboerse.example/v1"
XML_NAMESPACE = "http://www.frachtboerse.example/ns/order"
CIPHERS_STRONG = "ECDHE+AESGCM:ECDHE+CHACHA20"
CIPHERS_OLD = CIPHERS_STRONG + ":DES-CBC3-SHA"


def pool():
    return urllib3.PoolManager(
        ca_certs=certifi.where(),
        retries=urllib3.Retry(total=3, backoff_factor=0.4),
        timeout=urllib3.Timeout(connect=2.0, read=10.0),
    )


def pool_without_names():
    return urllib3.HTTPSConnectionPool(
        "scales.frachtboerse.example",
        assert_hostname=False,
        ca_certs=certifi.where(),
        timeout=5.0,
    )


def pool_for_old_scales():
    return urllib3.PoolManager(
        ssl_minimum_version=ssl.TLSVersion.TLSv1_1,
        ca_certs=certifi.where(),
        timeout=5.0,
    )


def stubborn_pool():
    return urllib3.PoolManager(timeout=6.0, retries=urllib3.Retry(total=8, backoff_factor=0))


def context(ciphers=CIPHERS_STRONG):
    ctx = ssl.create_default_context(cafile=certifi.where())
    ctx.minimum_version = ssl.TLSVersion.TLSv1_3
    return ctx


def context_for_weighbridge():
    ctx = ssl.create_default_context(cafile=certifi.where())
    ctx.maximum_version = ssl.TLSVersion.TLSv1_1
    return ctx


def context_for_crane():
    ctx = context()
    ctx.set_ciphers(CIPHERS_OLD)
    return ctx


def openssl_context():
    ctx = SSL.Context(SSL.TLS_CLIENT_METHOD)
    ctx.set_min_proto_version(SSL.TLS1_2_VERSION)
    ctx.load_verify_locations(certifi.where())
    ctx.set_verify(SSL.VERIFY_PEER, lambda _c, _x, _e, _d, ok: bool(ok))
    return ctx


def openssl_context_for_ramp():
    ctx = SSL.Context(SSL.TLS_CLIENT_METHOD)
    ctx.set_min_proto_version(SSL.TLS1_VERSION)
    ctx.set_verify(SSL.VERIFY_NONE, lambda *_: True)
    return ctx


class Exchange:
    timeout = httpx.Timeout(8.0, connect=2.0)

    def __init__(self, token):
        self.client = httpx.Client(base_url=EXCHANGE, timeout=self.timeout, headers={"Authorization": f"Bearer {token}"})

    def offers(self, page=0):
        return self.client.get("/offers", params={"page": page}).json()

    def order(self, number, token):
        logger.info("order %d fetched", number)
        return httpx.get(f"{EXCHANGE}/orders/{number:d}?access_token={token}", timeout=5).json()


def wide_client():
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.AsyncClient(base_url=EXCHANGE, limits=limits, timeout=10)


def insecure_transport():
    transport = httpx.HTTPTransport(verify=False, retries=1)
    return httpx.Client(transport=transport, timeout=10)


def slow_report():
    return httpx.get(EXCHANGE + "/reports/year", timeout=3600).content


def tolls(country: str):
    country_code = {"AT": "at", "CH": "ch"}[country]
    return httpx.get(f"{TOLLS}/{country_code}", timeout=5).json()


def local_tolls():
    return httpx.get("http://localhost:8091/tolls", timeout=1).json()


@retry(stop=stop_after_attempt(4), wait=wait_exponential(multiplier=0.5, max=20))
def publish(offer: dict):
    return httpx.post(EXCHANGE + "/offers", json=offer, timeout=5).raise_for_status()


@retry(stop=stop_never, wait=wait_exponential(max=60))
def publish_until_done(offer: dict):
    return httpx.post(EXCHANGE + "/offers", json=offer, timeout=5).raise_for_status()


@tenacity.retry(stop=stop_after_attempt(30), wait=wait_none())
def withdraw(number: int):
    return httpx.delete(f"{EXCHANGE}/offers/{number}", timeout=5).raise_for_status()


@backoff.on_exception(backoff.expo, httpx.TransportError, max_tries=5)
def prolong(number: int):
    return httpx.post(f"{EXCHANGE}/offers/{number}/prolong", timeout=5).raise_for_status()


async def watch():
    async with websockets.connect("wss://exchange.frachtboerse.example/live", ssl=context(), open_timeout=5) as ws:
        return await ws.recv()


async def watch_plain():
    async with websockets.connect("ws://live.frachtboerse.example/prices", open_timeout=5) as ws:
        return await ws.recv()


def curl_fetch(path: str) -> bytes:
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, EXCHANGE + "/" + urllib.parse.quote(path))
    curl.setopt(pycurl.TIMEOUT, 10)
    curl.setopt(pycurl.SSL_VERIFYPEER, 1)
    curl.setopt(pycurl.SSL_VERIFYHOST, 2)
    return curl.perform_rb()


def curl_fetch_from_camera(number: int) -> bytes:
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, f"https://camera{number}.frachtboerse.example/still.jpg")
    curl.setopt(pycurl.TIMEOUT, 10)
    curl.setopt(pycurl.SSL_VERIFYPEER, 0)
    curl.setopt(pycurl.SSL_VERIFYHOST, 0)
    return curl.perform_rb()


async def receive_scans(handler):
    return await asyncio.start_server(handler, "0.0.0.0", 9321, ssl=server_context())


async def receive_local_scans(handler):
    return await asyncio.start_server(handler, host="127.0.0.1", port=9322)


def server_context():
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.minimum_version = ssl.TLSVersion.TLSv1_2
    ctx.load_cert_chain(os.environ["FREIGHT_CERT"], os.environ["FREIGHT_KEY"])
    return ctx


def udp_beacon():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(2)
    sock.bind(("", 9400))
    return sock
