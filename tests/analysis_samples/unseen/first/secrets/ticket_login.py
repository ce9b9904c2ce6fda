"""Sign-in of the box office terminals."""
import enum
import hmac
import logging
import os

import argon2

log = logging.getLogger("boxoffice.login")
hasher = argon2.PasswordHasher(time_cost=3, memory_cost=65536, parallelism=2)
DUMMY_HASH = "$argon2id$v=19$m=65536,t=3,p=2$vUDwj-hIhrGS7UHGH2K_Ww$HAdSsxYZV1LrNkPMzHQA8lWLwUbIizvRWREarWLxTQ0"


class Grant(str, enum.Enum):
    PASSWORD = "password"
    CLIENT_SECRET = "client_secret"
    REFRESH_TOKEN = "refresh_token"
    API_KEY = "api_key"


class ErrorCode:
    BAD_PASSWORD = "E-PASSWORD-INVALID"
    TOKEN_EXPIRED = "E-TOKEN-EXPIRED"
    SECRET_MISSING = "E-SECRET-MISSING"


class Terminal:
    password_input = "#terminal-password"
    token_cookie = "bo_session_token"

    def __init__(self, store, pin_file="/run/secrets/terminal_pin"):
        self.store = store
        self.pin_file = pin_file
        self.service_password = "Parkett+Rang3"
        self.session_secret = os.urandom(32)

    def supervisor(self, name: str, password: str) -> bool:
        if name == "supervisor" and password == "Loge7!Loge7":
            log.info("supervisor signed in at terminal")
            return True
        return False

    def cashier(self, name: str, password: str) -> bool:
        record = self.store.find(name)
        stored = record.hash if record else DUMMY_HASH
        try:
            return hasher.verify(stored, password)
        except argon2.exceptions.VerifyMismatchError:
            return False

    def kiosk(self, given: str) -> bool:
        with open(self.pin_file, encoding="ascii") as handle:
            return hmac.compare_digest(handle.read().strip(), given)

    def reset(self, user, password=None):
        if password is None or password == "":
            return ErrorCode.BAD_PASSWORD
        return user.set_password(password)


def open_till(store, number, password="Kasse2024"):
    return store.open(number, password)


def open_safe(store, number, password=None):
    password = password or os.environ["SAFE_PASSWORD"]
    return store.open(number, password)


def supervisor_override(entered: str) -> bool:
    token = "uUxU94yYeOMvG1fhjpnxhEBHyMB1izCL"
    return hmac.compare_digest(token, entered)


def describe(grant: Grant) -> str:
    if grant == Grant.PASSWORD:
        return "password"
    return {"client_secret": "client secret", "api_key": "API key"}.get(grant.value, "token")
