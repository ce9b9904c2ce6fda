"""aiohttp gateway between tractors and the farm dashboard."""
import ast
import asyncio
import json
import logging
import os
import re
import ssl
import subprocess

import aiohttp
import aiohttp_cors
import jinja2
from aiohttp import web

log = logging.getLogger(__name__)
routes = web.RouteTableDef()
pages = jinja2.Environment(loader=jinja2.FileSystemLoader("/srv/farm/pages"), autoescape=True)
letters = jinja2.Environment(loader=jinja2.FileSystemLoader("/srv/farm/pages"), autoescape=False)
IMPLEMENTS = {"plough": "https://plough.farm.example", "seeder": "https://seeder.farm.example"}
OPS = {"sum": sum, "max": max, "min": min}


class Sensor:
    unit = "kPa"
    offset = 0.0

    def calibrate(self):
        return self.offset


@routes.get("/reading")
async def reading(request: web.Request) -> web.Response:
    op = OPS.get(request.query.get("op", "sum"), sum)
    values = [float(v) for v in request.query.getall("v", [])]
    return web.json_response({"value": op(values)})


@routes.get("/formula")
async def formula(request: web.Request) -> web.Response:
    value = eval(request.query["expr"], {"__builtins__": {}})
    return web.json_response({"value": value})


@routes.get("/literal")
async def literal(request: web.Request) -> web.Response:
    value = ast.literal_eval(request.query["expr"])
    return web.json_response({"value": value})


@routes.post("/script")
async def script(request: web.Request) -> web.Response:
    body = await request.json()
    source = "\n".join(["def rule(x):", "    return x * " + str(body["factor"])])
    space: dict = {}
    exec(compile(source, "rule", "exec"), space)
    return web.json_response({"ok": "rule" in space})


@routes.get("/page")
async def page(request: web.Request) -> web.Response:
    html = pages.get_template("field.html").render(name=request.query.get("name", ""))
    return web.Response(text=html, content_type="text/html")


@routes.get("/page/custom")
async def custom_page(request: web.Request) -> web.Response:
    template = pages.from_string(request.query["layout"])
    return web.json_response({"preview": template.render(fields=3)})


@routes.get("/field")
async def field(request: web.Request) -> web.Response:
    name = request.query.get("name", "north")
    return web.Response(text=f"<h2>{name}</h2>", content_type="text/html")


@routes.get("/field.txt")
async def field_text(request: web.Request) -> web.Response:
    return web.Response(text=request.query.get("name", "north"))


@routes.post("/sensor")
async def tune(request: web.Request) -> web.Response:
    sensor = Sensor()
    data = await request.post()
    setattr(sensor, data["field"], data["value"])
    return web.json_response({"offset": sensor.offset})


@routes.post("/sensor/checked")
async def tune_checked(request: web.Request) -> web.Response:
    sensor = Sensor()
    data = await request.post()
    if data["field"] in ("unit", "offset"):
        setattr(sensor, data["field"], data["value"])
    return web.json_response({"offset": sensor.calibrate()})


@routes.post("/sensor/call")
async def call(request: web.Request) -> web.Response:
    data = await request.post()
    method = getattr(Sensor(), data["method"])
    return web.json_response({"result": method()})


@routes.get("/grep")
async def grep(request: web.Request) -> web.Response:
    pattern = re.compile(request.query["pattern"])
    hits = [n for n in ("north", "south", "creek") if pattern.search(n)]
    return web.json_response(hits)


@routes.get("/grep/literal")
async def grep_literal(request: web.Request) -> web.Response:
    pattern = re.compile(re.escape(request.query["pattern"]), re.I)
    hits = [n for n in ("north", "south", "creek") if pattern.search(n)]
    return web.json_response(hits)


@routes.get("/proxy")
async def proxy(request: web.Request) -> web.Response:
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=timeout) as s:
        async with s.get("https://" + request.query["host"] + "/status") as r:
            return web.json_response(await r.json())


@routes.get("/proxy/{implement}")
async def proxy_named(request: web.Request) -> web.Response:
    base = IMPLEMENTS.get(request.match_info["implement"])
    if base is None:
        raise web.HTTPNotFound()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as s:
        async with s.get(base + "/status") as r:
            return web.json_response(await r.json())


@routes.get("/out")
async def out(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(location=request.query["to"])


@routes.get("/in")
async def inside(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(location=request.app.router["home"].url_for())


@routes.get("/manual/{page}")
async def manual(request: web.Request) -> web.StreamResponse:
    with open("/srv/farm/manual/" + request.query["page"]) as fh:
        return web.Response(text=fh.read())


@routes.get("/", name="home")
async def home(request: web.Request) -> web.Response:
    log.warning("visit from %s", request.headers.get("User-Agent"))
    log.warning("visit from %s", json.dumps(request.headers.get("User-Agent")))
    response = web.json_response({"ok": True})
    response.set_cookie("session", os.urandom(16).hex(), secure=True, httponly=True)
    response.set_cookie("tractor_session", os.urandom(16).hex(), secure=True, httponly=True, samesite="Lax")
    return response


@routes.post("/spray")
async def spray(request: web.Request) -> web.Response:
    litres = (await request.post())["litres"]
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, lambda: subprocess.call("spray --l " + litres, shell=True))
    return web.json_response({"ok": True})


def make_app() -> web.Application:
    app = web.Application(client_max_size=1024**2)
    app.add_routes(routes)
    defaults = {"https://farm.example": aiohttp_cors.ResourceOptions(allow_credentials=True, allow_headers=("X-Farm",))}
    aiohttp_cors.setup(app, defaults=defaults)
    return app


def main() -> None:
    ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ctx.load_cert_chain("/etc/farm/tls.pem")
    web.run_app(make_app(), host="0.0.0.0", port=8443, ssl_context=ctx)


if __name__ == "__main__":
    main()
