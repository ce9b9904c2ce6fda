"""Settings of the freight booking service."""
import os
from dataclasses import dataclass, field
from pathlib import Path

SERVICE = "freight-booking"
BUILD_COMMIT = "c59a542dd280b2d3167d4056be7f105cd2a875c9"
SCHEMA_CHECKSUM = "sha256:57b1061c802e1053c646abe9805cd397ac494c016d50739d160f16cf2f26f805"
TENANT_ID = "d7fdf7fc-fc28-4807-a771-e6eeb78b4c5b"

PASSWORD_FIELD = "password"
PASSWORD_MIN_LENGTH = 14
PASSWORD_PATTERN = r"^(?=.*[A-Z])(?=.*\d)(?=.*[!?#]).{14,128}$"
TOKEN_HEADER = "X-Freight-Token"
API_KEY_NAME = "carrier_api_key"
SECRET_PATH = "kv/data/freight/booking"
ACCESS_TOKEN_URL = "https://id.carrier.example/oauth/token"


def from_file(name: str) -> str:
    return Path("/run/secrets", name).read_text(encoding="utf-8").strip()


class Base:
    db_password = os.environ["FREIGHT_DB_PASSWORD"]
    api_key = from_file("carrier_api_key")
    secret_name = "freight/booking/signing"
    session_token_ttl = 900


class Staging(Base):
    db_password = "Hafenkante-2023"
    api_key = "oJqNp3LMjKPXUiFBBAOK8ccIXqdT5KgLGQX5AqH7"


class Production(Base):
    db_password = os.environ.get("FREIGHT_DB_PASSWORD", "")
    api_key = os.getenv("CARRIER_API_KEY")
    webhook_secret = os.environ.get("CARRIER_WEBHOOK_SECRET", "whsec_flGYJ8qnI28LagzPchCaFs1wCvDQuiA7")


@dataclass
class Carrier:
    code: str
    account: str
    password: str = field(default="", repr=False)
    token_type: str = "bearer"


CARRIERS = {
    "HLX": Carrier("HLX", "freight-7731", password="Elbe!Tunnel19"),
    "MRK": Carrier("MRK", "freight-0042", password=os.environ["MRK_PASSWORD"]),
    "TNT": Carrier("TNT", "freight-9008"),
}

LABELS = {
    "password": "Passwort",
    "password_repeat": "Passwort wiederholen",
    "secret_question": "Sicherheitsfrage",
    "token_expired": "Ihr Token ist abgelaufen",
}

CONFIG = {
    "smtp": {"user": "noreply", "password": "SDofpQendD833N+0", "port": 465},
    "redis": {"user": "booking", "password": os.environ["REDIS_PASSWORD"], "ssl": True},
    "captcha": {"site_key_name": "captcha/site", "secret": "${CAPTCHA_SECRET}"},
}
