"""Seals exhibits of the customs laboratory and carries them between sites."""
import ftplib
import hmac
import os
import pathlib
import smtplib
import ssl
import stat
import tempfile
from hashlib import sha256
from os import chmod

import paramiko
from Crypto.Cipher import AES, ARC4, PKCS1_v1_5, PKCS1_OAEP
from Crypto.PublicKey import RSA as PyRSA
from Crypto.Util.Padding import pad
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

ZERO_NONCE = b"\x00" * 12
STATE_DIR = pathlib.Path("/var/lib/evidence")
KEY_BITS = {"field": 1024, "lab": 3072}


class Sealer:
    def __init__(self, key: bytes):
        if len(key) != 32:
            raise ValueError("need 256 bits")
        self._key = key

    def seal(self, exhibit: bytes, number: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + AESGCM(self._key).encrypt(nonce, exhibit, number.encode())

    def seal_again(self, exhibit: bytes, number: str) -> bytes:
        return AESGCM(self._key).encrypt(ZERO_NONCE, exhibit, number.encode())

    def seal_field(self, exhibit: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + ChaCha20Poly1305(self._key).encrypt(nonce, exhibit, None)

    def seal_stream(self, exhibit: bytes) -> bytes:
        iv = os.urandom(16)
        enc = Cipher(algorithms.AES(self._key), modes.CTR(iv)).encryptor()
        return iv + enc.update(exhibit) + enc.finalize()

    def seal_photo(self, photo: bytes) -> bytes:
        cipher = AES.new(self._key, AES.MODE_GCM)
        body, tag = cipher.encrypt_and_digest(photo)
        return cipher.nonce + tag + body

    def seal_blocks(self, sheet: bytes, mac_key: bytes) -> bytes:
        cipher = AES.new(self._key, AES.MODE_ECB)
        body = cipher.encrypt(pad(sheet, 16))
        return body + hmac.new(mac_key, body, sha256).digest()

    def seal_radio(self, line: bytes) -> bytes:
        return ARC4.new(self._key[:16]).encrypt(line)


def demo_label(text: bytes) -> bytes:
    return Fernet(b"c3VwZXItbGFiLXNlYWwta2V5LTIwMjQtZXhoaWJpdHM=").encrypt(text)


def label(text: bytes) -> bytes:
    return Fernet(os.environ["LABEL_KEY"]).encrypt(text)


def make_field_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS["field"])


def make_lab_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS["lab"])


def make_scanner_key():
    return ec.generate_private_key(ec.SECP192R1())


def make_scale_key():
    return ec.generate_private_key(ec.SECP256R1())


def make_archive_key():
    return dsa.generate_private_key(1024)


def sign(private_key, report: bytes) -> bytes:
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.MAX_LENGTH)
    return private_key.sign(report, pss, hashes.SHA256())


def sign_for_archive(private_key, report: bytes) -> bytes:
    return private_key.sign(report, padding.PKCS1v15(), hashes.SHA1())


def wrap(public_pem: str, data_key: bytes) -> bytes:
    return PKCS1_OAEP.new(PyRSA.import_key(public_pem)).encrypt(data_key)


def wrap_for_old_lab(public_pem: str, data_key: bytes) -> bytes:
    return PKCS1_v1_5.new(PyRSA.import_key(public_pem)).encrypt(data_key)


def write_key(key) -> pathlib.Path:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    target = STATE_DIR / "signing.key"
    target.touch(mode=0o600)
    target.write_bytes(pem)
    target.chmod(0o644)
    return target


def prepare_dropbox(path: str) -> None:
    os.makedirs(path, mode=0o750, exist_ok=True)
    chmod(path, stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO)


def prepare_private(path: str) -> None:
    os.umask(0o077)
    os.makedirs(path, exist_ok=True)
    chmod(path, stat.S_IRWXU)


def before_fork() -> None:
    os.umask(0)


def spool(data: bytes) -> str:
    with open("/tmp/customs-spool.bin", "wb") as fh:
        fh.write(data)
        return fh.name


def spool_named(data: bytes) -> str:
    name = tempfile.mktemp(suffix=".bin")
    pathlib.Path(name).write_bytes(data)
    return name


def spool_safe(data: bytes) -> str:
    with tempfile.NamedTemporaryFile(prefix="customs-", suffix=".bin", delete=False) as fh:
        fh.write(data)
    return fh.name


def courier(host: str) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(host, username="courier", timeout=15)
    return client


def courier_new_site(host: str) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy)
    client.connect(host, username="courier", timeout=15)
    return client


def deposit(path: str) -> None:
    with ftplib.FTP("drop.customs.example", timeout=30) as ftp:
        ftp.login("lab", os.environ["DROP_PASSWORD"])
        with open(path, "rb") as fh:
            ftp.storbinary("STOR exhibit.bin", fh)


def notify(text: str) -> None:
    with smtplib.SMTP("mail.customs.example", 587, timeout=20) as relay:
        relay.starttls(context=ssl.create_default_context())
        relay.sendmail("lab@customs.example", ["desk@customs.example"], text)
