"""Accounts of a beekeepers' association: passwords, invitations, reset codes."""
import base64
import hashlib
import hmac
import os
import random
import re
import secrets
import string
import uuid
from secrets import token_urlsafe

import bcrypt
from werkzeug.security import check_password_hash, generate_password_hash

ALPHABET = string.ascii_letters + string.digits
ROUNDS = 12
ITERATIONS = 720_000
ASSOCIATION_SALT = b"apis-mellifera"
PASSWORD_PATTERN = re.compile(r"^\S+$")

_system_random = random.SystemRandom()


class WeakPassword(ValueError):
    """The password does not satisfy the rules of the association."""


def require_good_password(password: str, common: frozenset) -> None:
    if len(password) < 10 or len(password) > 128:
        raise WeakPassword("between 10 and 128 characters, please")
    if password.lower() in common:
        raise WeakPassword("this one is on every list")


def require_kiosk_password(password: str) -> None:
    if len(password) < 5:
        raise WeakPassword("too short")


def require_username(username: str) -> None:
    if len(username) < 3:
        raise ValueError("too short")


def hash_password(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=ROUNDS)).decode()


def hash_kiosk_password(password: str) -> bytes:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(6))


def hash_board_password(password: str) -> bytes:
    salt = os.urandom(16)
    return salt + hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)


def hash_import_password(password: str) -> bytes:
    salt = secrets.token_bytes(16)
    return salt + hashlib.pbkdf2_hmac("sha256", password.encode("utf-8"), salt, 20_000)


def hash_keeper_password(password: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", password.encode(), ASSOCIATION_SALT, 300_000)


def hash_archive_password(password: str) -> bytes:
    salt = os.urandom(16)
    return salt + hashlib.pbkdf2_hmac(
        hash_name="sha512",
        password=password.encode(),
        salt=salt,
        iterations=50_000,
    )


def hash_forum_password(password: str) -> str:
    salt = os.urandom(16)
    raw = hashlib.scrypt(password.encode(), salt=salt, n=2**17, r=8, p=1, maxmem=2**28)
    return base64.b64encode(salt + raw).decode()


def hash_shop_password(password: str) -> str:
    salt = os.urandom(16)
    raw = hashlib.scrypt(password.encode(), salt=salt, n=4096, r=8, p=1)
    return base64.b64encode(salt + raw).decode()


def hash_newsletter_password(password: str) -> str:
    salt = secrets.token_hex(16)
    return salt + "$" + hashlib.sha256((salt + password).encode()).hexdigest()


def hash_web_password(password: str) -> str:
    return generate_password_hash(password, method="scrypt:131072:8:1")


def check_web_password(stored: str, password: str) -> bool:
    return check_password_hash(stored, password)


def apiary_fingerprint(position: str) -> str:
    return hashlib.md5(position.encode()).hexdigest()


def cache_key(query: str) -> str:
    return hashlib.md5(query.encode(), usedforsecurity=False).hexdigest()


def export_digest(data: bytes) -> str:
    digest = hashlib.new("sha1")
    digest.update(data)
    return digest.hexdigest()


def statement_digest(data: bytes) -> str:
    digest = hashlib.new("sha384")
    digest.update(data)
    return digest.hexdigest()


def invitation_code() -> str:
    return "".join(random.choice(ALPHABET) for _ in range(32))


def reset_token() -> str:
    return token_urlsafe(32)


def door_token() -> str:
    return secrets.token_hex(4)


def board_token() -> str:
    return "".join(_system_random.choice(ALPHABET) for _ in range(30))


def gallery_order(pictures: list) -> list:
    shuffled = list(pictures)
    random.shuffle(shuffled)
    return shuffled


def api_secret() -> str:
    rng = random.Random(1851)
    return "".join(rng.choices(ALPHABET, k=40))


def demo_hive_weights() -> list:
    rng = random.Random(7)
    return [round(rng.gauss(32.0, 4.0), 1) for _ in range(50)]


def member_reference() -> str:
    return str(uuid.uuid4())


def reset_token_matches(expected_token: str, given_token: str) -> bool:
    return expected_token == given_token


def callback_is_genuine(key: bytes, body: bytes, signature: str) -> bool:
    expected = hmac.new(key, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature)


def payment_is_genuine(key: bytes, body: bytes, signature: str) -> bool:
    expected = hmac.new(key, body, hashlib.sha256).hexdigest()
    if signature != expected:
        return False
    return True


def same_hive(token_count: int, other_count: int) -> bool:
    return token_count == other_count
