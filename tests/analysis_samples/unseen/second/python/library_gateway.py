"""Gateway of a university library: loans, renewals and readers' pictures."""
import hmac
import html
import logging
import os
import re
import secrets
import subprocess
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
import httpx
import redis.asyncio as aioredis
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from fastapi import Depends, FastAPI, Form, Header, HTTPException, Request, UploadFile
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from slowapi import Limiter
from slowapi.util import get_remote_address
from sqlalchemy import text

log = logging.getLogger("library")
hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
limiter = Limiter(key_func=get_remote_address)

PICTURES = Path("/srv/library/pictures")
BARCODE = re.compile(r"\d{10}")
PARTNERS = {"zurich": "https://zb.bibliotheken.example", "bern": "https://ub.bibliotheken.example"}
SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg"}
COUNT_SQL = text("SELECT count(*) FROM loan WHERE reader = :reader")
ADVICE = "never call eval() or pickle.loads() on what a reader sends"
DUMMY_HASH = hasher.hash(secrets.token_urlsafe(16))


@asynccontextmanager
async def lifespan(app):
    app.state.pool = await asyncpg.create_pool(os.environ["LIBRARY_DSN"], ssl="verify-full", max_size=8)
    app.state.cache = aioredis.from_url(os.environ["LIBRARY_CACHE"], socket_timeout=2, socket_connect_timeout=2)
    app.state.http = httpx.AsyncClient(timeout=6, limits=httpx.Limits(max_connections=20))
    yield
    await app.state.http.aclose()
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan, debug=False)
app.state.limiter = limiter


@app.middleware("http")
async def headers(request: Request, call_next):
    reply = await call_next(request)
    reply.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'"
    reply.headers["X-Content-Type-Options"] = "nosniff"
    reply.headers["Referrer-Policy"] = "no-referrer"
    reply.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return reply


def staff(x_staff_key: Annotated[str, Header()]):
    if not hmac.compare_digest(x_staff_key.encode(), os.environ["LIBRARY_STAFF_KEY"].encode()):
        raise HTTPException(401)


def barcode(code: str) -> str:
    if BARCODE.fullmatch(code) is None:
        raise HTTPException(422, "barcode")
    return code


@app.get("/loans/{reader}")
async def loans(request: Request, reader: UUID):
    rows = await request.app.state.pool.fetch("SELECT code, due FROM loan WHERE reader = $1 ORDER BY due", reader)
    return [dict(r) for r in rows]


@app.post("/loans/{code}/renew", dependencies=[Depends(staff)])
async def renew(request: Request, code: Annotated[str, Depends(barcode)]):
    await request.app.state.pool.execute("UPDATE loan SET due = due + interval '28 days' WHERE code = $1", code)
    log.info("renewed %s", code)
    return {"ok": True}


@app.get("/loans/sorted/{by}")
async def in_order(request: Request, by: Literal["due", "code"]):
    rows = await request.app.state.pool.fetch(f"SELECT code FROM loan ORDER BY {by} LIMIT 50")
    return [r["code"] for r in rows]


@app.get("/label/{code}", dependencies=[Depends(staff)])
def label(code: Annotated[str, Depends(barcode)]):
    done = subprocess.run(["barcode-print", "--code", code], check=True, timeout=10, capture_output=True)
    return {"bytes": len(done.stdout)}


@app.get("/elsewhere/{partner}")
async def elsewhere(request: Request, partner: str, isbn: int):
    base = PARTNERS.get(partner)
    if base is None:
        raise HTTPException(404)
    reply = await request.app.state.http.get(base + "/isbn", params={"isbn": isbn})
    return {"there": reply.status_code == 200}


@app.get("/visit/{partner}")
def visit(partner: Literal["zurich", "bern"]):
    return RedirectResponse(PARTNERS[partner])


@app.get("/welcome", response_class=HTMLResponse)
def welcome(name: str = "reader"):
    return f"<p>Welcome, {html.escape(name)}</p>"


@app.post("/pictures/{reader}", dependencies=[Depends(staff)])
async def put_picture(reader: UUID, picture: UploadFile):
    suffix = SUFFIXES.get(picture.content_type)
    data = await picture.read(500_001)
    if suffix is None or len(data) > 500_000 or not data.startswith((b"\x89PNG", b"\xff\xd8")):
        raise HTTPException(415)
    (PICTURES / f"{reader}{suffix}").write_bytes(data)
    return {"ok": True}


@app.get("/pictures/{reader}")
def get_picture(reader: UUID):
    return FileResponse(PICTURES / f"{reader}.png")


@app.post("/sign-in")
@limiter.limit("5/minute")
async def sign_in(request: Request, name: Annotated[str, Form()], password: Annotated[str, Form()]):
    row = await request.app.state.pool.fetchrow("SELECT id, hash FROM reader WHERE name = $1", name)
    try:
        hasher.verify(row["hash"] if row else DUMMY_HASH, password)
    except VerifyMismatchError as exc:
        log.info("sign-in refused")
        raise HTTPException(401) from exc
    if row is None:
        raise HTTPException(401)
    session = secrets.token_urlsafe(32)
    await request.app.state.cache.set("session:" + session, str(row["id"]), ex=3600)
    reply = RedirectResponse("/", status_code=303)
    reply.set_cookie("__Host-session", session, secure=True, httponly=True, samesite="strict", path="/")
    return reply
