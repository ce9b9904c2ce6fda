"""Freight forwarding API: quotes, consignments, driver documents."""
from __future__ import annotations

import asyncio
import base64
import json
import logging
import pickle
from pathlib import Path as FsPath
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
import httpx
import yaml
from fastapi import APIRouter, Body, Cookie, Depends, Form, Header, HTTPException, Path, Query, Request, UploadFile
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape
from motor.motor_asyncio import AsyncIOMotorDatabase
from sqlalchemy import column, select, table, text
from sqlalchemy.ext.asyncio import AsyncSession

from .wiring import get_mongo, get_pg, get_session

router = APIRouter(prefix="/freight")
logger = logging.getLogger(__name__)
WAYBILLS = FsPath("/srv/freight/waybills")
CARRIER_API = {"rail": "https://rail.freight.example", "sea": "https://sea.freight.example"}
pages = Environment(loader=FileSystemLoader("pages"), autoescape=select_autoescape(["html"]))
notes = Environment(loader=FileSystemLoader("notes"))

Session = Annotated[AsyncSession, Depends(get_session)]
Pg = Annotated[asyncpg.Connection, Depends(get_pg)]
Mongo = Annotated[AsyncIOMotorDatabase, Depends(get_mongo)]


@router.get("/quotes")
async def quotes(session: Session, lane: str = Query(...), limit: int = 50):
    stmt = text("SELECT id, price FROM quote WHERE lane = :lane LIMIT :n")
    rows = await session.execute(stmt, {"lane": lane, "n": limit})
    return [dict(r._mapping) for r in rows]


@router.get("/quotes/by-carrier")
async def quotes_by_carrier(session: Session, carrier: str):
    condition = f"carrier = '{carrier}'" if carrier else "carrier IS NOT NULL"
    rows = await session.execute(text("SELECT id, price FROM quote WHERE " + condition))
    return [dict(r._mapping) for r in rows]


@router.get("/quotes/sorted")
async def quotes_sorted(pg: Pg, by: Literal["price", "eta"] = "price", desc: bool = False):
    direction = "DESC" if desc else "ASC"
    return await pg.fetch(f"SELECT id FROM quote ORDER BY {by} {direction}")


@router.get("/consignments/{number}")
async def consignment(pg: Pg, number: UUID):
    return await pg.fetchrow(f"SELECT * FROM consignment WHERE id = '{number}'")


@router.get("/consignments/{number}/events")
async def consignment_events(pg: Pg, number: str = Path(...)):
    query = " ".join(["SELECT kind, at FROM event", "WHERE consignment =", "'" + number + "'", "ORDER BY at"])
    return await pg.fetch(query)


@router.get("/depots")
async def depots(session: Session, country: str):
    depot = table("depot", column("name"), column("country"))
    rows = await session.execute(select(depot.c.name).where(depot.c.country == country))
    return rows.scalars().all()


@router.post("/drivers/find")
async def find_driver(mongo: Mongo, criteria: dict = Body(...)):
    found = await mongo.drivers.find_one(criteria)
    return {"found": bool(found)}


@router.get("/drivers/{plate}")
async def driver(mongo: Mongo, plate: str):
    found = await mongo.drivers.find_one({"plate": {"$eq": plate}})
    return {"found": bool(found)}


@router.post("/webhooks/probe")
async def probe(callback: str = Form(...)):
    async with httpx.AsyncClient(timeout=10) as client:
        answer = await client.head(callback)
    return {"status": answer.status_code}


@router.get("/tracking/{mode}/{parcel}")
async def tracking(mode: str, parcel: int):
    base = CARRIER_API.get(mode)
    if base is None:
        raise HTTPException(404)
    async with httpx.AsyncClient(timeout=10) as client:
        answer = await client.get(f"{base}/parcels/{parcel}")
    return answer.json()


@router.get("/basket")
async def basket(saved: str = Cookie(default="")):
    if not saved:
        return {"items": []}
    return {"items": pickle.loads(base64.b64decode(saved))}


@router.get("/basket/v2")
async def basket_v2(saved: str = Cookie(default="[]")):
    return {"items": json.loads(saved)}


@router.post("/tariffs")
async def tariffs(request: Request):
    raw = await request.body()
    table_ = yaml.load(raw, Loader=yaml.UnsafeLoader)
    return {"rows": len(table_)}


@router.post("/tariffs/v2")
async def tariffs_v2(request: Request):
    table_ = yaml.load(await request.body(), Loader=yaml.SafeLoader)
    return {"rows": len(table_)}


@router.post("/waybill/render")
async def render_waybill(number: int = Form(...), paper: str = Form("A4")):
    command = f"waybill-pdf --paper {paper} {number}"
    proc = await asyncio.create_subprocess_shell(command)
    return {"code": await asyncio.wait_for(proc.wait(), 60)}


@router.post("/waybill/render2")
async def render_waybill2(number: int = Form(...), paper: Literal["A4", "A5"] = Form("A4")):
    proc = await asyncio.create_subprocess_exec("waybill-pdf", "--paper", paper, str(number))
    return {"code": await asyncio.wait_for(proc.wait(), 60)}


@router.post("/convert")
async def convert(tool: str = Form(...), number: int = Form(...)):
    proc = await asyncio.create_subprocess_exec(tool, f"{number}.xml")
    return {"code": await asyncio.wait_for(proc.wait(), 60)}


@router.get("/waybill")
async def waybill(name: str):
    return FileResponse(WAYBILLS / name, media_type="application/pdf")


@router.get("/waybill/{number}")
async def waybill_by_number(number: int):
    return FileResponse(WAYBILLS / f"{number}.pdf", media_type="application/pdf")


@router.get("/go")
async def go(to: str = Query(...)):
    return RedirectResponse(url=to, status_code=303)


@router.get("/go/{carrier}")
async def go_carrier(carrier: str):
    return RedirectResponse(CARRIER_API.get(carrier, "https://freight.example/"), status_code=303)


@router.get("/status", response_class=HTMLResponse)
async def status(ref: str = ""):
    return HTMLResponse("<p>Status of <b>%s</b>: moving</p>" % ref)


@router.get("/status2", response_class=HTMLResponse)
async def status2(ref: str = ""):
    return HTMLResponse(pages.get_template("status.html").render(ref=ref))


@router.post("/mail/preview", response_class=HTMLResponse)
async def mail_preview(body: str = Form(...), name: str = Form(...)):
    pages.from_string(body).render(name=name)
    return HTMLResponse("<p>Preview sent</p>")


@router.get("/export")
async def export(filename: str = "freight.csv", x_lane: str = Header(default="")):
    logger.info("export for lane %r", len(x_lane))
    return Response("id;price\n", headers={"Content-Disposition": "attachment; filename=" + filename})


@router.post("/scan")
async def scan(doc: UploadFile):
    if doc.content_type not in {"image/png", "image/jpeg"}:
        raise HTTPException(415)
    if doc.size is None or doc.size > 5_000_000:
        raise HTTPException(413)
    return {"bytes": len(await doc.read(5_000_000))}
