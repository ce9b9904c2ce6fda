"""Client of the beekeeping association's registry."""
import base64
import hmac
import hashlib
import os
import secrets
from functools import lru_cache

import httpx
import jwt
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BASE = "https://registry.imker.example/api/v3"
ISSUER = "https://id.imker.example"
AUDIENCE = "hive-registry"
TIMEOUT = httpx.Timeout(10.0)

EMPTY_SHA256 = "ec55e39c5cda6e8741d5881079a880241848d7d18e261cf3b1139f052a9124ec"
PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsnFgscu17niZWpzCeNPU
myRtDdTIT5fhZDIquIdTawMienk+99BAm6AoRLqzWueoOWfCE56tGLZ+OAJ9VpBB
7BGCoOnOij3DPXLOzqRAZIeRv2dozbD9bw+OYLuXtq8inriEGGUHizL7pnPgwBbW
+wQY59h3VQ09TCsjZNeQPPM03GovTGQ95HXHfuZp5Jco1/tCS8ypke04qi2YYVJU
BLKQ3op+8YzCdt+6As1C6T/FCiFQesKM5l0mo9mJRwgQUQGF7vgju6zPab4MTBlE
77Z6/BfEEJaFPlbDcpK9PaOqES4JohkWKwZeim+zGs2rLTy1Eo2WUK9KHzJVflZs
wwIDAQAB
-----END PUBLIC KEY-----"""


@lru_cache
def vault_secret(path: str, key: str) -> str:
    reply = httpx.get(
        f"https://vault.imker.example:8200/v1/{path}",
        headers={"X-Vault-Token": os.environ["VAULT_TOKEN"]},
        timeout=TIMEOUT,
    )
    reply.raise_for_status()
    return reply.json()["data"]["data"][key]


def list_hives(region: str) -> list[dict]:
    reply = httpx.get(
        f"{BASE}/hives",
        params={"region": region},
        headers={
            "Authorization": "Basic cmVnaXN0cnk6QmllbmVuLVN0b2NrNw==",
            "X-Request-Id": secrets.token_hex(8),
        },
        timeout=TIMEOUT,
    )
    return reply.json()


def list_queens(region: str) -> list[dict]:
    token = vault_secret("secret/data/hives", "token")
    reply = httpx.get(f"{BASE}/queens", headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT)
    return reply.json()


def push_weights(rows: list[dict]) -> None:
    httpx.post(
        f"{BASE}/weights",
        json=rows,
        auth=("scale-gateway", "Waage#4711"),
        timeout=TIMEOUT,
    )


def push_temperatures(rows: list[dict]) -> None:
    httpx.post(f"{BASE}/temperatures", json=rows, auth=("scale-gateway", os.environ["GATEWAY_PASSWORD"]), timeout=TIMEOUT)


def console_state() -> dict:
    reply = httpx.get("https://console.imker.example/state", auth=("admin", "admin"), timeout=TIMEOUT)
    return reply.json()


def claims_of(token: str) -> dict:
    return jwt.decode(
        token,
        PUBLIC_KEY,
        algorithms=["RS256"],
        audience=AUDIENCE,
        issuer=ISSUER,
        options={"require": ["exp", "iss", "aud"]},
    )


def sign_export(payload: bytes) -> str:
    return hmac.new(b"NYOcFCTLY9qrvFbDywzrg1tkt5oqq18ex9d50pJLntIO", payload, hashlib.sha256).hexdigest()


def sign_invoice(payload: bytes) -> str:
    return hmac.new(vault_secret("secret/data/hives", "invoice").encode(), payload, hashlib.sha256).hexdigest()


def seal(plain: bytes) -> bytes:
    nonce = os.urandom(12)
    box = AESGCM(bytes.fromhex("7972287775dd44370e1d98bdd0e2dde7a7927495fbd852fbc4fe3de17ed6caa3"))
    return nonce + box.encrypt(nonce, plain, b"hive")


def seal_note(plain: bytes) -> bytes:
    return Fernet(os.environ["NOTE_KEY"]).encrypt(plain)


def fresh_key() -> str:
    return base64.b64encode(AESGCM.generate_key(bit_length=256)).decode()
