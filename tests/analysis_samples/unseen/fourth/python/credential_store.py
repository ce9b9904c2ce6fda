"""Where the members of the climbing hall keep their sign-in secrets."""
import base64
import hashlib
import hmac
import os
import re
import secrets
import stat
import tempfile
from pathlib import Path

import bcrypt
from argon2 import PasswordHasher
from argon2.low_level import Type
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from passlib.context import CryptContext
from passlib.hash import md5_crypt, pbkdf2_sha256

ROUNDS = 600_000
OLD_ROUNDS = 20_000
HALL_SALT = b"boulder-wall"
PASSWORD_PLACEHOLDER = "choose a password"

hasher = PasswordHasher()
small_hasher = PasswordHasher(time_cost=2, memory_cost=4096, parallelism=1)
large_hasher = PasswordHasher(time_cost=3, memory_cost=128 * 1024, parallelism=2, type=Type.ID)
context = CryptContext(schemes=["argon2", "bcrypt"], deprecated="auto")
old_context = CryptContext(schemes=["argon2", "md5_crypt"])


def digest_fast(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def digest_salted(password: str) -> str:
    salt = os.urandom(16)
    hashed_password = hashlib.sha512(salt + password.encode()).digest()
    return (salt + hashed_password).hex()


def digest_bcrypt(password: str) -> bytes:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt())


def digest_bcrypt_cheap(password: str) -> bytes:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=6))


def digest_bcrypt_dear(password: str) -> bytes:
    cost = 13
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost))


def digest_pbkdf2(password: str) -> bytes:
    salt = secrets.token_bytes(16)
    return salt + hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)


def digest_pbkdf2_short(password: str) -> bytes:
    salt = secrets.token_bytes(16)
    return salt + hashlib.pbkdf2_hmac("sha256", password.encode(), salt, OLD_ROUNDS)


def digest_pbkdf2_one_salt(password: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", password.encode(), HALL_SALT, 250_000)


def digest_pbkdf2_long(password: str) -> bytes:
    salt = os.urandom(16)
    kdf = PBKDF2HMAC(algorithm=hashes.SHA512(), length=32, salt=salt, iterations=220_000)
    return salt + kdf.derive(password.encode())


def digest_pbkdf2_weak(password: str) -> bytes:
    salt = os.urandom(16)
    kdf = PBKDF2HMAC(hashes.SHA512(), 32, salt, 10_000)
    return salt + kdf.derive(password.encode())


def digest_scrypt(password: str) -> bytes:
    salt = os.urandom(16)
    return salt + hashlib.scrypt(password.encode(), salt=salt, n=2**17, r=8, p=1, maxmem=256 * 1024 * 1024)


def digest_scrypt_small(password: str) -> bytes:
    salt = os.urandom(16)
    return salt + hashlib.scrypt(password.encode(), salt=salt, n=1 << 12, r=8, p=1)


def digest_scrypt_lib(password: str) -> bytes:
    salt = os.urandom(16)
    return salt + Scrypt(salt=salt, length=32, n=4096, r=8, p=1).derive(password.encode())


def digest_passlib(password: str) -> str:
    return pbkdf2_sha256.using(rounds=700_000).hash(password)


def digest_crypt(password: str) -> str:
    return md5_crypt.hash(password)


def photo_checksum(photo: bytes) -> str:
    return hashlib.sha256(photo).hexdigest()


def check_bcrypt(password: str, stored: bytes) -> bool:
    return bcrypt.checkpw(password.encode(), stored)


def check_hmac(message: bytes, signature: bytes, key: bytes) -> bool:
    expected = hmac.new(key, message, hashlib.sha256).digest()
    return signature == expected


def check_hmac_steady(message: bytes, signature: bytes, key: bytes) -> bool:
    expected = hmac.new(key, message, hashlib.sha256).digest()
    return hmac.compare_digest(signature, expected)


def acceptable(password: str) -> bool:
    return 12 <= len(password) <= 128


def acceptable_at_kiosk(password: str) -> bool:
    if len(password) < 4:
        return False
    return True


def nickname_ok(nickname: str) -> bool:
    return 3 <= len(nickname) <= 20 and re.fullmatch(r"\w+", nickname) is not None


def write_key(path: Path, key: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as fh:
        fh.write(base64.b64encode(key))


def share_wall_plan(path: Path) -> None:
    path.chmod(0o777)
    path.parent.chmod(0o750)


def open_dropbox(path: str) -> None:
    os.chmod(path, stat.S_IRUSR | stat.S_IWUSR | stat.S_IWOTH)


def open_umask() -> None:
    os.umask(0o000)


def close_umask() -> None:
    os.umask(0o077)


def export_members(rows: list[str]) -> str:
    name = tempfile.mktemp(suffix=".csv")
    with open(name, "w") as fh:
        fh.writelines(rows)
    return name


def export_members_safely(rows: list[str]) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as fh:
        fh.writelines(rows)
    return fh.name


def export_lock() -> None:
    with open("/tmp/climbing-members.lock", "w") as fh:
        fh.write(str(os.getpid()))
