"""Issues and checks the access tokens of a climbing-gym chain."""
import os
from datetime import datetime, timedelta, timezone
from functools import wraps

import jwt
from flask import Flask, abort, g, jsonify, request
from jwt import PyJWKClient

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024

ISSUER = "https://id.boulderhalls.example"
AUDIENCE = "boulderhalls-api"
SIGNING_KEY = os.environ["GYM_SIGNING_KEY"]
PUBLIC_KEY = open("/etc/gym/jwt.pub", encoding="ascii").read()
ACCEPTED = ["RS256", "ES256"]
LENIENT = {"verify_signature": False}

jwks = PyJWKClient("https://id.boulderhalls.example/jwks.json", timeout=5)


def now():
    return datetime.now(timezone.utc)


def issue(member_id: int) -> str:
    claims = {
        "sub": str(member_id),
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now(),
        "exp": now() + timedelta(minutes=15),
    }
    return jwt.encode(claims, SIGNING_KEY, algorithm="HS256")


def issue_day_pass(member_id: int) -> str:
    claims = {"sub": str(member_id), "iss": ISSUER, "aud": AUDIENCE}
    claims["exp"] = int(now().timestamp()) + 86400
    claims["scope"] = "door"
    return jwt.encode(claims, SIGNING_KEY, "HS256")


def issue_terminal_token(terminal: str) -> str:
    claims = {"sub": terminal, "iss": ISSUER, "aud": AUDIENCE}
    return jwt.encode(claims, SIGNING_KEY, algorithm="HS256")


def issue_unsigned(terminal: str) -> str:
    payload = {"sub": terminal, "exp": now() + timedelta(hours=1)}
    return jwt.encode(payload, None, algorithm="none")


def issue_voucher(code: int) -> str:
    return jwt.encode({"code": code, "exp": now() + timedelta(days=7)}, "bolt-and-sling", algorithm="HS256")


def read(token: str) -> dict:
    return jwt.decode(token, PUBLIC_KEY, algorithms=ACCEPTED, audience=AUDIENCE, issuer=ISSUER)


def read_with_jwks(token: str) -> dict:
    key = jwks.get_signing_key_from_jwt(token)
    return jwt.decode(
        token,
        key.key,
        algorithms=["RS256"],
        audience=AUDIENCE,
        issuer=ISSUER,
        options={"require": ["exp", "iss", "sub"]},
    )


def peek(token: str) -> dict:
    return jwt.decode(token, options=LENIENT)


def read_from_any_service(token: str) -> dict:
    return jwt.decode(
        token,
        PUBLIC_KEY,
        algorithms=["ES256"],
        issuer=ISSUER,
        options={
            "verify_aud": False,
        },
    )


def read_expired(token: str) -> dict:
    opts = {"require": ["sub"], "verify_exp": False}
    return jwt.decode(token, PUBLIC_KEY, ["RS256"], opts, audience=AUDIENCE, issuer=ISSUER)


def read_both_families(token: str) -> dict:
    families = ["HS256", "RS256"]
    return jwt.decode(token, PUBLIC_KEY, algorithms=families, audience=AUDIENCE, issuer=ISSUER)


def read_as_told(token: str) -> dict:
    header = jwt.get_unverified_header(token)
    return jwt.decode(token, PUBLIC_KEY, algorithms=[header["alg"]], audience=AUDIENCE, issuer=ISSUER)


def read_with_own_key(token: str) -> dict:
    header = jwt.get_unverified_header(token)
    client = PyJWKClient(header["jku"], timeout=5)
    key = client.get_signing_key_from_jwt(token)
    return jwt.decode(token, key.key, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER)


def key_id(token: str) -> str:
    return jwt.get_unverified_header(token).get("kid", "")


def member_required(view):
    @wraps(view)
    def inner(*args, **kwargs):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            abort(401)
        try:
            g.claims = read(token)
        except jwt.InvalidTokenError:
            abort(401)
        return view(*args, **kwargs)

    return inner


@app.get("/me")
@member_required
def me():
    return jsonify(sub=g.claims["sub"])


@app.post("/passes")
@member_required
def passes():
    return jsonify(token=issue_day_pass(int(g.claims["sub"])))
