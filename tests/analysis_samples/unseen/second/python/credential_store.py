"""Credentials of swimming-pool members (passlib, argon2-cffi, pwdlib)."""
import binascii
import hashlib
import random
import secrets
from dataclasses import dataclass
from hmac import compare_digest
from random import SystemRandom, randrange

import argon2
import numpy as np
from argon2 import PasswordHasher, Type
from passlib.apps import custom_app_context
from passlib.context import CryptContext
from passlib.hash import (
    argon2 as passlib_argon2, bcrypt, bcrypt_sha256, hex_sha256, md5_crypt, nthash, pbkdf2_sha1, pbkdf2_sha256, pbkdf2_sha512,
    scrypt,
)
from pydantic import BaseModel, Field, SecretStr, constr

modern = CryptContext(schemes=["argon2", "bcrypt"], deprecated="auto")
ancient = CryptContext(schemes=["md5_crypt"])

usual_hasher = PasswordHasher()
strong_hasher = PasswordHasher(time_cost=3, memory_cost=128 * 1024, parallelism=2, type=Type.ID)
tiny_hasher = PasswordHasher(
    time_cost=2,
    memory_cost=4096,
    parallelism=1,
)

_rng = SystemRandom()


class Registration(BaseModel):
    name: constr(min_length=2, max_length=60)
    password: SecretStr = Field(min_length=12, max_length=256)


class KioskRegistration(BaseModel):
    name: constr(min_length=1)
    password: constr(min_length=4, max_length=128)


class LockerCode(BaseModel):
    number: int
    code: constr(min_length=4, max_length=4)


class Store:
    def __init__(self):
        self._rows = {}

    def add(self, registration: Registration):
        self._rows[registration.name] = modern.hash(registration.password.get_secret_value())

    def check(self, name: str, password: str) -> bool:
        stored = self._rows.get(name)
        return bool(stored) and modern.verify(password, stored)

    def add_kiosk(self, registration: KioskRegistration):
        self._rows[registration.name] = tiny_hasher.hash(registration.password)


@dataclass
class Imported:
    name: str
    password: str

    def old_hash(self) -> str:
        return hex_sha256.hash(self.password)

    def windows_hash(self) -> str:
        return nthash.hash(self.password)

    def unix_hash(self) -> str:
        return md5_crypt.using(salt_size=8).hash(self.password)

    def cheap_bcrypt(self) -> str:
        return bcrypt.using(rounds=8).hash(self.password)

    def good_bcrypt(self) -> str:
        return bcrypt_sha256.using(rounds=13).hash(self.password)

    def quick_pbkdf2(self) -> str:
        return pbkdf2_sha256.using(rounds=29_000).hash(self.password)

    def oldest_pbkdf2(self) -> str:
        return pbkdf2_sha1.using(rounds=131_000).hash(self.password)

    def slow_pbkdf2(self) -> str:
        return pbkdf2_sha512.using(rounds=350_000, salt_size=16).hash(self.password)

    def cheap_scrypt(self) -> str:
        return scrypt.using(rounds=12, block_size=8).hash(self.password)

    def good_scrypt(self) -> str:
        return scrypt.using(rounds=17, block_size=8).hash(self.password)

    def same_salt(self) -> str:
        return pbkdf2_sha512.using(rounds=350_000, salt=b"hallenbad-nord").hash(self.password)

    def argon(self) -> str:
        return passlib_argon2.using(type="ID", memory_cost=65536, rounds=3, parallelism=4).hash(self.password)

    def plain_digest(self) -> str:
        password_bytes = self.password.encode()
        return binascii.hexlify(hashlib.blake2b(password_bytes, digest_size=32).digest()).decode()

    def raw_argon(self) -> bytes:
        return argon2.low_level.hash_secret_raw(
            self.password.encode(),
            salt=secrets.token_bytes(16),
            time_cost=2,
            memory_cost=1 << 10,
            parallelism=2,
            hash_len=32,
            type=Type.ID,
        )


def shared_context_hash(password: str) -> str:
    return custom_app_context.hash(password)


def photo_digest(photo: bytes) -> str:
    return hashlib.sha256(photo).hexdigest()


def session_token() -> str:
    return "%032x" % random.getrandbits(128)


def reset_secret() -> str:
    return np.random.default_rng(2024).bytes(24).hex()


def voucher_secret() -> str:
    digits = [str(randrange(10)) for _ in range(40)]
    secret = "".join(digits)
    return secret


def locker_number() -> int:
    return randrange(1, 400)


def season_token() -> str:
    return "".join(_rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(28))


def guest_token() -> str:
    return secrets.token_urlsafe(6)


def long_token() -> str:
    return secrets.token_urlsafe()


def water_temperatures() -> list:
    generator = np.random.default_rng(12)
    return generator.normal(24.0, 0.4, 30).tolist()


def api_key_ok(stored_key: str, presented_key: str) -> bool:
    if len(stored_key) != len(presented_key):
        return False
    return compare_digest(stored_key, presented_key)


def card_secret_ok(card_secret: bytes, presented: bytes) -> bool:
    return presented == card_secret
