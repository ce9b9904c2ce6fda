"""Sign-in of the mountain hut booking: OAuth client, sessions and guarded views."""
import os
import time
from functools import wraps
from urllib.parse import urlencode

import jwt as pyjwt
import requests
from authlib.integrations.flask_client import OAuth
from authlib.jose import JsonWebToken, jwt as authlib_jwt
from flask import Flask, abort, current_app, g, jsonify, redirect, request, session, url_for
from flask_cors import CORS, cross_origin
from flask_jwt_extended import JWTManager, jwt_required
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from requests_oauthlib import OAuth2Session
from oauthlib.oauth2 import LegacyApplicationClient

TOKEN_URL = "https://id.huts.example/oauth/token"
AUTHORIZE_URL = "https://id.huts.example/oauth/authorize"
REGISTERED = {"https://app.huts.example/callback", "https://m.huts.example/callback"}


class Config:
    SECRET_KEY = os.environ["HUT_SECRET"]
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    MAX_CONTENT_LENGTH = 1_000_000
    JWT_SECRET_KEY = os.environ["HUT_JWT_SECRET"]
    JWT_ACCESS_TOKEN_EXPIRES = 900
    JWT_TOKEN_LOCATION = ["headers"]
    WTF_CSRF_ENABLED = True


class KioskConfig(Config):
    SESSION_COOKIE_SAMESITE = "None"
    SESSION_COOKIE_HTTPONLY = False
    WTF_CSRF_ENABLED = False
    JWT_ACCESS_TOKEN_EXPIRES = False


app = Flask(__name__)
app.config.from_object(Config)
JWTManager(app)
CSRFProtect(app)
Talisman(app, strict_transport_security_max_age=31536000, content_security_policy={"default-src": "'self'"})
CORS(app, resources={r"/api/*": {"origins": ["https://app.huts.example"]}}, supports_credentials=True)
limiter = Limiter(get_remote_address, app=app, default_limits=["100 per minute"])
oauth = OAuth(app)
oauth.register(
    "huts",
    client_id=os.environ["HUT_CLIENT_ID"],
    client_secret=os.environ["HUT_CLIENT_SECRET"],
    server_metadata_url="https://id.huts.example/.well-known/openid-configuration",
    client_kwargs={"scope": "openid email", "code_challenge_method": "S256"},
)
oauth.register(
    "valley",
    client_id=os.environ["VALLEY_CLIENT_ID"],
    client_secret=os.environ["VALLEY_CLIENT_SECRET"],
    server_metadata_url="https://id.valley.example/.well-known/openid-configuration",
    client_kwargs={
        "scope": "openid email",
        "code_challenge_method": "plain",
    },
)


def bearer() -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


def guarded(view):
    @wraps(view)
    def inner(*args, **kwargs):
        g.claims = pyjwt.decode(bearer(), current_app.config["JWT_SECRET_KEY"], ["HS256"], audience="huts", issuer="https://id.huts.example")
        return view(*args, **kwargs)

    return inner


def loosely_guarded(view):
    @wraps(view)
    def inner(*args, **kwargs):
        g.claims = pyjwt.decode(bearer(), options={"verify_signature": False})
        return view(*args, **kwargs)

    return inner


@app.get("/login")
@limiter.limit("5 per minute")
def login():
    return oauth.huts.authorize_redirect("https://app.huts.example/callback")


@app.get("/callback")
def callback():
    token = oauth.huts.authorize_access_token()
    session["user"] = token["userinfo"]["sub"]
    return redirect(url_for("bookings"))


@app.get("/implicit")
def implicit():
    query = urlencode({"client_id": os.environ["HUT_CLIENT_ID"], "response_type": "token", "state": os.urandom(16).hex()})
    return redirect(AUTHORIZE_URL + "?" + query)


def service_token() -> str:
    form = {"grant_type": "client_credentials", "client_id": os.environ["SVC_ID"], "client_secret": os.environ["SVC_SECRET"]}
    return requests.post(TOKEN_URL, data=form, timeout=10).json()["access_token"]


def warden_token(name: str, password: str) -> str:
    form = {"grant_type": "password", "username": name, "password": password}
    return requests.post(TOKEN_URL, data=form, timeout=10).json()["access_token"]


def porter_session() -> OAuth2Session:
    return OAuth2Session(client=LegacyApplicationClient(client_id=os.environ["PORTER_ID"]))


def weather() -> dict:
    key = os.environ["WEATHER_KEY"]
    return requests.get(f"https://weather.huts.example/today?api_key={key}", timeout=5).json()


def avalanche() -> dict:
    headers = {"X-Api-Key": os.environ["WEATHER_KEY"]}
    return requests.get("https://weather.huts.example/avalanche?zone=7", headers=headers, timeout=5).json()


@app.get("/authorize")
def authorize():
    target = request.args.get("redirect_uri", "")
    if not target.startswith("https://app.huts.example"):
        abort(400)
    return jsonify(accepted=True)


@app.get("/authorize/exact")
def authorize_exact():
    if request.args.get("redirect_uri", "") not in REGISTERED:
        abort(400)
    return jsonify(accepted=True)


@app.get("/api/bookings")
@guarded
def bookings():
    return jsonify(owner=g.claims["sub"])


@app.get("/api/keys")
@loosely_guarded
def keys():
    return jsonify(owner=g.claims["sub"])


@app.get("/api/beds")
@jwt_required()
def beds():
    return jsonify(free=14)


@app.get("/api/notices")
@cross_origin(origins="*")
def notices():
    return jsonify(["The path to the upper hut is closed"])


@app.post("/api/forgot")
@limiter.limit("3 per minute")
def forgot():
    link = request.host_url + "reset/" + os.urandom(24).hex()
    current_app.extensions["post"].send(g.claims["email"], link)
    return jsonify(ok=True)


def issue(subject: str) -> bytes:
    payload = {"iss": "https://id.huts.example", "sub": subject, "aud": "huts", "exp": int(time.time()) + 900}
    return authlib_jwt.encode({"alg": "HS256"}, payload, os.environ["HUT_JWT_SECRET"])


def issue_stays(subject: str) -> bytes:
    payload = {"iss": "https://id.huts.example", "sub": subject, "aud": "huts"}
    return authlib_jwt.encode({"alg": "HS256"}, payload, os.environ["HUT_JWT_SECRET"])


STRICT = JsonWebToken(["HS256"])
RULES = {"iss": {"essential": True, "value": "https://id.huts.example"}, "aud": {"essential": True, "value": "huts"}, "exp": {"essential": True}}


def read(token: bytes) -> dict:
    claims = STRICT.decode(token, os.environ["HUT_JWT_SECRET"], claims_options=RULES)
    claims.validate()
    return claims
