import logging
import uuid
from pathlib import Path
from typing import Annotated
from urllib.parse import urlparse

import httpx
from fastapi import Depends, FastAPI, File, Header, HTTPException, Query, Request, UploadFile
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from pydantic import BaseModel, HttpUrl
from sqlalchemy import column, create_engine, select, table, text
from sqlalchemy.orm import Session

from .settings import settings

log = logging.getLogger("parcels")
engine = create_engine(settings.database_url, pool_pre_ping=True)
parcels = table("parcels", column("id"), column("code"), column("depot"))

app = FastAPI(title="Parcel tracker")
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://track.parcelway.example"],
    allow_credentials=True,
    allow_methods=["GET", "POST"],
)

partner_api = FastAPI(title="Parcel tracker for partners")
partner_api.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["GET"],
)

CARRIER_HOSTS = {"api.northcargo.example", "status.skyfreight.example"}
LABEL_DIR = Path("/var/lib/parcels/labels")


class Webhook(BaseModel):
    url: HttpUrl
    note: str = ""


def get_session():
    with Session(engine) as session:
        yield session


Db = Annotated[Session, Depends(get_session)]


@app.get("/parcels")
def list_parcels(db: Db, depot: str = Query(...), limit: int = 20):
    stmt = text(f"SELECT id, code FROM parcels WHERE depot = :depot LIMIT {limit}")
    return [dict(r._mapping) for r in db.execute(stmt, {"depot": depot})]


@app.get("/parcels/search")
def search_parcels(db: Db, code: str):
    found = db.execute(text("SELECT id, code FROM parcels WHERE code LIKE '" + code + "%'"))
    return [dict(r._mapping) for r in found]


@app.get("/parcels/filter")
def filter_parcels(db: Db, code: str, depot: str | None = None):
    stmt = select(parcels).where(parcels.c.code == code)
    if depot:
        stmt = stmt.where(parcels.c.depot.in_([depot]))
    return [dict(r._mapping) for r in db.execute(stmt)]


@app.post("/webhooks")
async def register_webhook(hook: Webhook):
    async with httpx.AsyncClient(timeout=5) as client:
        reply = await client.post(str(hook.url), json={"hello": "parcels"})
    return {"status": reply.status_code}


@app.get("/carrier")
async def carrier_status(url: str):
    target = urlparse(url)
    if target.scheme != "https" or target.hostname not in CARRIER_HOSTS:
        raise HTTPException(400, "unknown carrier")
    async with httpx.AsyncClient(timeout=10.0) as client:
        reply = await client.get(url)
    return reply.json()


@app.get("/carrier/slow")
async def slow_carrier():
    async with httpx.AsyncClient(timeout=None) as client:
        reply = await client.get("https://api.northcargo.example/v1/dump")
    return reply.json()


@app.get("/labels/{name}")
def label(name: str):
    return FileResponse(LABEL_DIR / Path(name).name)


@app.get("/labels-by-path")
def label_by_path(path: str):
    return FileResponse(LABEL_DIR / path)


@app.get("/labels-checked")
def label_checked(path: str):
    candidate = (LABEL_DIR / path).resolve()
    if not candidate.is_relative_to(LABEL_DIR):
        raise HTTPException(404)
    return FileResponse(candidate)


@app.get("/labels-by-id/{label_id}")
def label_by_id(label_id: uuid.UUID):
    return FileResponse(LABEL_DIR / f"{label_id}.pdf")


@app.get("/greeting", response_class=HTMLResponse)
def greeting(who: str = "customer"):
    return HTMLResponse("<p>Hello " + who + "</p>")


@app.get("/greeting.json")
def greeting_json(who: str = "customer"):
    return JSONResponse({"html": "<p>Hello " + who + "</p>"})


@app.get("/go")
def go(to: str):
    return RedirectResponse(url=to, status_code=303)


@app.get("/go-section")
def go_section(section: str):
    targets = {"home": "/", "parcels": "/parcels"}
    return RedirectResponse(targets.get(section, "/"))


@app.get("/trace")
def trace(user_agent: Annotated[str, Header()] = ""):
    log.info("trace requested by " + user_agent)
    cleaned = user_agent.replace("\r", "").replace("\n", "")
    log.info("trace requested by %s", cleaned)
    return {"ok": True}


@app.exception_handler(ValueError)
async def on_value_error(request: Request, exc: ValueError):
    log.error("bad value", exc_info=exc)
    return JSONResponse({"error": "bad value"}, status_code=400)
