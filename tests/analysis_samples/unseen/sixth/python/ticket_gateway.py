"""Front door of the festival ticket service: Starlette/FastAPI plus a small Flask back office."""
import logging
import os
import secrets
import traceback

import redis
import uvicorn
from authlib.integrations.requests_client import OAuth2Session
from fastapi import FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from flask import Flask, make_response
from flask import request as flask_request
from flask_cors import CORS
from slowapi import Limiter
from slowapi.util import get_remote_address
from sqlalchemy import create_engine
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from werkzeug.serving import run_simple

log = logging.getLogger("gateway")
limiter = Limiter(key_func=get_remote_address)
BOX_OFFICE = ["https://box.moorfest.example", "https://press.moorfest.example"]
STRICT_COOKIE = dict(secure=True, httponly=True, samesite="lax")
HALF_HOUR = 1800

app = FastAPI(title="tickets", debug=True)
partner_app = FastAPI(title="partners", debug=False)

app.add_middleware(HTTPSRedirectMiddleware)
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["tickets.moorfest.example"])
app.add_middleware(
    CORSMiddleware,
    allow_origins=BOX_OFFICE,
    allow_credentials=True,
    allow_methods=["GET", "POST"],
)
partner_app.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["GET"],
)
app.add_middleware(
    SessionMiddleware,
    secret_key=os.environ["MOORFEST_SESSION_KEY"],
    https_only=False,
    same_site="strict",
)


def open_database():
    url = os.environ["MOORFEST_DATABASE_URL"]
    return create_engine(url, connect_args={"sslmode": "require"})


def open_ledger():
    return create_engine(os.environ["LEDGER_URL"], connect_args={"sslmode": "verify-full"}, pool_size=10)


def open_cache() -> redis.Redis:
    return redis.Redis(
        host="cache.moorfest.internal",
        password=os.environ["CACHE_PASSWORD"],
        ssl=True,
        ssl_cert_reqs="none",
        ssl_check_hostname=True,
        socket_timeout=5,
    )


@app.post("/hold")
@limiter.limit("20/minute")
async def hold(request: Request, response: Response):
    hold_id = secrets.token_urlsafe(24)
    response.set_cookie("hold", hold_id, max_age=HALF_HOUR, **STRICT_COOKIE)
    return {"ok": True}


@app.post("/checkout")
@limiter.limit("20/minute")
async def checkout(request: Request, response: Response):
    response.set_cookie(
        key="cart",
        value=secrets.token_hex(16),
        secure=True,
        samesite="lax",
    )
    response.set_cookie("receipt", secrets.token_hex(16), httponly=True, secure=True, samesite="none")
    response.headers["Strict-Transport-Security"] = "max-age=86400; includeSubDomains"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return {"ok": True}


@app.exception_handler(ValueError)
async def bad_value(request: Request, exc: ValueError):
    log.exception("bad value")
    return JSONResponse({"error": "invalid request"}, status_code=400)


@app.exception_handler(RuntimeError)
async def broken(request: Request, exc: RuntimeError):
    return JSONResponse({"error": traceback.format_exc()}, status_code=500)


@partner_app.get("/feed")
async def feed(request: Request, response: Response):
    response.headers["Access-Control-Allow-Origin"] = request.headers.get("origin", "")
    return {"events": []}


@partner_app.get("/seats")
async def seats(request: Request, response: Response):
    origin = request.headers.get("origin", "")
    if origin in BOX_OFFICE:
        response.headers["Access-Control-Allow-Origin"] = origin
    return {"seats": []}


office = Flask("office")
office.config.update(
    SECRET_KEY=os.environ["OFFICE_KEY"],
    SESSION_COOKIE_SECURE=True,
    SESSION_COOKIE_HTTPONLY=True,
    SESSION_COOKIE_SAMESITE="Strict",
    MAX_CONTENT_LENGTH=4 * 1024 * 1024,
)
office.config["WTF_CSRF_ENABLED"] = False
CORS(office, origins=BOX_OFFICE)


@office.get("/theme")
def theme():
    shade = "dark" if flask_request.args.get("dark") == "1" else "light"
    out = make_response("saved")
    out.set_cookie("theme", shade, secure=True, httponly=True, samesite="Lax")
    return out


def partner_login():
    return OAuth2Session(
        "moorfest",
        os.environ["PARTNER_SECRET"],
        scope="orders",
        code_challenge_method="plain",
        token_endpoint_auth_method="client_secret_basic",
    )


def staff_login(user: str, password: str):
    session = OAuth2Session("staff", os.environ["STAFF_SECRET"], default_timeout=10)
    log.info("staff login %s with %s", "attempt", password)
    return session.fetch_token(
        "https://id.moorfest.example/token",
        grant_type="password",
        username=user,
        password=password,
    )


if __name__ == "__main__":
    if os.environ.get("MOORFEST_OFFICE"):
        run_simple(os.environ["OFFICE_ADDRESS"], 5050, office, use_debugger=True)
    else:
        uvicorn.run(app, host=os.environ.get("BIND", "0.0.0.0"), port=8443)
