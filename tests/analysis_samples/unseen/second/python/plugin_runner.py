"""Runs evaluation plug-ins of a seismology group; data sets come in over HTTP."""
import io
import json
import logging
import operator
import pydoc
import re
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from importlib import import_module

import dill
import joblib
import jsonpickle
import msgpack
import numpy as np
import pandas as pd
import regex
import ruamel.yaml
from asteval import Interpreter
from fastapi import APIRouter, Depends, File, Form, HTTPException, Request, UploadFile
from fastapi.security import APIKeyHeader
from pydantic import BaseModel
from simpleeval import simple_eval

log = logging.getLogger("seismo")
router = APIRouter(dependencies=[Depends(APIKeyHeader(name="X-Seismo-Key"))])

PLUGINS = {"peaks": "seismo.plugins.peaks", "noise": "seismo.plugins.noise"}
COMPARE = {"lt": operator.lt, "gt": operator.gt}
FIELDS = {"depth", "magnitude"}
MAX_UPLOAD = 5_000_000


class Quake:
    depth = 0.0
    magnitude = 0.0
    reviewed = False


class Formula(BaseModel):
    text: str
    values: dict[str, float] = {}


async def limited(upload: UploadFile = File()) -> bytes:
    data = await upload.read(MAX_UPLOAD + 1)
    if len(data) > MAX_UPLOAD:
        raise HTTPException(413)
    return data


@router.post("/models")
def load_model(data: bytes = Depends(limited)):
    model = dill.loads(data)
    return {"type": type(model).__name__}


@router.post("/models/joblib")
def load_joblib(data: bytes = Depends(limited)):
    return {"steps": len(joblib.load(io.BytesIO(data)))}


@router.post("/frames")
def load_frame(data: bytes = Depends(limited)):
    return {"rows": len(pd.read_pickle(io.BytesIO(data)))}


@router.post("/frames/csv")
def load_csv(data: bytes = Depends(limited)):
    return {"rows": len(pd.read_csv(io.BytesIO(data)))}


@router.post("/traces")
def load_traces(data: bytes = Depends(limited)):
    first = np.load(io.BytesIO(data), allow_pickle=False)
    second = np.load(io.BytesIO(data), allow_pickle=True)
    return {"first": first.size, "second": second.size}


@router.post("/state")
async def load_state(request: Request):
    body = (await request.body()).decode()
    state = jsonpickle.decode(body)
    return {"keys": len(state), "plain": len(json.loads(body))}


@router.post("/packed")
async def load_packed(request: Request):
    return {"keys": len(msgpack.unpackb(await request.body(), strict_map_key=True))}


@router.post("/settings")
async def load_settings(request: Request):
    body = await request.body()
    safe = ruamel.yaml.YAML(typ="safe").load(body)
    unsafe = ruamel.yaml.YAML(typ="unsafe").load(body)
    return {"same": safe == unsafe}


@router.post("/formula")
def formula(body: Formula):
    scope = {"__builtins__": None, **body.values}
    return {"result": eval(body.text, scope)}


@router.post("/formula/simple")
def formula_simple(body: Formula):
    return {"result": simple_eval("magnitude - depth / 100", names=body.values)}


@router.post("/script")
def script(source: str = Form()):
    namespace = {}
    code = compile(source, "script", mode="exec")
    exec(code, namespace)
    return {"names": len(namespace)}


@router.post("/plugins/{name}")
def plugin(name: str):
    path = PLUGINS.get(name)
    if path is None:
        raise HTTPException(404)
    return {"version": import_module(path).VERSION}


@router.post("/plugins/free/{package}")
def free_plugin(package: str):
    module = import_module(package)
    return {"doc": module.__doc__}


@router.post("/filters/{name}")
def run_filter(name: str, values: list[float]):
    function = getattr(np, name)
    return {"result": float(function(values))}


@router.post("/locate")
def locate_object(dotted: str = Form()):
    return {"found": pydoc.locate(dotted) is not None}


@router.post("/compare/{name}")
def compare(name: str, left: float, right: float):
    function = COMPARE.get(name, operator.eq)
    return {"result": function(left, right)}


@router.patch("/quakes")
async def patch_quake(request: Request):
    quake = Quake()
    changes = await request.json()
    quake.__dict__.update(changes)
    return {"depth": quake.depth}


@router.patch("/quakes/fields")
async def patch_fields(request: Request):
    quake = Quake()
    changes = await request.json()
    for name in FIELDS.intersection(changes):
        setattr(quake, name, float(changes[name]))
    return {"depth": quake.depth}


@router.get("/stations/search")
def search_stations(pattern: str):
    names = ["Davos", "Sion", "Zernez"]
    compiled = re.compile("^" + pattern)
    bounded = re.compile(r"^[A-Z][a-z]+$")
    return [n for n in names if compiled.match(n) and bounded.match(n)]


@router.get("/stations/prefix")
def prefix_stations(prefix: str):
    names = ["Davos", "Sion", "Zernez"]
    return [n for n in names if regex.match(regex.escape(prefix), n, timeout=0.2)]


@router.post("/alerts")
def alert(title: str = Form(), magnitude: float = Form()):
    message = MIMEMultipart()
    message["To"] = "alert@erdbeben.example"
    message.add_header("Subject", title)
    message.add_header("X-Magnitude", f"{magnitude:.1f}")
    with smtplib.SMTP_SSL("mail.erdbeben.example", timeout=10, context=ssl.create_default_context()) as smtp:
        smtp.send_message(message, "bot@erdbeben.example")
    log.info("alert of magnitude %.1f", magnitude)
    return {"ok": True}


@router.post("/alerts/short")
def short_alert(title: str = Form()):
    message = EmailMessage()
    message["To"] = Address("Alerts", "alert", "erdbeben.example")
    message["Subject"] = " ".join(title.splitlines())
    with smtplib.SMTP_SSL("mail.erdbeben.example", timeout=10, context=ssl.create_default_context()) as smtp:
        smtp.send_message(message, "bot@erdbeben.example")
    log.warning("short alert sent: {}".format(title))
    return {"ok": True}


def sandbox_version():
    return Interpreter().eval("1 + 1")
