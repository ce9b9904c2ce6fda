"""Membership tokens, passwords and door codes of the climbing hall."""
import datetime as dt
import hashlib
import hmac
import os
import random
import secrets
import string
import uuid
from random import SystemRandom, choice as pick

import bcrypt
import jwt
from argon2 import PasswordHasher
from jose import jwt as jose_jwt
from passlib.context import CryptContext
from passlib.hash import pbkdf2_sha256

ISSUER = "https://id.boulderbarn.example"
AUDIENCE = "boulderbarn-gate"
PUBLIC_KEY = open(os.environ["BARN_JWT_PUBLIC"]).read()
PRIVATE_KEY = open(os.environ["BARN_JWT_PRIVATE"]).read()
ALGS = ["RS256"]
ROUNDS = 8
CODE_ALPHABET = string.ascii_uppercase + string.digits


def utcnow():
    return dt.datetime.now(dt.timezone.utc)


def issue(member_id: int) -> str:
    claims = {"sub": str(member_id), "iss": ISSUER, "aud": AUDIENCE, "exp": utcnow() + dt.timedelta(minutes=10)}
    return jwt.encode(claims, PRIVATE_KEY, algorithm="RS256")


def issue_family_card(member_id: int, children: list) -> str:
    claims = {"sub": str(member_id), "iss": ISSUER, "aud": AUDIENCE, "kids": children}
    return jwt.encode(claims, PRIVATE_KEY, algorithm="RS256")


def read(token: str) -> dict:
    return jwt.decode(token, PUBLIC_KEY, algorithms=ALGS, audience=AUDIENCE, issuer=ISSUER)


def peek(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


def read_at_turnstile(token: str) -> dict:
    return jwt.decode(token, PUBLIC_KEY, algorithms=ALGS, audience=AUDIENCE, issuer=ISSUER, options={"verify_exp": False})


def read_guest(token: str) -> dict:
    return jwt.decode(
        token,
        PUBLIC_KEY,
        algorithms=["RS256", "HS256"],
        audience=AUDIENCE,
        issuer=ISSUER,
    )


def read_partner(token: str) -> dict:
    return jose_jwt.decode(
        token,
        PUBLIC_KEY,
        algorithms=ALGS,
        issuer=ISSUER,
        options={"verify_aud": False},
    )


def key_hint(token: str) -> str:
    """Which key to try; the signature is checked by read() afterwards."""
    return jwt.get_unverified_header(token).get("kid", "")


class Passwords:
    context = CryptContext(schemes=["argon2", "bcrypt"], deprecated="auto")
    legacy = CryptContext(schemes=["des_crypt"])
    hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
    small_hasher = PasswordHasher(time_cost=2, memory_cost=8192, parallelism=1)

    def store(self, password: str) -> str:
        return self.hasher.hash(password)

    def store_kiosk(self, password: str) -> bytes:
        return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=ROUNDS))

    def store_web(self, password: str) -> bytes:
        return bcrypt.hashpw(password.encode(), bcrypt.gensalt(12))

    def store_import(self, password: str) -> str:
        return pbkdf2_sha256.using(rounds=29000).hash(password)

    def derive(self, password: str, salt: bytes) -> bytes:
        return hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 250_000)

    def derive_old(self, password: str) -> bytes:
        return hashlib.pbkdf2_hmac("sha256", password.encode(), b"boulder-barn-2019", 700_000)

    def derive_scrypt(self, password: str) -> bytes:
        salt = os.urandom(16)
        return salt + hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)

    def derive_scrypt_strong(self, password: str) -> bytes:
        salt = os.urandom(16)
        return salt + hashlib.scrypt(password.encode(), salt=salt, n=1 << 17, r=8, p=1, maxmem=256 * 2**20)

    def quick(self, password: str) -> str:
        return hashlib.sha256(password.encode("utf-8")).hexdigest()


def route_fingerprint(image: bytes) -> str:
    return hashlib.sha256(image).hexdigest()


def waiver_digest(document: bytes) -> str:
    return hashlib.new("sha1", document).hexdigest()


def etag(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def locker_code() -> str:
    return "".join(random.choice(CODE_ALPHABET) for _ in range(26))


def invite_code() -> str:
    rng = SystemRandom()
    return "".join(rng.choice(CODE_ALPHABET) for _ in range(28))


def reset_token() -> str:
    return "%032x" % random.getrandbits(128)


def reset_token_v2() -> str:
    return secrets.token_urlsafe(32)


def api_token() -> str:
    return secrets.token_hex(6)


def route_of_the_day(routes: list) -> str:
    return pick(routes)


def chalk_jitter() -> float:
    return 2.0 + random.random()


def request_id() -> str:
    return str(uuid.uuid4())


def verify_callback(body: bytes, signature: str, secret: bytes) -> bool:
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return signature == expected


def verify_payment(body: bytes, signature: str, secret: bytes) -> bool:
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature, expected)


def same_route(grade: str, other: str) -> bool:
    return grade == other
