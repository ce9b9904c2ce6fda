"""Clients of a service: how connections are secured."""

import http.client
import smtplib
import ssl
import urllib.request

import aiohttp
import httpx
import ldap3
import paramiko
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.poolmanager import PoolManager

VERIFY = False
CA = "/etc/ssl/corp.pem"
TIMEOUT = 10


def plain(url):
    requests.get(url, verify=False, timeout=TIMEOUT)
    requests.post(url, json={}, verify=VERIFY, timeout=TIMEOUT)
    requests.get(url, verify=CA, timeout=TIMEOUT)
    requests.get(url, verify=True, timeout=TIMEOUT)
    return requests.get(url, timeout=(3, 10))


def waits_forever(url):
    requests.get(url)
    httpx.get(url, timeout=None)
    return httpx.get(url)


class Client:
    def __init__(self, url):
        self.url = url
        self.session = requests.Session()
        self.session.verify = False

    def get(self, path):
        return self.session.get(self.url + path, timeout=TIMEOUT)


class OldAdapter(HTTPAdapter):
    def init_poolmanager(self, connections, maxsize, block=False):
        self.poolmanager = PoolManager(
            num_pools=connections, maxsize=maxsize, block=block, ssl_version=ssl.PROTOCOL_TLSv1
        )


def contexts():
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    old = ssl.SSLContext(ssl.PROTOCOL_TLSv1_1)
    good = ssl.create_default_context(cafile=CA)
    good.minimum_version = ssl.TLSVersion.TLSv1_2
    weak = ssl.create_default_context()
    weak.minimum_version = ssl.TLSVersion.TLSv1
    return unverified, old, good, weak


def opened(url):
    context = ssl._create_unverified_context()
    urllib.request.urlopen(url, context=context, timeout=5)
    return http.client.HTTPSConnection("api.example.com", timeout=5, context=ssl.create_default_context())


async def asynchronous(url):
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session:
        await session.get(url)
    async with httpx.AsyncClient(verify=False, timeout=5) as client:
        await client.get(url)


def pools():
    urllib3.PoolManager(cert_reqs="CERT_NONE")
    urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=CA)
    return ldap3.Tls(validate=ssl.CERT_NONE)


def shell(host):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(host)
    strict = paramiko.SSHClient()
    strict.load_system_host_keys()
    strict.set_missing_host_key_policy(paramiko.RejectPolicy())
    return client, strict


def mail():
    server = smtplib.SMTP("mail.example.com", 587, timeout=10)
    server.starttls(context=ssl.create_default_context())
    return server
