"""How our weather stations talk to the outside: one function per uplink."""
import http.client
import os
import socket
import ssl
import urllib.request
from functools import partial

import aiohttp
import httpx
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

UPLINK = "https://ingest.weather.example"
CA_BUNDLE = "/etc/stations/ca.pem"
VERIFY_CERTIFICATES = True
SKIP_CHECKS = not VERIFY_CERTIFICATES


def push_plain(sample):
    return requests.post(UPLINK + "/samples", json=sample, timeout=10)


def push_unchecked(sample):
    return requests.post(UPLINK + "/samples", json=sample, timeout=10, verify=False)


def push_own_ca(sample):
    return requests.post(UPLINK + "/samples", json=sample, timeout=10, verify=CA_BUNDLE)


def push_constant(sample):
    return requests.post(UPLINK + "/samples", json=sample, timeout=10, verify=VERIFY_CERTIFICATES)


def push_negated(sample):
    return requests.post(UPLINK + "/samples", json=sample, timeout=10, verify=not VERIFY_CERTIFICATES)


def push_with_options(sample):
    options = {"timeout": (3, 20), "verify": True}
    return requests.post(UPLINK + "/samples", json=sample, **options)


def push_waiting(sample):
    return requests.put(f"{UPLINK}/samples", json=sample)


def push_for_hours(sample):
    return requests.put(f"{UPLINK}/samples", json=sample, timeout=7200)


def push_in_the_clear(sample):
    return requests.post("http://ingest.weather.example/samples", json=sample, timeout=10)


def push_to_sidecar(sample):
    return requests.post("http://127.0.0.1:9411/samples", json=sample, timeout=2)


def session_unchecked():
    session = requests.Session()
    session.verify = False
    return session


def session_checked():
    session = requests.Session()
    session.verify = CA_BUNDLE
    session.mount("https://", HTTPAdapter(max_retries=Retry(total=4, backoff_factor=0.5)))
    return session


class Station:
    verify = True

    def __init__(self, name, lenient=False):
        self.name = name
        self.lenient = lenient
        self.get = partial(requests.get, timeout=5, verify=self.verify)

    def config(self):
        return self.get(f"{UPLINK}/config/{self.name}").json()


class LabStation(Station):
    verify = False


def firmware_default():
    ctx = ssl.create_default_context()
    with urllib.request.urlopen(UPLINK + "/firmware", context=ctx, timeout=30) as fh:
        return fh.read()


def firmware_unchecked():
    ctx = ssl.create_default_context()
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    with urllib.request.urlopen(UPLINK + "/firmware", context=ctx, timeout=30) as fh:
        return fh.read()


def firmware_any_name():
    ctx = ssl.create_default_context(cafile=CA_BUNDLE)
    setattr(ctx, "check_hostname", False)
    return urllib.request.urlopen(UPLINK + "/firmware", context=ctx, timeout=30)


def firmware_old_protocol():
    ctx = ssl.create_default_context()
    ctx.minimum_version = ssl.TLSVersion.TLSv1
    return urllib.request.urlopen(UPLINK + "/firmware", context=ctx, timeout=30)


def firmware_new_protocol():
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.load_verify_locations(CA_BUNDLE)
    ctx.minimum_version = ssl.TLSVersion.TLSv1_3
    return urllib.request.urlopen(UPLINK + "/firmware", context=ctx, timeout=30)


def firmware_weak_ciphers():
    ctx = ssl.create_default_context()
    ctx.set_ciphers("ECDHE+AESGCM:RC4-SHA")
    return urllib.request.urlopen(UPLINK + "/firmware", context=ctx, timeout=30)


def firmware_strong_ciphers():
    ctx = ssl.create_default_context()
    ctx.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20:!RC4:!3DES:!aNULL")
    return urllib.request.urlopen(UPLINK + "/firmware", context=ctx, timeout=30)


def pool_unchecked():
    return urllib3.PoolManager(cert_reqs="CERT_NONE", timeout=urllib3.Timeout(5))


def pool_checked():
    return urllib3.PoolManager(cert_reqs=ssl.CERT_REQUIRED, ca_certs=CA_BUNDLE, timeout=urllib3.Timeout(5))


def raw_alarm(payload, host="alarm.weather.example"):
    ctx = ssl.create_default_context()
    with socket.create_connection((host, 8443), timeout=4) as sock:
        with ctx.wrap_socket(sock, server_hostname=host) as tls:
            tls.sendall(payload)


def alarm_unverified():
    ctx = ssl._create_unverified_context()
    return http.client.HTTPSConnection("alarm.weather.example", timeout=4, context=ctx)


async def forecast():
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as s:
        async with s.get(UPLINK + "/forecast") as r:
            return await r.json()


async def forecast_unchecked():
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as s:
        async with s.get(UPLINK + "/forecast") as r:
            return await r.json()


def almanac(strict=True):
    check = CA_BUNDLE if os.path.exists(CA_BUNDLE) else True
    if SKIP_CHECKS:
        check = False
    return httpx.Client(verify=check, timeout=10)


def almanac_unchecked():
    return httpx.get(UPLINK + "/almanac", verify=False)
