"""Readings of the bridge sensors: Starlette on asyncpg."""
import asyncio
import contextlib
import logging
import os
import pathlib
import ssl
import uuid

import aiofiles
import asyncpg
import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from tenacity import retry, stop_after_attempt, stop_never, wait_exponential

logger = logging.getLogger("bridges")
PLOTS = pathlib.Path("/var/lib/bridges/plots")
GATEWAYS = ("https://east.bridges.example", "https://west.bridges.example")
ORDERINGS = {"old": "measured_at ASC", "new": "measured_at DESC"}


async def fetch(request: Request, sql: str, *args):
    async with request.app.state.pool.acquire() as con:
        return [dict(r) for r in await con.fetch(sql, *args)]


async def readings(request: Request):
    bridge = request.path_params["bridge"]
    async with request.app.state.pool.acquire() as con:
        found = await con.fetch("SELECT strain FROM readings WHERE bridge = $1", bridge)
    return JSONResponse([dict(r) for r in found])


async def readings_ordered(request: Request):
    ordering = ORDERINGS.get(request.query_params.get("order", ""), "id")
    async with request.app.state.pool.acquire() as con:
        found = await con.fetch(f"SELECT strain FROM readings ORDER BY {ordering}")
    return JSONResponse([dict(r) for r in found])


async def readings_noted(request: Request):
    form = await request.form()
    sql = "SELECT strain FROM readings WHERE note = '{note}'"
    return JSONResponse(await fetch(request, sql.format_map(form)))


async def readings_removed(request: Request):
    body = await request.json()
    wanted = {"bridge": body["bridge"]}
    async with request.app.state.pool.acquire() as con:
        await con.execute("DELETE FROM readings WHERE bridge = '" + wanted["bridge"] + "'")
    return JSONResponse({"ok": True})


async def readings_purged(request: Request):
    body = await request.json()
    async with request.app.state.pool.acquire() as con:
        await con.execute("DELETE FROM readings WHERE bridge = $1", body["bridge"])
    return JSONResponse({"ok": True})


async def plate(request: Request):
    inscription = request.query_params["inscription"]
    return HTMLResponse(f"<blockquote>{inscription}</blockquote>")


async def plate_text(request: Request):
    return PlainTextResponse(request.query_params["inscription"])


async def plate_typed(request: Request):
    content = "<blockquote>" + request.query_params["inscription"] + "</blockquote>"
    return Response(content, media_type="text/html")


async def plot(request: Request):
    async with aiofiles.open(PLOTS / request.query_params["file"], "rb") as fh:
        return Response(await fh.read(), media_type="image/png")


async def plot_by_id(request: Request):
    number = uuid.UUID(request.path_params["id"])
    async with aiofiles.open(PLOTS / f"{number}.png", "rb") as fh:
        return Response(await fh.read(), media_type="image/png")


async def gateway(request: Request):
    index = int(request.query_params.get("index", "0")) % len(GATEWAYS)
    async with httpx.AsyncClient(timeout=httpx.Timeout(5.0)) as client:
        reply = await client.get(GATEWAYS[index] + "/state")
    return JSONResponse({"code": reply.status_code})


async def gateway_named(request: Request):
    url = httpx.URL(scheme="https", host=request.query_params["host"], path="/state")
    async with httpx.AsyncClient(timeout=httpx.Timeout(5.0)) as client:
        reply = await client.get(url)
    return JSONResponse({"code": reply.status_code})


async def jump(request: Request):
    return RedirectResponse(request.headers.get("referer", "/"))


async def stay(request: Request):
    return RedirectResponse(request.app.url_path_for("readings", bridge="east"))


async def recalibrate(request: Request):
    unit = request.query_params["unit"]
    proc = await asyncio.create_subprocess_shell("calibrate " + unit)
    return JSONResponse({"code": await proc.wait()})


async def recalibrate_exec(request: Request):
    unit = int(request.query_params["unit"])
    proc = await asyncio.create_subprocess_exec("calibrate", str(unit))
    return JSONResponse({"code": await proc.wait()})


async def inspector(request: Request):
    request.session["inspector"] = request.query_params["name"]
    request.session["visits"] = int(request.session.get("visits", 0)) + 1
    return JSONResponse({"ok": True})


@retry(stop=stop_after_attempt(4), wait=wait_exponential(max=30))
async def push_alarm(client: httpx.AsyncClient, payload: dict) -> None:
    (await client.post(GATEWAYS[0] + "/alarm", json=payload)).raise_for_status()


@retry(stop=stop_never, wait=wait_exponential(max=30))
async def push_heartbeat(client: httpx.AsyncClient) -> None:
    (await client.post(GATEWAYS[0] + "/heartbeat")).raise_for_status()


@contextlib.asynccontextmanager
async def lifespan(app: Starlette):
    ctx = ssl.create_default_context(cafile="/etc/bridges/ca.pem")
    app.state.pool = await asyncpg.create_pool(os.environ["BRIDGES_DSN"], ssl=ctx, max_size=10, command_timeout=20)
    yield
    await app.state.pool.close()


middleware = [
    Middleware(HTTPSRedirectMiddleware),
    Middleware(TrustedHostMiddleware, allowed_hosts=["bridges.example"]),
    Middleware(SessionMiddleware, secret_key=os.environ["BRIDGES_SECRET"], https_only=True, same_site="strict", max_age=3600),
    Middleware(
        CORSMiddleware,
        allow_origin_regex=".*",
        allow_methods=["GET"],
    ),
]

routes = [
    Route("/readings/{bridge}", readings), Route("/ordered", readings_ordered), Route("/noted", readings_noted, methods=["POST"]),
    Route("/removed", readings_removed, methods=["POST"]), Route("/purged", readings_purged, methods=["POST"]),
    Route("/plate", plate), Route("/plate.txt", plate_text), Route("/plate/typed", plate_typed), Route("/plot", plot),
    Route("/plot/{id}", plot_by_id), Route("/gateway", gateway), Route("/gateway/named", gateway_named), Route("/jump", jump),
    Route("/stay", stay), Route("/recalibrate", recalibrate), Route("/recalibrate/exec", recalibrate_exec), Route("/inspector", inspector),
]

app = Starlette(debug=False, routes=routes, middleware=middleware, lifespan=lifespan)
lab = Starlette(
    debug=True,
    routes=routes[:1],
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=8000, server_header=False, timeout_keep_alive=10)
