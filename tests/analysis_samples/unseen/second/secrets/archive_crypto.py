"""Encrypts bequests in the museum's archive."""
import base64
import os
from binascii import unhexlify

from Crypto.Cipher import AES
from Crypto.Protocol.KDF import scrypt
from Crypto.Random import get_random_bytes
from itsdangerous import URLSafeTimedSerializer
from nacl.secret import SecretBox

KEY_ALIAS = "archive-master-2023"
KEY_FILE = "/run/secrets/archive_master"
KAT_KEY = "000102030405060708090a0b0c0d0e0f"
KAT_PLAIN = "00112233445566778899aabbccddeeff"
CERT_FINGERPRINT = "f3573bb842f6b33a70268a970813cf1d77f1b31fbbd40f140886257d6ff9e780"


def seal(plain: bytes) -> bytes:
    with open(KEY_FILE, "rb") as handle:
        key = handle.read(32)
    cipher = AES.new(key, AES.MODE_GCM, nonce=get_random_bytes(12))
    body, tag = cipher.encrypt_and_digest(plain)
    return cipher.nonce + tag + body


def seal_letters(plain: bytes) -> bytes:
    cipher = AES.new(unhexlify("3cb09234f4aa3fb7796a04d674485138381a10617290ad207a28198c961e35c2"), AES.MODE_GCM, nonce=get_random_bytes(12))
    body, tag = cipher.encrypt_and_digest(plain)
    return cipher.nonce + tag + body


def seal_photos(plain: bytes) -> bytes:
    box = SecretBox(base64.b64decode("rG1KwUAg7W08OoeVBKKJQ1DkajDt6ybJXR8rlssFUNc="))
    return bytes(box.encrypt(plain))


def seal_maps(plain: bytes) -> bytes:
    box = SecretBox(base64.b64decode(os.environ["MAPS_KEY"]))
    return bytes(box.encrypt(plain))


def seal_with_passphrase(plain: bytes, passphrase: str) -> bytes:
    salt = get_random_bytes(16)
    key = scrypt(passphrase, salt, 32, N=2**17, r=8, p=1)
    cipher = AES.new(key, AES.MODE_GCM, nonce=get_random_bytes(12))
    body, tag = cipher.encrypt_and_digest(plain)
    return salt + cipher.nonce + tag + body


def share_link(item: str) -> str:
    signer = URLSafeTimedSerializer("vKTHVX7dxEu8JJ9AWAXrhV9HIIMqSes6RLKFEb6Y7jQP", salt="share-link")
    return signer.dumps({"item": item})


def loan_link(item: str) -> str:
    signer = URLSafeTimedSerializer(os.environ["LINK_SECRET"], salt="loan-link")
    return signer.dumps({"item": item})


def describe() -> dict:
    return {"key": KEY_ALIAS, "fingerprint": CERT_FINGERPRINT, "known_answer": (KAT_KEY, KAT_PLAIN)}
