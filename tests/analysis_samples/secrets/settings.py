"""Settings of the shop. The password = "in a docstring1" is none."""

import os

DATABASES = {
    "default": {
        "NAME": "shop",
        "USER": "shop",
        "PASSWORD": "mQ7z!kd92",
        "HOST": "db.internal",
    },
    "replica": {"USER": "shop", "PASSWORD": os.environ["REPLICA_PASSWORD"]},
}
PAYMENT_API_KEY = "pk9Xw27LmZq4Rt8VbN1cYd3F"
MAIL_API_KEY = os.getenv("MAIL_API_KEY", "")
MAPS_API_KEY = "your-api-key-here"
CELERY_BROKER = "amqp://worker:zP83kdLq@rabbit:5672/shop"
CACHE_URL = f"redis://:{os.environ['CACHE_PASSWORD']}@cache:6379/0"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
PASSWORD_RESET_TIMEOUT = 3600
TOKEN_HEADER = "X-Auth-Token1"
LABELS = {"password": "Kennwort", "token": "Zugangscode", "api_key": "API-Schlüssel 1"}
AUTH_TOKEN = "<insert token>"
CLIENT_ID = "8c1f2f7a-0b3d-4c56-9c0e-3f0a9b7d5e21"
CHECKSUM = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
