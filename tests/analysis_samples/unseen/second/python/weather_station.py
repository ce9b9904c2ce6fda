"""Collects values of hobby weather stations with aiohttp."""
import asyncio
import html
import json
import logging
import secrets
import ssl
from pathlib import Path

import aiohttp
from aiohttp import ClientSession, ClientTimeout, TCPConnector, web
from aiohttp_session import get_session, setup as setup_session
from aiohttp_session.cookie_storage import EncryptedCookieStorage

logger = logging.getLogger("weather")
routes = web.RouteTableDef()
CHARTS = Path("/srv/weather/charts")
STATIONS = {"pass": "https://pass.wetternetz.example/now", "lake": "https://lake.wetternetz.example/now"}
ANY_HOST = "::"


class StationClient:
    def __init__(self, session: ClientSession):
        self._session = session

    async def read(self, name: str) -> dict:
        async with self._session.get(STATIONS[name]) as reply:
            return await reply.json()

    async def read_unverified(self, name: str) -> dict:
        async with self._session.get(STATIONS[name], ssl=False) as reply:
            return await reply.json()

    async def read_pinned(self, name: str) -> dict:
        context = ssl.create_default_context(cafile="/etc/weather/ca.pem")
        async with self._session.get(STATIONS[name], ssl=context) as reply:
            return await reply.json()


def loose_session() -> ClientSession:
    connector = TCPConnector(
        limit=0,
        verify_ssl=False,
    )
    return aiohttp.ClientSession(connector=connector, timeout=ClientTimeout(total=30))


def patient_session() -> ClientSession:
    patience = ClientTimeout(total=None)
    return ClientSession(timeout=patience, connector=TCPConnector(limit=20))


def usual_session() -> ClientSession:
    return ClientSession(timeout=ClientTimeout(total=20, connect=4), connector=TCPConnector(limit=20))


@routes.get("/stations/{name}")
async def station(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in STATIONS:
        raise web.HTTPNotFound()
    return web.json_response(await StationClient(request.app["http"]).read(name))


@routes.get("/probe")
async def probe(request: web.Request) -> web.Response:
    target = request.query["target"]
    async with request.app["http"].get(target) as reply:
        return web.json_response({"status": reply.status})


@routes.get("/title")
async def title(request):
    place = request.query.get("place", "")
    return web.Response(text=f"<h1>Weather in {place}</h1>", content_type="text/html")


@routes.get("/title-safe")
async def title_safe(request):
    place = html.escape(request.query.get("place", ""))
    return web.Response(body=f"<h1>Weather in {place}</h1>".encode(), content_type="text/html")


@routes.get("/chart")
async def chart(request):
    return web.FileResponse(CHARTS / request.query["file"])


@routes.get("/chart/{year:\\d+}")
async def chart_of_year(request):
    return web.FileResponse(CHARTS / f"{int(request.match_info['year'])}.png")


@routes.get("/go")
async def go(request):
    where = request.rel_url.query.get("where", "/")
    raise web.HTTPFound(location=where)


@routes.get("/home")
async def home(request):
    raise web.HTTPFound(location="/stations/lake")


@routes.post("/login")
async def login(request):
    form = await request.post()
    session = await get_session(request)
    session["unit"] = "F" if form.get("unit") == "F" else "C"
    session["station"] = form.get("station")
    reply = web.json_response({"ok": True})
    reply.set_cookie("station_token", secrets.token_urlsafe(32), httponly=True, samesite="Lax", secure=False)
    return reply


@routes.get("/token-hint")
async def token_hint(request):
    reply = web.Response(text="ok")
    reply.set_cookie("hint", "1", secure=True, httponly=True, samesite="None")
    reply.headers["X-Frame-Options"] = "DENY"
    return reply


@routes.post("/values")
async def values(request):
    data = await request.json()
    logger.info("value %.2f of %s", float(data["value"]), data["station"])
    logger.info("value %.2f of %s", float(data["value"]), json.dumps(data["station"]))
    return web.json_response({"ok": True})


@web.middleware
async def open_to_all(request, handler):
    reply = await handler(request)
    reply.headers["Access-Control-Allow-Origin"] = "*"
    return reply


@web.middleware
async def open_to_us(request, handler):
    reply = await handler(request)
    reply.headers["Access-Control-Allow-Origin"] = "https://www.wetternetz.example"
    reply.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return reply


def station_app() -> web.Application:
    app = web.Application(middlewares=[open_to_all], client_max_size=0)
    app.add_routes(routes)
    app.router.add_static("/charts", CHARTS, show_index=True)
    return app


def office_app() -> web.Application:
    app = web.Application(middlewares=[open_to_us], client_max_size=256 * 1024)
    key = secrets.token_bytes(32)
    setup_session(app, EncryptedCookieStorage(key, secure=True, httponly=True, samesite="Lax"))
    app.router.add_static("/charts", CHARTS, show_index=False)
    return app


async def serve_office():
    runner = web.AppRunner(office_app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 8085).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    web.run_app(station_app(), host=ANY_HOST, port=8084)
