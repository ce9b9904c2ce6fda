"""Flask portal of the allotment association."""
import os
import secrets

from flask import Flask, jsonify
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
app.config.update(
    SECRET_KEY="rvwEyw63ixIoJYFxTthyZ4Nqs43VG3lyCPGHrHoBXcp06G02Eo",
    SESSION_COOKIE_SECURE=True,
    SESSION_COOKIE_HTTPONLY=True,
    SESSION_COOKIE_SAMESITE="Lax",
    MAX_CONTENT_LENGTH=2 * 1024 * 1024,
)
app.config["MAIL_SERVER"] = "mail.garten.example"
app.config["MAIL_USE_SSL"] = True
app.config["MAIL_PASSWORD"] = os.environ.get("MAIL_PASSWORD")
app.config["LDAP_BIND_USER_PASSWORD"] = "Kleingarten-1912"
app.config["RECAPTCHA_PRIVATE_KEY"] = os.environ["RECAPTCHA_PRIVATE_KEY"]
app.config["WTF_CSRF_SECRET_KEY"] = secrets.token_hex(32)
app.config["PASSWORD_HASH"] = "argon2"
app.config["TOKEN_HEADER_NAME"] = "X-Garten-Token"

PLACEHOLDER_HASH = generate_password_hash(secrets.token_urlsafe(16), method="scrypt:131072:8:1")
ROUTES = {"password": "/konto/passwort", "token": "/konto/token", "secret": "/konto/geheim"}
ERRORS = dict(
    password="Das Passwort ist falsch.",
    token="Token ungültig",
    api_key="API-Schlüssel fehlt",
)


class Member:
    password_hash = ""
    token = None

    def __init__(self, name):
        self.name = name

    def set_password(self, password):
        self.password_hash = generate_password_hash(password, method="scrypt:131072:8:1")

    def check(self, password):
        return check_password_hash(self.password_hash or PLACEHOLDER_HASH, password)


def seed(members):
    chair = Member("vorstand")
    chair.set_password("Gartenzwerg!1")
    members.append(chair)
    guest = Member("gast")
    guest.set_password(secrets.token_urlsafe(12))
    members.append(guest)
    treasurer = Member("kasse")
    treasurer.set_password(password=os.environ["TREASURER_PASSWORD"])
    members.append(treasurer)
    return members


@app.get("/api/version")
def version():
    return jsonify(commit="5842708f008a3a8f4c91c2ab785e53e639778e8b", token_header=app.config["TOKEN_HEADER_NAME"])
