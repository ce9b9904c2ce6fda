"""Collects readings from tide gauges and hands them to the port authority."""
from __future__ import annotations

import asyncio
import logging
import os
import ssl
import urllib.request as urlreq

import aiohttp
import grpc
import httpx
import paho.mqtt.client as mqtt
import requests
import urllib3
from confluent_kafka import Producer
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from .tide_pb2 import Reading
from .tide_pb2_grpc import TideLogStub

log = logging.getLogger("tide.uplink")

PORT_AUTHORITY = "https://api.harbour.example/v2"
CA_BUNDLE = "/etc/ssl/certs/harbour-ca.pem"
CHECK_CERTS = False
PATIENCE = httpx.Timeout(15.0, connect=5.0)
SLOW_LINK = 60 * 60


def strict_context() -> ssl.SSLContext:
    ctx = ssl.create_default_context(cafile=CA_BUNDLE)
    ctx.minimum_version = ssl.TLSVersion.TLSv1_2
    return ctx


def buoy_context() -> ssl.SSLContext:
    ctx = ssl.create_default_context()
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_REQUIRED
    ctx.load_verify_locations(CA_BUNDLE)
    ctx.minimum_version = ssl.TLSVersion.TLSv1_1
    return ctx


def gateway_context(certfile: str, keyfile: str) -> ssl.SSLContext:
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(certfile, keyfile)
    ctx.minimum_version = ssl.TLSVersion.TLSv1_2
    ctx.options |= ssl.OP_NO_TLSv1_3
    ctx.options &= ~ssl.OP_NO_COMPRESSION
    ctx.set_ciphers("ECDHE+AESGCM:DES-CBC3-SHA")
    return ctx


def modern_gateway(certfile: str, keyfile: str) -> ssl.SSLContext:
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(certfile, keyfile)
    ctx.minimum_version = ssl.TLSVersion.TLSv1_2
    ctx.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!RC4:!3DES")
    return ctx


def session_for_authority() -> requests.Session:
    s = requests.Session()
    policy = Retry(total=4, backoff_factor=0.8, status_forcelist=(502, 503))
    s.mount("https://", HTTPAdapter(max_retries=policy))
    s.verify = CA_BUNDLE
    return s


def fetch_station_list(session: requests.Session) -> list[dict]:
    answer = session.get(f"{PORT_AUTHORITY}/stations")
    answer.raise_for_status()
    return answer.json()


def fetch_station(session: requests.Session, number: int) -> dict:
    opts = {"timeout": (3, 20), "headers": {"Accept": "application/json"}}
    return session.get(f"{PORT_AUTHORITY}/stations/{number:d}", **opts).json()


def push_snapshot(payload: dict) -> int:
    # verify=False was removed when the new certificate arrived
    r = requests.post(PORT_AUTHORITY + "/snapshots", json=payload, timeout=10, verify=CHECK_CERTS)
    return r.status_code


def push_legacy(payload: bytes) -> None:
    pool = urllib3.PoolManager(
        cert_reqs="CERT_NONE",
        timeout=urllib3.Timeout(connect=3.0, read=10.0),
    )
    pool.request("PUT", "https://old.harbour.example/ingest", body=payload)


def push_mirror(payload: bytes) -> None:
    pool = urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=CA_BUNDLE, timeout=8.0)
    pool.request("PUT", "https://mirror.harbour.example/ingest", body=payload)


def almanac(year: int) -> bytes:
    with urlreq.urlopen(f"https://almanac.harbour.example/{year:d}.csv", timeout=30) as fh:
        return fh.read()


def moon_table() -> bytes:
    with urlreq.urlopen("http://moon.harbour.example/table.csv", timeout=30) as fh:
        return fh.read()


async def stream_levels(ids: list[int]) -> list[dict]:
    connector = aiohttp.TCPConnector(ssl=strict_context(), limit=20)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=40)) as cs:
        jobs = [cs.get(f"{PORT_AUTHORITY}/levels/{i:d}") for i in ids]
        return [await (await j).json() for j in jobs]


async def stream_swell(region: int) -> dict:
    async with httpx.AsyncClient(timeout=None) as client:
        return (await client.get(f"{PORT_AUTHORITY}/swell/{region:d}")).json()


async def stream_wind(region: int) -> dict:
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        return (await client.get(f"{PORT_AUTHORITY}/wind/{region:d}")).json()


def satellite_burst(blob: bytes) -> None:
    httpx.post("https://sat.harbour.example/burst", content=blob, timeout=SLOW_LINK)


def broker(client_id: str) -> mqtt.Client:
    c = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id)
    c.username_pw_set("gauge", os.environ["GAUGE_MQTT_PASSWORD"])
    c.tls_set(ca_certs=CA_BUNDLE)
    c.tls_insecure_set(True)
    c.connect("mqtt.harbour.example", 8883)
    return c


def producers() -> tuple[Producer, Producer]:
    shared = {
        "bootstrap.servers": "k1.harbour.example:9093",
        "security.protocol": "SASL_SSL",
        "sasl.mechanisms": "SCRAM-SHA-512",
        "sasl.username": "gauge",
        "sasl.password": os.environ["GAUGE_KAFKA_PASSWORD"],
        "acks": "all",
    }
    relaxed = dict(shared)
    relaxed["acks"] = "1"
    return Producer(shared), Producer(relaxed)


def report(reading: Reading) -> None:
    creds = grpc.ssl_channel_credentials(open(CA_BUNDLE, "rb").read())
    with grpc.secure_channel("log.harbour.example:443", creds) as chan:
        TideLogStub(chan).Append(reading, timeout=5)
    with grpc.insecure_channel("log-old.harbour.example:50051") as chan:
        TideLogStub(chan).Append(reading, timeout=5)


if __name__ == "__main__":
    asyncio.run(stream_levels([3, 4, 8]))
