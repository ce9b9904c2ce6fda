"""Envelopes for the sealed logbooks of the pilot station."""
import hashlib
import hmac
import os
import random
import secrets
from datetime import datetime, timedelta, timezone

from Crypto.Cipher import AES, ARC4, DES3, PKCS1_OAEP, PKCS1_v1_5, ChaCha20_Poly1305
from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Random import get_random_bytes
from Crypto.Util.Padding import pad, unpad
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, padding as block_padding
from cryptography.hazmat.primitives.asymmetric import dh, ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.x509.oid import NameOID

KEY_BITS = 3072
LEGACY_KEY_BITS = 1024
ZERO_IV = b"\x00" * 16


def seal(key: bytes, page: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, page, b"logbook")


def seal_numbered(key: bytes, page: bytes) -> bytes:
    return AESGCM(key).encrypt(b"pilot-log-01", page, None)


def seal_drawn(key: bytes, page: bytes) -> bytes:
    nonce = random.randbytes(12)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, page, None)


def seal_boxed(page: bytes) -> tuple[bytes, bytes]:
    key = Fernet.generate_key()
    return key, Fernet(key).encrypt(page)


def seal_with_dome(key: bytes, page: bytes) -> bytes:
    box = AES.new(key, AES.MODE_GCM, nonce=get_random_bytes(12))
    body, tag = box.encrypt_and_digest(page)
    return box.nonce + tag + body


def seal_stream(key: bytes, page: bytes) -> bytes:
    box = ChaCha20_Poly1305.new(key=key)
    body, tag = box.encrypt_and_digest(page)
    return box.nonce + tag + body


def seal_blocks(key: bytes, page: bytes) -> bytes:
    box = AES.new(key, AES.MODE_ECB)
    return box.encrypt(pad(page, 16))


def seal_chained(key: bytes, page: bytes) -> bytes:
    iv = get_random_bytes(16)
    box = AES.new(key, AES.MODE_CBC, iv)
    return iv + box.encrypt(pad(page, 16))


def seal_chained_and_tagged(key: bytes, mac_key: bytes, page: bytes) -> bytes:
    iv = get_random_bytes(16)
    body = iv + AES.new(key, AES.MODE_CBC, iv).encrypt(pad(page, 16))
    return body + hmac.new(mac_key, body, hashlib.sha256).digest()


def unseal_tagged(key: bytes, mac_key: bytes, blob: bytes) -> bytes:
    body, tag = blob[:-32], blob[-32:]
    if not hmac.compare_digest(tag, hmac.new(mac_key, body, hashlib.sha256).digest()):
        raise ValueError("seal broken")
    return unpad(AES.new(key, AES.MODE_CBC, body[:16]).decrypt(body[16:]), 16)


def seal_zero(key: bytes, page: bytes) -> bytes:
    padder = block_padding.PKCS7(128).padder()
    data = padder.update(page) + padder.finalize()
    enc = Cipher(algorithms.AES(key), modes.CBC(ZERO_IV)).encryptor()
    return enc.update(data) + enc.finalize()


def seal_for_buoy(key: bytes, page: bytes) -> bytes:
    return ARC4.new(key).encrypt(page)


def seal_for_lighthouse(key: bytes, page: bytes) -> bytes:
    box = DES3.new(key, DES3.MODE_EAX)
    body, tag = box.encrypt_and_digest(page)
    return box.nonce + tag + body


def new_station_key(legacy: bool = False):
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def new_buoy_key():
    return rsa.generate_private_key(65537, KEY_BITS // 2)


def new_dome_key():
    return RSA.generate(2048)


def new_dome_key_small():
    return RSA.generate(bits=LEGACY_KEY_BITS)


def new_curve_key():
    return ec.generate_private_key(ec.SECP256R1())


def new_tiny_curve_key():
    return ec.generate_private_key(ec.SECP192R1())


def new_group():
    return dh.generate_parameters(generator=2, key_size=1024)


def wrap_key(pub: rsa.RSAPublicKey, key: bytes) -> bytes:
    return pub.encrypt(key, padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None))


def wrap_key_old(pub: rsa.RSAPublicKey, key: bytes) -> bytes:
    return pub.encrypt(key, padding.PKCS1v15())


def wrap_dome(pub: RSA.RsaKey, key: bytes) -> bytes:
    return PKCS1_OAEP.new(pub, hashAlgo=SHA256).encrypt(key)


def wrap_dome_old(pub: RSA.RsaKey, key: bytes) -> bytes:
    return PKCS1_v1_5.new(pub).encrypt(key)


def sign_page(priv: rsa.RSAPrivateKey, page: bytes) -> bytes:
    return priv.sign(page, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def sign_page_old(priv: rsa.RSAPrivateKey, page: bytes) -> bytes:
    return priv.sign(page, padding.PKCS1v15(), hashes.SHA1())


def station_certificate(priv: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pilot.example")])
    now = datetime.now(timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(priv.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now)
    return builder.not_valid_after(now + timedelta(days=90)).sign(priv, hashes.SHA256())


def page_digest(page: bytes) -> str:
    return hashlib.md5(page).hexdigest()


def page_digest_named(page: bytes, name: str = "sha256") -> str:
    return hashlib.new("sha1", page).hexdigest()


def shard_of(page: bytes) -> int:
    return hashlib.md5(page, usedforsecurity=False).digest()[0]


def page_digest_strong(page: bytes) -> str:
    return hashlib.blake2b(page, digest_size=32).hexdigest()


def tide_noise() -> float:
    return random.gauss(0.0, 0.2)


def pairing_code() -> str:
    return secrets.token_urlsafe(24)
