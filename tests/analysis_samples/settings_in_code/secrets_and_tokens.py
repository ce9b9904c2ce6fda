"""Tokens, hashes, ciphers, passwords."""

import hashlib
import hmac
import os
import random
import secrets
import string
import uuid

import bcrypt
import jwt
from Crypto.Cipher import AES, DES3
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

ALPHABET = string.ascii_letters + string.digits


def reset_token():
    return "".join(random.choice(ALPHABET) for _ in range(32))


def session_id():
    session_id = str(random.getrandbits(128))
    return session_id


def otp():
    code = random.randint(100000, 999999)
    return code


def token():
    return secrets.token_urlsafe(32)


def jitter(delay):
    return delay * random.uniform(0.5, 1.5)


def shuffled(deck):
    random.shuffle(deck)
    return deck


def sign(body, key):
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def digest(document):
    return hashlib.md5(document).hexdigest()


def fingerprint_of(document):
    return hashlib.new("sha1", document).hexdigest()


def checksum(path):
    with open(path, "rb") as file:
        return hashlib.md5(file.read(), usedforsecurity=False).hexdigest()


def cache_key(parts):
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def encrypt(key, text):
    cipher = AES.new(key, AES.MODE_ECB)
    return cipher.encrypt(text)


def encrypt_well(key, text):
    cipher = AES.new(key, AES.MODE_GCM)
    return cipher.encrypt_and_digest(text)


def encrypt_old(key, iv, text):
    return DES3.new(key, DES3.MODE_CBC, iv).encrypt(text)


def encrypt_fixed(key, text):
    return Cipher(algorithms.AES(key), modes.CBC(b"0000000000000000")).encryptor().update(text)


def keys():
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    good = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    return small, good


def wrap(public_key, data):
    public_key.encrypt(data, padding.PKCS1v15())
    return public_key.encrypt(data, padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None))


def stored(password):
    salt = os.urandom(16)
    weak = hashlib.pbkdf2_hmac("sha256", password, salt, 1000)
    fine = hashlib.pbkdf2_hmac("sha256", password, salt, 600_000)
    kdf = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=salt, iterations=10_000)
    return weak, fine, kdf, bcrypt.hashpw(password, bcrypt.gensalt(12)), bcrypt.hashpw(password, bcrypt.gensalt(4))


def claims(token, key):
    unchecked = jwt.decode(token, options={"verify_signature": False})
    none = jwt.decode(token, key, algorithms=["HS256", "none"])
    eternal = jwt.decode(token, key, algorithms=["HS256"], options={"verify_exp": False})
    good = jwt.decode(token, key, algorithms=["RS256"], audience="api", issuer="https://id.example.com")
    return unchecked, none, eternal, good


def request_id():
    return uuid.uuid4().hex
