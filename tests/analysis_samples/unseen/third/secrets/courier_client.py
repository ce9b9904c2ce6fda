"""Client of the courier hub: labels, pick-ups and proofs of delivery."""
from __future__ import annotations

import getpass
import hmac
import os
import re
from dataclasses import dataclass, field

import boto3
import psycopg
import redis
import requests

HUB = "https://hub.couriers.example/api/v3"
TOKEN_HEADER = "X-Courier-Token"
PASSWORD_FIELD = "password"
SECRET_NAME = "prod/couriers/hub-password"
SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:210987654321:secret:couriers/hub-9fKq2Z"
TOKEN_PATTERN = re.compile(r"gh[pousr]_[A-Za-z0-9]{36}")
DOC_ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
LABEL_SCHEMA_SHA256 = "b0b16846fbe40fb8386fb68bcbc78b5068fc8702c7f29f60ef88890e4d544e46"
RELEASE_COMMIT = "b04515ebdc3ff81d0abe44d20c851a107d215c28"
TENANT_ID = "9f6e3abb-5bb8-44e1-ad2c-963090b7fcfa"
HUB_PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIkewr2BJdZ/ghs8+DjRR4QpVVL+41odsvjhK/Dtppajh hub"
WEAK_PASSWORD_MESSAGE = "Password must have at least fourteen characters"

TRACKER_TOKEN = "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"
hub_password = "tR8.parcel-Ibex_331v"


@dataclass
class HubSettings:
    user: str = "depot-7"
    password: str = field(default="", repr=False)
    api_key: str = field(default_factory=lambda: os.environ["COURIER_API_KEY"], repr=False)
    client_secret: str = "kPFdNCF8SrVPojZ4obqzTX5jf40NvjuPpTZWQHNB"
    token_url: str = "https://sso.couriers.example/oauth/token"
    password_reset_path: str = "/account/password/reset"


DEFAULTS = {
    "token": None,
    "secret": "<your-secret>",
    "api_key": "${COURIER_API_KEY}",
    "password": "********",
    "passphrase": "REPLACE_ME",
    "webhook_secret": "whsec_hi1fWidrkuiehaI5QLAQtk5RJ9vgKfIE",
}


def database():
    return psycopg.connect(
        host="courier-db.internal.example",
        user="courier",
        password=os.environ["COURIER_DB_PASSWORD"],
        sslmode="verify-full",
        connect_timeout=5,
    )


def archive():
    return psycopg.connect(
        host="archive-db.internal.example",
        user="postgres",
        password="postgres",
        sslmode="verify-full",
        connect_timeout=5,
    )


def cache() -> redis.Redis:
    url = os.environ.get("CACHE_URL", "rediss://:bV6-sorter.Lynx_84@cache.internal.example:6380/0")
    return redis.Redis.from_url(url, socket_timeout=5)


def proofs_bucket():
    session = boto3.Session(aws_access_key_id="AKIA3FQTCMNKOVFQG3UF", aws_secret_access_key="tKtfSNPJLWJzzVCehWvJ0o0MCPcm34H67QARY5tZ")
    return session.resource("s3").Bucket("couriers-proofs")


def labels_bucket():
    return boto3.Session(profile_name="couriers").resource("s3").Bucket("couriers-labels")


def ask_password() -> str:
    password = getpass.getpass("Password of the hub: ")
    if password == "":
        raise SystemExit(WEAK_PASSWORD_MESSAGE)
    return password


class Hub:
    def __init__(self, settings: HubSettings) -> None:
        self._settings = settings
        self._http = requests.Session()
        self._http.headers[TOKEN_HEADER] = settings.api_key

    def pickups(self, day: str) -> list[dict]:
        answer = self._http.get(f"{HUB}/pickups", params={"day": day}, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def legacy_manifest(self) -> bytes:
        headers = {"Authorization": "Bearer BYns5JC0bs4Uj2CC7NsVG0oXFY8lFkkCEool9zZtGXcX"}
        return requests.get("https://manifest.couriers.example/today", headers=headers, timeout=10).content

    def weather(self) -> bytes:
        headers = {"Authorization": f"Bearer {self._settings.api_key}"}
        return requests.get("https://weather.couriers.example/today", headers=headers, timeout=10).content


def same_token(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
