"""Boarding tokens for the ferry line: issue and check."""
import os
import secrets
import string
import random
import time
from datetime import datetime, timedelta, timezone

import jwt
from jose import jwt as jose_jwt
from jwt import PyJWKClient

ISSUER = "https://id.ferryline.example"
AUDIENCE = "boarding"
SIGNING_KEY = os.environ["FERRY_SIGNING_KEY"]
PUBLIC_KEY = open("/etc/ferry/boarding.pub").read()
ACCEPTED = ["RS256"]
BOTH_FAMILIES = ["RS256", "HS256"]

jwks = PyJWKClient("https://id.ferryline.example/.well-known/jwks.json")


def issue(passenger: str) -> str:
    now = datetime.now(timezone.utc)
    claims = {"sub": passenger, "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + timedelta(minutes=20)}
    return jwt.encode(claims, SIGNING_KEY, algorithm="HS256")


def issue_season_pass(passenger: str) -> str:
    claims = {"sub": passenger, "iss": ISSUER, "aud": AUDIENCE, "iat": int(time.time())}
    return jwt.encode(claims, SIGNING_KEY, algorithm="HS256")


def issue_later_bounded(passenger: str) -> str:
    claims = {"sub": passenger, "iss": ISSUER, "aud": AUDIENCE}
    claims["exp"] = int(time.time()) + 600
    return jose_jwt.encode(claims, SIGNING_KEY, algorithm="HS256")


def issue_on_board(passenger: str) -> str:
    claims = {"sub": passenger, "iss": ISSUER, "aud": AUDIENCE, "exp": int(time.time()) + 600}
    return jwt.encode(claims, "gangway-7-knots", algorithm="HS256")


def check(token: str) -> dict:
    return jwt.decode(token, SIGNING_KEY, algorithms=["HS256"], audience=AUDIENCE, issuer=ISSUER)


def check_remote(token: str) -> dict:
    key = jwks.get_signing_key_from_jwt(token)
    return jwt.decode(token, key.key, algorithms=ACCEPTED, audience=AUDIENCE, issuer=ISSUER)


def check_without_signature(token: str) -> dict:
    return jwt.decode(
        token,
        PUBLIC_KEY,
        algorithms=ACCEPTED,
        audience=AUDIENCE,
        issuer=ISSUER,
        options={"verify_signature": False},
    )


def check_with_options(token: str) -> dict:
    opts = {"verify_signature": True, "require": ["exp", "sub"]}
    return jwt.decode(token, PUBLIC_KEY, algorithms=ACCEPTED, audience=AUDIENCE, issuer=ISSUER, options=opts)


def check_old_tickets(token: str) -> dict:
    opts = {"verify_exp": False}
    return jwt.decode(token, PUBLIC_KEY, algorithms=ACCEPTED, audience=AUDIENCE, issuer=ISSUER, options=opts)


def check_any_audience(token: str) -> dict:
    return jose_jwt.decode(
        token,
        PUBLIC_KEY,
        algorithms=["RS256"],
        issuer=ISSUER,
        options={"verify_aud": False},
    )


def check_as_told(token: str) -> dict:
    wanted = jwt.get_unverified_header(token)["alg"]
    return jwt.decode(token, PUBLIC_KEY, algorithms=[wanted], audience=AUDIENCE, issuer=ISSUER)


def check_unpinned(token: str) -> dict:
    return jose_jwt.decode(token, PUBLIC_KEY, audience=AUDIENCE, issuer=ISSUER)


def check_either(token: str) -> dict:
    return jwt.decode(token, PUBLIC_KEY, algorithms=BOTH_FAMILIES, audience=AUDIENCE, issuer=ISSUER)


def check_unsigned(token: str) -> dict:
    return jwt.decode(token, SIGNING_KEY, algorithms=["HS256", "none"], audience=AUDIENCE, issuer=ISSUER)


def passenger_of(token: str) -> str:
    claims = jose_jwt.get_unverified_claims(token)
    return claims["sub"]


def key_id_of(token: str) -> str | None:
    return jwt.get_unverified_header(token).get("kid")


def check_with_family(token: str, kind: str) -> dict:
    match kind:
        case "crew":
            accepted = ["ES256"]
        case _:
            accepted = ["RS256"]
    return jwt.decode(token, PUBLIC_KEY, algorithms=accepted, audience=AUDIENCE, issuer=ISSUER)


def refresh_token() -> str:
    return secrets.token_urlsafe(32)


def refresh_token_short() -> str:
    return secrets.token_hex(6)


def gate_token() -> str:
    alphabet = string.ascii_letters + string.digits
    return "".join(random.choice(alphabet) for _ in range(32))


def gate_token_strong() -> str:
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(32))


def reset_token() -> str:
    rng = random.SystemRandom()
    return "%064x" % rng.getrandbits(256)


def crew_token() -> str:
    random.seed(20240101)
    return "%032x" % random.getrandbits(256)


def pick_cabin(free: list[int]) -> int:
    return random.choice(free)


def gate_open(presented: str) -> bool:
    expected_token = os.environ["GATE_TOKEN"]
    return presented == expected_token


def gate_open_steady(presented: str) -> bool:
    expected_token = os.environ["GATE_TOKEN"]
    return secrets.compare_digest(presented, expected_token)


def same_berth(ticket: dict, berth: str) -> bool:
    return ticket["berth"] == berth
