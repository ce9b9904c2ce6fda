"""Encrypts the film scans of a cinema archive with PyCryptodome and PyNaCl."""
import secrets
from base64 import b64encode

import nacl.secret
import nacl.utils
from Crypto.Cipher import AES, ARC4, DES3, PKCS1_OAEP, PKCS1_v1_5, Blowfish, ChaCha20_Poly1305
from Crypto.Hash import HMAC, MD5, SHA1, SHA256, SHA512
from Crypto.Protocol.KDF import PBKDF2, scrypt
from Crypto.PublicKey import DSA, ECC, RSA
from Crypto.Random import get_random_bytes
from Crypto.Signature import DSS, pkcs1_15, pss
from Crypto.Util import Counter
from Crypto.Util.Padding import pad

REEL_KEY_BITS = 2048
MODES = {"fast": AES.MODE_ECB, "good": AES.MODE_GCM}


class ReelBox:
    """Authenticated container of one reel."""

    def __init__(self, key: bytes):
        self._key = key

    def close(self, scan: bytes) -> bytes:
        cipher = AES.new(self._key, AES.MODE_GCM, nonce=get_random_bytes(12))
        body, tag = cipher.encrypt_and_digest(scan)
        return cipher.nonce + tag + body

    def close_eax(self, scan: bytes) -> bytes:
        cipher = AES.new(self._key, AES.MODE_EAX)
        body, tag = cipher.encrypt_and_digest(scan)
        return cipher.nonce + tag + body

    def close_stream(self, scan: bytes) -> bytes:
        cipher = ChaCha20_Poly1305.new(key=self._key)
        body, tag = cipher.encrypt_and_digest(scan)
        return cipher.nonce + tag + body

    def close_repeatable(self, scan: bytes) -> bytes:
        cipher = AES.new(self._key, AES.MODE_GCM, nonce=b"cinema-reel1")
        body, tag = cipher.encrypt_and_digest(scan)
        return tag + body


class ThumbnailBox(ReelBox):
    def close_fast(self, scan: bytes) -> bytes:
        cipher = AES.new(self._key, MODES["fast"])
        return cipher.encrypt(pad(scan, AES.block_size))

    def close_cbc(self, scan: bytes) -> bytes:
        iv = get_random_bytes(16)
        return iv + AES.new(self._key, AES.MODE_CBC, iv).encrypt(pad(scan, 16))

    def close_ctr(self, scan: bytes) -> bytes:
        counter = Counter.new(64, prefix=get_random_bytes(8))
        return AES.new(self._key, AES.MODE_CTR, counter=counter).encrypt(scan)

    def close_cbc_signed(self, scan: bytes, mac_key: bytes) -> bytes:
        iv = get_random_bytes(16)
        text = iv + AES.new(self._key, AES.MODE_CBC, iv=iv).encrypt(pad(scan, 16))
        return text + HMAC.new(mac_key, text, digestmod=SHA256).digest()


def close_for_projector(key: bytes, mac_key: bytes, scan: bytes) -> bytes:
    iv = get_random_bytes(DES3.block_size)
    text = iv + DES3.new(key, DES3.MODE_CBC, iv).encrypt(pad(scan, 8))
    return text + HMAC.new(mac_key, text, SHA256).digest()


def close_for_lobby(key: bytes, text: bytes) -> bytes:
    return ARC4.new(key, drop=768).encrypt(text)


def close_for_kiosk(key: bytes, mac_key: bytes, text: bytes) -> bytes:
    iv = get_random_bytes(8)
    body = iv + Blowfish.new(key, Blowfish.MODE_CBC, iv).encrypt(pad(text, 8))
    return body + HMAC.new(mac_key, body, SHA256).digest()


def close_poster(poster: bytes) -> bytes:
    cipher = AES.new(b"panorama-16-mm-k", AES.MODE_GCM, nonce=get_random_bytes(12))
    body, tag = cipher.encrypt_and_digest(poster)
    return cipher.nonce + tag + body


def close_with_nacl(poster: bytes) -> bytes:
    box = nacl.secret.SecretBox(nacl.utils.random(nacl.secret.SecretBox.KEY_SIZE))
    return box.encrypt(poster)


def wrap(public: RSA.RsaKey, key: bytes) -> bytes:
    return PKCS1_OAEP.new(public, hashAlgo=SHA256).encrypt(key)


def wrap_for_distributor(public: RSA.RsaKey, key: bytes) -> bytes:
    return PKCS1_v1_5.new(public).encrypt(key)


def cinema_keys():
    return {
        "archive": RSA.generate(4096),
        "reel": RSA.generate(REEL_KEY_BITS),
        "lobby": RSA.generate(1024),
        "poster": DSA.generate(1024),
        "ticket": ECC.generate(curve="p256"),
        "turnstile": ECC.generate(curve="p192"),
    }


def sign(private: RSA.RsaKey, reel: bytes) -> bytes:
    return pss.new(private).sign(SHA256.new(reel))


def sign_for_distributor(private: RSA.RsaKey, reel: bytes) -> bytes:
    return pkcs1_15.new(private).sign(SHA1.new(reel))


def sign_ticket(private: ECC.EccKey, ticket: bytes) -> bytes:
    return DSS.new(private, "fips-186-3").sign(SHA512.new(ticket))


def reel_number(scan: bytes) -> str:
    return MD5.new(scan).hexdigest()


def reel_digest(scan: bytes) -> str:
    digest = SHA256.new()
    digest.update(scan)
    return digest.hexdigest()


def key_from_passphrase(passphrase: str, salt: bytes) -> bytes:
    return PBKDF2(passphrase, salt, dkLen=32, count=10_000, hmac_hash_module=SHA256)


def key_from_passphrase_512(passphrase: str, salt: bytes) -> bytes:
    return PBKDF2(passphrase, salt, 32, count=400_000, hmac_hash_module=SHA512)


def key_from_passphrase_scrypt(passphrase: str, salt: bytes) -> bytes:
    return scrypt(passphrase, salt, key_len=32, N=2**13, r=8, p=1)


def key_from_strong_scrypt(passphrase: str) -> tuple:
    salt = get_random_bytes(16)
    return salt, scrypt(passphrase, salt, 32, N=2**18, r=8, p=1)


def key_of_curator(passphrase: str) -> bytes:
    return scrypt(passphrase, "cinematheque", 32, N=2**17, r=8, p=1)


def new_key() -> str:
    return b64encode(secrets.token_bytes(32)).decode()
