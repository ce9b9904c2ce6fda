"""Sealing of documents for a notary's archive."""
import os
from dataclasses import dataclass

from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.primitives import hashes, hmac, padding as block_padding
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dh, dsa, ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

RSA_BITS = 3072
SHORT_BITS = 1024
ARCHIVE_NONCE = b"notary-0001."


def derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(master)


@dataclass(frozen=True)
class Sealed:
    nonce: bytes
    body: bytes


def seal(key: bytes, document: bytes) -> Sealed:
    nonce = os.urandom(12)
    return Sealed(nonce, AESGCM(key).encrypt(nonce, document, None))


def seal_copy(key: bytes, document: bytes) -> Sealed:
    return Sealed(ARCHIVE_NONCE, AESGCM(key).encrypt(ARCHIVE_NONCE, document, None))


def seal_mobile(key: bytes, document: bytes, case: str) -> Sealed:
    nonce = os.urandom(12)
    return Sealed(nonce, ChaCha20Poly1305(key).encrypt(nonce, document, case.encode()))


def unseal(key: bytes, sealed: Sealed) -> bytes:
    return AESGCM(key).decrypt(sealed.nonce, sealed.body, None)


def seal_index(key: bytes, line: bytes) -> bytes:
    iv = os.urandom(16)
    padder = block_padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return iv + encryptor.update(padder.update(line) + padder.finalize()) + encryptor.finalize()


def seal_index_with_mac(master: bytes, line: bytes) -> bytes:
    iv = os.urandom(16)
    padder = block_padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(derive(master, b"enc")), modes.CBC(iv)).encryptor()
    text = iv + encryptor.update(padder.update(line) + padder.finalize()) + encryptor.finalize()
    mac = hmac.HMAC(derive(master, b"mac"), hashes.SHA256())
    mac.update(text)
    return text + mac.finalize()


def seal_register_entry(key: bytes, entry: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.ECB(), backend=default_backend())
    encryptor = cipher.encryptor()
    return encryptor.update(entry.ljust(32)) + encryptor.finalize()


def seal_for_old_reader(master: bytes, entry: bytes) -> bytes:
    iv = os.urandom(8)
    padder = block_padding.PKCS7(64).padder()
    old = Cipher(algorithms.TripleDES(derive(master, b"old")[:24]), modes.CBC(iv))
    encryptor = old.encryptor()
    text = iv + encryptor.update(padder.update(entry) + padder.finalize()) + encryptor.finalize()
    mac = hmac.HMAC(derive(master, b"old-mac"), hashes.SHA256())
    mac.update(text)
    return text + mac.finalize()


def seal_fax_header(key: bytes, header: bytes) -> bytes:
    return Cipher(algorithms.ARC4(key), mode=None).encryptor().update(header)


def signing_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def stamp_key():
    return rsa.generate_private_key(65537, SHORT_BITS)


def registry_key():
    return dsa.generate_private_key(key_size=1024)


def device_key():
    return ec.generate_private_key(ec.SECP192R1())


def office_key():
    return ec.generate_private_key(ec.SECP384R1())


def exchange_group(big: bool = True):
    if big:
        return dh.generate_parameters(generator=2, key_size=3072)
    return dh.generate_parameters(generator=2, key_size=1024)


def wrap_key(public_key, session_key: bytes) -> bytes:
    return public_key.encrypt(session_key, padding.PKCS1v15())


def wrap_key_oaep(public_key, session_key: bytes) -> bytes:
    scheme = padding.OAEP(mgf=padding.MGF1(algorithm=hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    return public_key.encrypt(session_key, scheme)


def sign(private_key, document: bytes) -> bytes:
    return private_key.sign(document, padding.PKCS1v15(), hashes.SHA256())


def sign_for_court(private_key, document: bytes) -> bytes:
    return private_key.sign(document, padding.PKCS1v15(), hashes.SHA1())


def sign_request(private_key, name: str) -> bytes:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    csr = builder.sign(private_key, hashes.SHA256())
    return csr.public_bytes(serialization.Encoding.PEM)


def fingerprint(document: bytes) -> bytes:
    digest = hashes.Hash(hashes.MD5())
    digest.update(document)
    return digest.finalize()


def fingerprint_long(document: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA3_256())
    digest.update(document)
    return digest.finalize()


def seal_note(note: str) -> bytes:
    return Fernet(b"bm90YXJ5LW5vdGUta2V5LWluLXRoZS1kcmF3ZXItMDE=").encrypt(note.encode())


def seal_note_with(key_file: str, note: str) -> bytes:
    with open(key_file, "rb") as stream:
        return Fernet(stream.read()).encrypt(note.encode())
