"""Tokens of an alpine hut reservation network (python-jose, Authlib, joserfc)."""
import os
import time
from typing import Any

from authlib.jose import JsonWebToken
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from jose import ExpiredSignatureError, JWTError, jwk, jwt
from jose.constants import ALGORITHMS
from joserfc import jwt as rfc_jwt
from joserfc.jwk import OctKey

ISSUER = "https://huts.bergnetz.example"
AUDIENCE = "huts"
SECRET = os.environ["HUTS_TOKEN_SECRET"]
with open("/etc/huts/public.pem", encoding="ascii") as stream:
    PUBLIC = stream.read()

app = FastAPI()
bearer = HTTPBearer()

rs_only = JsonWebToken(["RS256"])
anything = JsonWebToken(["none", "RS256"])
both = JsonWebToken(["HS256", "RS256"])
CLAIMS = {
    "iss": {"essential": True, "value": ISSUER},
    "aud": {"essential": True, "value": AUDIENCE},
    "exp": {"essential": True},
}


def base_claims(subject: str) -> dict:
    issued = int(time.time())
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": issued, "exp": issued + 1200}


def issue(subject: str) -> str:
    return jwt.encode(base_claims(subject), SECRET, algorithm=ALGORITHMS.HS256)


def issue_for_guest(name: str) -> str:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": name, "guest": True}
    return jwt.encode(claims, SECRET, algorithm=ALGORITHMS.HS512)


def issue_for_warden(name: str, private_key: str) -> bytes:
    claims = base_claims(name)
    claims["role"] = "warden"
    return rs_only.encode({"alg": "RS256"}, claims, private_key)


def issue_for_supplier(name: str, private_key: str) -> bytes:
    payload = dict(iss=ISSUER, sub=name, aud="supply")
    return rs_only.encode({"alg": "RS256"}, payload, private_key)


def issue_for_door(number: int) -> str:
    key = OctKey.import_key("edelweiss")
    return rfc_jwt.encode({"alg": "HS256"}, base_claims(f"door-{number}"), key)


def issue_for_gate(number: int) -> str:
    key = OctKey.generate_key(256)
    return rfc_jwt.encode({"alg": "HS256"}, base_claims(f"gate-{number}"), key)


def check(token: str) -> dict:
    return jwt.decode(token, SECRET, algorithms=[ALGORITHMS.HS256], audience=AUDIENCE, issuer=ISSUER)


def check_public(token: str) -> dict:
    claims = rs_only.decode(token, PUBLIC, claims_options=CLAIMS)
    claims.validate(leeway=10)
    return dict(claims)


def check_without_audience(token: str) -> dict:
    return jwt.decode(
        token,
        SECRET,
        algorithms=["HS256"],
        issuer=ISSUER,
        options={
            "verify_aud": False,
            "verify_exp": True,
        },
    )


def check_without_issuer(token: str) -> dict:
    options = {}
    options["verify_iss"] = False
    return jwt.decode(token, SECRET, algorithms=["HS256"], audience=AUDIENCE, options=options)


def check_any_algorithm(token: str) -> dict:
    return jwt.decode(token, SECRET, algorithms=None, audience=AUDIENCE, issuer=ISSUER)


def check_stale(token: str) -> dict:
    try:
        return check(token)
    except ExpiredSignatureError:
        return jwt.decode(
            token,
            SECRET,
            algorithms=["HS256"],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"verify_exp": False},
        )


def check_named_key(token: str) -> dict:
    header = jwt.get_unverified_header(token)
    key = jwk.construct(header["jwk"], algorithm="RS256")
    return jwt.decode(token, key, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER)


def check_signature_later(token: str) -> dict:
    return jwt.decode(
        token,
        SECRET,
        algorithms=["HS256"],
        audience=AUDIENCE,
        issuer=ISSUER,
        options={"verify_signature": False},
    )


class Verifier:
    algorithms = ("ES256",)
    options: dict[str, Any] = {"require_exp": True, "require_sub": True}

    def __init__(self, key: str):
        self.key = key

    def __call__(self, credentials: HTTPAuthorizationCredentials = Depends(bearer)) -> dict:
        try:
            return jwt.decode(
                credentials.credentials,
                self.key,
                algorithms=list(self.algorithms),
                audience=AUDIENCE,
                issuer=ISSUER,
                options=self.options,
            )
        except JWTError as exc:
            raise HTTPException(401, "token") from exc


verifier = Verifier(PUBLIC)


@app.get("/huts/mine")
def mine(claims: dict = Depends(verifier)):
    return {"hut": claims["sub"]}


@app.get("/huts/guest")
def guest(credentials: HTTPAuthorizationCredentials = Depends(bearer)):
    claims = jwt.get_unverified_claims(credentials.credentials)
    return {"guest": claims["sub"]}
