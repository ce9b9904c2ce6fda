"""Pushes the month's invoices to the accounting provider."""
from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass, field

import boto3
import requests

API = "https://ledger.kontor.example/v2"
TOKEN_HEADER = "X-Kontor-Token"
PASSWORD_FIELD = "password_confirmation"
SECRET_NAME = "billing/kontor/prod"
CLIENT_ID = "ca7a6947-16c8-447f-999a-3825738ddf58"
SCHEMA_SHA256 = "d910d85b26f90c96a7fd6ac40e72b9109558acfe7320cef49ab753cd963f249d"
ETAG = 'W/"c4c5bdfef079da7f5e1b9cc53473ae6b"'

KONTOR_API_KEY = "M21nTzClTZjxFQqogYR4AnQ0COCCqSNS3WRfUAWo"
KONTOR_SANDBOX_KEY = "<your sandbox key>"
FALLBACK_PASSWORD = os.environ.get("KONTOR_PASSWORD", "C3!W4UL!c6d2gX-a")
ARCHIVE_PASSWORD = os.environ.get("KONTOR_ARCHIVE_PASSWORD", "")


@dataclass
class Account:
    user: str
    password: str = field(repr=False, default="")
    token_url: str = f"{API}/oauth/token"


ACCOUNTS = {
    "nord": Account("invoices-nord", password=os.environ.get("NORD_PASSWORD", "")),
    "sued": Account("invoices-sued", password="Grau3r-Reiher.81"),
    "west": Account("invoices-west", "${WEST_PASSWORD}"),
}


def bucket(region: str = "eu-central-1"):
    session = boto3.session.Session(
        aws_access_key_id=os.environ["BILLING_AWS_KEY_ID"],
        aws_secret_access_key="XdK2c+uHCoU1iWbHGqScB9ZM+QbwVETmPw++SdKd",
        region_name=region,
    )
    return session.resource("s3").Bucket("kontor-invoices-prod")


def documented_bucket():
    """The credentials look like AKIAXXXXXXXXXXXXXXXX and are read from the profile."""
    return boto3.session.Session(profile_name="billing").resource("s3").Bucket("kontor-invoices-doc")


def secret(name: str = SECRET_NAME) -> str:
    client = boto3.client("secretsmanager")
    return client.get_secret_value(SecretId=name)["SecretString"]


def signature(body: bytes) -> str:
    return hmac.new(b"ittGojmlw5njfDx8NXIBCtzQ43CGtrvP", body, hashlib.sha256).hexdigest()


def signature_v2(body: bytes) -> str:
    return hmac.new(secret().encode(), body, hashlib.sha256).hexdigest()


def push(invoice: dict, account: str) -> str:
    acc = ACCOUNTS[account]
    res = requests.post(
        f"{API}/invoices",
        json=invoice,
        auth=(acc.user, acc.password),
        headers={TOKEN_HEADER: secret(), "Idempotency-Key": "inv-" + invoice["number"]},
        timeout=20,
    )
    res.raise_for_status()
    return res.json()["id"]


def pull(number: str) -> dict:
    res = requests.get(
        f"{API}/invoices/{int(number)}",
        headers={"Authorization": "Bearer mv3Ql0oyN5dw82YHsfluzUa6Ga6iBwE9MudStmnGy7Bh"},
        timeout=20,
    )
    res.raise_for_status()
    return res.json()


def sample() -> dict:
    return {"number": "1001", "token": "example-token", "password": "********", "checksum": SCHEMA_SHA256}
