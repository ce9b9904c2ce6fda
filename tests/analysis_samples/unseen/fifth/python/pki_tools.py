"""Small certificate authority of the model railway association."""
import argparse
import hashlib
import hmac
import random
import secrets
import zlib
from base64 import b64decode, b64encode
from datetime import datetime, timedelta, timezone
from hashlib import sha1, sha256
from secrets import SystemRandom

import ecdsa
import nacl.secret
import nacl.utils
import rsa as plain_rsa
from Cryptodome.Cipher import AES, CAST, DES, Blowfish, Salsa20
from Cryptodome.PublicKey import DSA, ECC
from Cryptodome.Util import Counter
from cryptography import x509
from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import URLSafeTimedSerializer
from OpenSSL import crypto as ossl

CURVES = {"signal": ec.SECP384R1(), "track": ec.SECP256R1()}
SIZES = dict(depot=4096, wagon=1024)
DIGESTS = {"fast": hashlib.blake2s, "slow": sha256}


def member_key(kind):
    if kind == "signal":
        return ec.generate_private_key(CURVES["signal"], default_backend())
    return ed25519.Ed25519PrivateKey.generate()


def depot_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=SIZES["depot"])


def wagon_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=SIZES["wagon"])


def shed_key():
    size = 2048
    if size < 4096:
        size *= 2
    key = ossl.PKey()
    key.generate_key(ossl.TYPE_RSA, size)
    return key


def siding_key():
    key = ossl.PKey()
    key.generate_key(ossl.TYPE_RSA, 1024)
    return key


def turntable_key():
    return dsa.generate_private_key(key_size=1024)


def buffer_key():
    return DSA.generate(2048)


def crane_key():
    return ECC.generate(curve="P-384")


def crane_key_small():
    return ECC.generate(curve="p192")


def lamp_key():
    return ecdsa.SigningKey.generate(curve=ecdsa.NIST256p, hashfunc=sha256)


def lamp_key_small():
    return ecdsa.SigningKey.generate(curve=ecdsa.SECP112r1, hashfunc=sha256)


def horn_key():
    return plain_rsa.newkeys(nbits=768)


def issue(csr: x509.CertificateSigningRequest, ca_key, ca: x509.Certificate, digest=hashes.SHA384()):
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(csr.subject)
        .issuer_name(ca.subject)
        .public_key(csr.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365))
        .sign(private_key=ca_key, algorithm=digest)
    )


def issue_old_style(cert: ossl.X509, key: ossl.PKey):
    cert.sign(key, "md5")
    return cert


def issue_new_style(cert: ossl.X509, key: ossl.PKey):
    cert.sign(key, "sha256")
    return cert


def hide(key: bytes, text: bytes) -> bytes:
    return nacl.secret.SecretBox(key).encrypt(text)


def hide_numbered(key: bytes, text: bytes) -> bytes:
    nonce = bytes(nacl.secret.SecretBox.NONCE_SIZE)
    return nacl.secret.SecretBox(key).encrypt(text, nonce)


def hide_counted(key: bytes, text: bytes) -> bytes:
    counter = Counter.new(64, prefix=secrets.token_bytes(8))
    return AES.new(key, AES.MODE_CTR, counter=counter).encrypt(text)


def hide_siv(key: bytes, text: bytes) -> tuple:
    return AES.new(key, AES.MODE_SIV, nonce=secrets.token_bytes(16)).encrypt_and_digest(text)


def hide_card(key: bytes, card: bytes) -> bytes:
    return DES.new(key, mode=DES.MODE_ECB).encrypt(card)


def hide_badge(key: bytes, badge: bytes) -> tuple:
    return CAST.new(key, CAST.MODE_EAX, nonce=secrets.token_bytes(16)).encrypt_and_digest(badge)


def hide_route(key: bytes, route: bytes) -> tuple:
    make = Blowfish.new
    return make(key, Blowfish.MODE_EAX, nonce=secrets.token_bytes(16)).encrypt_and_digest(route)


def hide_table(key: bytes, table: bytes) -> bytes:
    mode = modes.ECB()
    encryptor = Cipher(algorithms.AES(key), mode).encryptor()
    return encryptor.update(table) + encryptor.finalize()


def hide_whistle(key: bytes, tune: bytes) -> bytes:
    nonce = secrets.token_bytes(16)
    encryptor = Cipher(algorithms.AES256(key), modes.GCM(nonce)).encryptor()
    body = encryptor.update(tune) + encryptor.finalize()
    return nonce + encryptor.tag + body


def derive(master: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=secrets.token_bytes(16), info=info).derive(master)


def save_key(key, passphrase: bytes) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase),
    )


def old_mark(data: bytes) -> str:
    return sha1(data).hexdigest()


def old_marks(chunks) -> str:
    digest = hashlib.new("md5")
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def mark(data: bytes) -> str:
    digest = DIGESTS["slow"]
    return digest(data).hexdigest()


def bucket(data: bytes) -> str:
    return sha1(data, usedforsecurity=False).hexdigest()[:2]


def crc(data: bytes) -> int:
    return zlib.crc32(data)


def link_signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="member-link")


def verify_seal(key: bytes, data: bytes, seal: str) -> bool:
    own = b64encode(hmac.digest(key, data, "sha256")).decode()
    if own == seal:
        return True
    return False


def verify_seal_steadily(key: bytes, data: bytes, seal: str) -> bool:
    return hmac.compare_digest(hmac.digest(key, data, "sha256"), b64decode(seal))


def one_time_password() -> str:
    generator = random.Random()
    return "".join(generator.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=26))


def one_time_password_system() -> str:
    generator = SystemRandom()
    return "".join(generator.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=26))


def paint_wagons(colours: list[str]) -> list[str]:
    return random.sample(colours, 3)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--key-size", type=int, default=1024, help="columns of the printed card, not of a key")
    print(parser.parse_args().key_size)
