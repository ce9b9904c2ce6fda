"""Intake of donated collections for a regional sound archive (aiohttp server)."""
import ast
import importlib
import io
import json
import logging
import operator
import os
import shelve
import subprocess
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import dill
import jsonpickle
import numpy as np
from aiohttp import ClientSession, ClientTimeout, web
from defusedxml.ElementTree import fromstring as parse_safely
from lxml import etree

routes = web.RouteTableDef()
log = logging.getLogger("intake")
SHELF = Path("/srv/soundarchive/shelf")
READERS = {"wav": "intake.readers.wav", "flac": "intake.readers.flac"}
FORMULAS = {"sum": sum, "max": max, "min": min}
LIMIT = 50 * 1024 * 1024


def inside(base: Path, member: str) -> Path:
    target = (base / member).resolve()
    if not target.is_relative_to(base.resolve()):
        raise web.HTTPBadRequest(text="bad member")
    return target


@routes.post("/deposit/tar")
async def deposit_tar(request: web.Request) -> web.Response:
    blob = await request.read()
    with tarfile.open(fileobj=io.BytesIO(blob)) as bundle:
        bundle.extractall(SHELF, filter="fully_trusted")
    return web.Response(status=204)


@routes.post("/deposit/tar2")
async def deposit_tar2(request: web.Request) -> web.Response:
    blob = await request.read()
    with tarfile.open(fileobj=io.BytesIO(blob)) as bundle:
        bundle.extractall(SHELF, filter="data")
    return web.Response(status=204)


@routes.post("/deposit/zip")
async def deposit_zip(request: web.Request) -> web.Response:
    blob = await request.read()
    with zipfile.ZipFile(io.BytesIO(blob)) as bundle:
        for info in bundle.infolist():
            if info.is_dir() or info.file_size > LIMIT:
                continue
            with open(os.path.join(SHELF, info.filename), "wb") as out:
                out.write(bundle.read(info))
    return web.Response(status=204)


@routes.post("/deposit/zip2")
async def deposit_zip2(request: web.Request) -> web.Response:
    blob = await request.read()
    with zipfile.ZipFile(io.BytesIO(blob)) as bundle:
        for info in bundle.infolist():
            if info.is_dir() or info.file_size > LIMIT:
                continue
            inside(SHELF, info.filename).write_bytes(bundle.read(info))
    return web.Response(status=204)


@routes.post("/catalogue")
async def catalogue(request: web.Request) -> web.Response:
    parser = etree.XMLParser(
        resolve_entities=True,
        no_network=True,
    )
    root = etree.fromstring(await request.read(), parser)
    return web.json_response({"records": len(root)})


@routes.post("/catalogue/large")
async def catalogue_large(request: web.Request) -> web.Response:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(await request.read(), parser)
    return web.json_response({"records": len(root)})


@routes.post("/catalogue/v2")
async def catalogue_v2(request: web.Request) -> web.Response:
    root = parse_safely(await request.read())
    return web.json_response({"records": len(root)})


def load_index() -> etree._ElementTree:
    return etree.parse(SHELF / "index.xml", etree.XMLParser(resolve_entities=False, no_network=True))


@routes.get("/records")
async def records(request: web.Request) -> web.Response:
    performer = request.query.get("performer", "")
    tree = load_index()
    hits = tree.xpath("//record[performer = '" + performer + "']")
    bound = tree.xpath("//record[performer = $who]", who=performer)
    return web.json_response({"hits": len(hits), "bound": len(bound)})


@routes.get("/records/{decade}")
async def records_of(request: web.Request) -> web.Response:
    decade = int(request.match_info["decade"])
    find = etree.XPath(f"//record[@decade = '{decade}']")
    return web.json_response({"hits": len(find(load_index()))})


@routes.post("/session/restore")
async def restore(request: web.Request) -> web.Response:
    data = await request.post()
    state = jsonpickle.decode(data["state"])
    return web.json_response({"steps": len(state)})


@routes.post("/session/restore2")
async def restore2(request: web.Request) -> web.Response:
    data = await request.post()
    return web.json_response({"steps": len(json.loads(data["state"]))})


@routes.post("/spectrum")
async def spectrum(request: web.Request) -> web.Response:
    matrix = np.load(io.BytesIO(await request.read()), allow_pickle=True)
    return web.json_response({"peak": float(matrix.max())})


@routes.post("/spectrum/v2")
async def spectrum_v2(request: web.Request) -> web.Response:
    matrix = np.load(io.BytesIO(await request.read()), allow_pickle=False)
    return web.json_response({"peak": float(matrix.max())})


def remembered(job: str):
    with shelve.open("/srv/soundarchive/jobs") as jobs:
        return dill.copy(jobs.get(job))


@routes.get("/tempo")
async def tempo(request: web.Request) -> web.Response:
    expression = request.query["expr"]
    value = eval(expression, {"__builtins__": {}}, {"bpm": 120})
    return web.json_response({"value": value})


@routes.get("/tempo/v2")
async def tempo_v2(request: web.Request) -> web.Response:
    numbers = ast.literal_eval(request.query["values"])
    reduce = FORMULAS.get(request.query.get("fn", "sum"), sum)
    return web.json_response({"value": reduce(numbers)})


@routes.get("/reader")
async def reader(request: web.Request) -> web.Response:
    kind = request.query["kind"]
    module = importlib.import_module("intake.readers." + kind)
    return web.json_response({"name": module.NAME})


@routes.get("/reader/v2")
async def reader_v2(request: web.Request) -> web.Response:
    kind = request.query["kind"]
    if kind not in READERS:
        raise web.HTTPNotFound()
    module = importlib.import_module(READERS[kind])
    return web.json_response({"name": operator.attrgetter("NAME")(module)})


@routes.post("/transcode")
async def transcode(request: web.Request) -> web.Response:
    form = await request.post()
    args = ["ffmpeg", "-nostdin", "-i", "in.wav"]
    for option in form.getall("option", []):
        args.append(option)
    args.append("out.flac")
    subprocess.run(args, cwd=SHELF, timeout=300, check=True)
    return web.Response(status=204)


@routes.get("/mirror")
async def mirror(request: web.Request) -> web.Response:
    host = request.query["host"]
    async with ClientSession(timeout=ClientTimeout(total=20)) as session:
        async with session.get(f"https://{host}/catalogue.json") as answer:
            return web.json_response(await answer.json())


@routes.get("/cover/{name}")
async def cover(request: web.Request) -> web.StreamResponse:
    name = PurePosixPath(request.match_info["name"]).name
    return web.FileResponse(inside(SHELF, name))
