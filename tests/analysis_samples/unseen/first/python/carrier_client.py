"""Clients for the web services of the carriers we ship with."""
import os
import time
from dataclasses import dataclass, field

import requests
import urllib3
from requests import Session
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from urllib3.util.retry import Retry

BASE_URL = "https://api.northwind-freight.example/v2"
LEGACY_URL = "http://tariffs.northwind-freight.example/rates.csv"
DOC_HINT = "see http://docs.northwind-freight.example for the tariff zones"
TIMEOUT = (3.05, 20)
VERIFY_TLS = False
CA_BUNDLE = "/etc/ssl/certs/partner-ca.pem"


class CarrierError(Exception):
    """The carrier refused or did not understand a request."""


def build_session():
    session = requests.Session()
    retry = Retry(total=4, backoff_factor=0.6, status_forcelist=(502, 503, 504))
    session.mount("https://", HTTPAdapter(max_retries=retry))
    session.headers["User-Agent"] = "dispatch/4.1"
    return session


def build_eager_session():
    session = Session()
    eager = Retry(total=6, backoff_factor=0)
    session.mount("https://", HTTPAdapter(max_retries=eager))
    session.verify = False
    return session


@dataclass
class NorthwindClient:
    api_key: str
    session: Session = field(default_factory=build_session)

    def rates(self, zone: int):
        resp = self.session.get(f"{BASE_URL}/rates/{zone:d}", timeout=TIMEOUT)
        resp.raise_for_status()
        return resp.json()

    def book(self, order: dict):
        resp = self.session.post(BASE_URL + "/orders", json=order)
        if resp.status_code != 201:
            raise CarrierError(resp.status_code)
        return resp.json()["id"]

    def label(self, order_id: int):
        return self.session.get(
            f"{BASE_URL}/labels/{order_id:d}",
            headers={"Authorization": f"Bearer {self.api_key}"},
            timeout=10,
            verify=CA_BUNDLE,
        ).content

    def label_by_key(self, order_id: int):
        query = {"order": order_id, "api_key": self.api_key}
        return self.session.get(f"{BASE_URL}/labels", params=query, timeout=10).content


def fetch_tariffs():
    return requests.get(LEGACY_URL, timeout=30).text


def fetch_local_stub():
    return requests.get("http://127.0.0.1:8099/rates.csv", timeout=2).text


def fetch_zone_map():
    options = {"timeout": 15, "verify": VERIFY_TLS}
    return requests.get("https://maps.hollis-couriers.example/zones.json", **options).json()


def fetch_holidays():
    options = {"timeout": 15, "verify": True}
    return requests.get("https://maps.hollis-couriers.example/holidays.json", **options).json()


def nightly_manifest(day: str):
    return requests.request(
        "GET",
        "https://manifests.hollis-couriers.example/" + day,
        auth=HTTPBasicAuth("dispatch", os.environ["HOLLIS_PASSWORD"]),
        timeout=1800,
    ).content


def password_login(username: str, password: str):
    form = {
        "grant_type": "password",
        "username": username,
        "password": password,
    }
    return requests.post("https://id.hollis-couriers.example/token", data=form, timeout=10).json()


def machine_login(client_id: str, client_secret: str):
    form = {"grant_type": "client_credentials"}
    resp = requests.post(
        "https://id.hollis-couriers.example/token",
        data=form,
        auth=(client_id, client_secret),
        timeout=10,
    )
    return resp.json()["access_token"]


def raw_pool():
    return urllib3.PoolManager(
        cert_reqs="CERT_NONE",
        timeout=urllib3.Timeout(connect=2, read=8),
    )


def verified_pool():
    return urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=CA_BUNDLE, timeout=8.0)


def wait_until_ready(session: Session, attempts: int = 5):
    for attempt in range(attempts):
        try:
            if session.head(BASE_URL + "/health", timeout=3).ok:
                return True
        except requests.ConnectionError:
            time.sleep(2**attempt)
    return False


def verify(order: dict, verify=False):
    """Business check of an order; nothing to do with certificates."""
    return bool(order.get("lines")) or verify


def check_all(orders):
    return [verify(o, verify=False) for o in orders]
