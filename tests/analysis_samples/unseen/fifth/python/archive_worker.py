"""Background work of the oral history archive: Quart front, files in the back."""
import importlib
import marshal
import os
import shutil
import stat
import tarfile
import tempfile
import xml.dom.pulldom
import xml.sax
import zipfile
from contextlib import suppress
from pathlib import Path, PurePosixPath

import dill
import joblib
import jsonpickle
import msgpack
import pandas as pd
import tomllib
from defusedxml.minidom import parseString
from lxml import etree, objectify
from quart import Quart, abort, jsonify, request
from ruamel.yaml import YAML

app = Quart(__name__)
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 * 1024
SHELF = Path("/srv/archive/shelf")
PLAYERS = {"wav": "archive.players.wav", "ogg": "archive.players.ogg"}


async def body() -> bytes:
    return await request.get_data()


@app.post("/state/dill")
async def state_dill():
    state = dill.loads(await body())
    return jsonify(step=state["step"])


@app.post("/state/jsonpickle")
async def state_jsonpickle():
    text = (await body()).decode()
    state = jsonpickle.decode(text)
    return jsonify(step=state["step"])


@app.post("/state/msgpack")
async def state_msgpack():
    state = msgpack.unpackb(await body(), raw=False)
    return jsonify(step=int(state["step"]))


@app.post("/state/toml")
async def state_toml():
    state = tomllib.loads((await body()).decode())
    return jsonify(step=int(state["step"]))


@app.post("/model")
async def model():
    files = await request.files
    upload = files["model"]
    with tempfile.TemporaryFile() as spool:
        spool.write(upload.read())
        spool.seek(0)
        loaded = joblib.load(spool)
    return jsonify(kind=loaded["kind"])


@app.post("/model/frame")
async def model_frame():
    files = await request.files
    frame = pd.read_pickle(files["frame"])
    return jsonify(rows=len(frame))


@app.post("/model/table")
async def model_table():
    files = await request.files
    frame = pd.read_csv(files["frame"])
    return jsonify(rows=len(frame))


@app.post("/rules")
async def rules():
    parsed = YAML(typ="unsafe").load(await body())
    return jsonify(rules=len(parsed))


@app.post("/rules/safe")
async def rules_safe():
    loader = YAML(typ="safe")
    parsed = loader.load(await body())
    return jsonify(rules=len(parsed))


@app.post("/transcript")
async def transcript():
    dom = parseString(await body(), forbid_dtd=True)
    return jsonify(lines=len(dom.getElementsByTagName("line")))


@app.post("/transcript/dtd")
async def transcript_dtd():
    parser = etree.XMLParser(load_dtd=True, resolve_entities=False, no_network=True)
    root = etree.fromstring(await body(), parser=parser)
    return jsonify(lines=len(root))


@app.post("/transcript/object")
async def transcript_object():
    parser = objectify.makeparser(resolve_entities=False, no_network=True)
    root = objectify.fromstring(await body(), parser=parser)
    return jsonify(lines=root.countchildren())


@app.post("/transcript/events")
async def transcript_events():
    parser = xml.sax.make_parser()
    for feature in (xml.sax.handler.feature_external_ges,):
        parser.setFeature(feature, True)
    events = xml.dom.pulldom.parseString((await body()).decode(), parser=parser)
    return jsonify(events=sum(1 for _ in events))


@app.get("/speaker")
async def speaker():
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    tree = etree.parse(str(SHELF / "speakers.xml"), parser)
    query = "//speaker[village='%s']" % request.args["village"]
    found = tree.xpath(query)
    by_variable = etree.XPath("//speaker[village=$v]")
    return jsonify(found=len(found), again=len(by_variable(tree, v=request.args["village"])))


@app.post("/bundle")
async def bundle():
    with tempfile.NamedTemporaryFile(suffix=".zip") as spool:
        spool.write(await body())
        spool.flush()
        with zipfile.ZipFile(spool.name) as archive:
            names = [n for n in archive.namelist() if not PurePosixPath(n).is_absolute() and ".." not in PurePosixPath(n).parts]
            archive.extractall(SHELF, members=names)
    return jsonify(ok=True)


@app.post("/bundle/tar")
async def bundle_tar():
    with tempfile.NamedTemporaryFile(suffix=".tar") as spool:
        spool.write(await body())
        spool.flush()
        with tarfile.open(spool.name) as archive:
            for member in archive:
                archive.extract(member, path=str(SHELF), filter="fully_trusted")
    return jsonify(ok=True)


@app.post("/bundle/tar/data")
async def bundle_tar_data():
    with tempfile.NamedTemporaryFile(suffix=".tar") as spool:
        spool.write(await body())
        spool.flush()
        shutil.unpack_archive(spool.name, SHELF, format="tar", filter="data")
    return jsonify(ok=True)


@app.post("/player")
async def player():
    form = await request.form
    module_name, _, class_name = form["player"].rpartition(".")
    module = importlib.import_module(module_name)
    return jsonify(name=module.__name__, cls=len(class_name))


@app.post("/player/known")
async def player_known():
    form = await request.form
    try:
        module = importlib.import_module(PLAYERS[form["player"]])
    except KeyError:
        abort(404)
    return jsonify(name=module.__name__)


@app.post("/routine")
async def routine():
    code = marshal.loads(await body())
    return jsonify(names=len(code.co_names))


def tape_lock() -> Path:
    lock = Path("/var/tmp/tape.lock")
    lock.write_text(str(os.getpid()))
    return lock


def tape_scratch() -> str:
    return tempfile.mkdtemp(prefix="tape-")


def tape_scratch_named() -> str:
    name = tempfile.mktemp(prefix="tape-")
    Path(name).write_bytes(b"")
    return name


def share_tape(path: Path) -> None:
    mode = stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO
    os.chmod(path, mode)


def protect_tape(path: Path) -> None:
    mode = stat.S_IRUSR | stat.S_IWUSR
    os.chmod(path, mode)
    with suppress(FileNotFoundError):
        path.with_suffix(".bak").unlink()


def new_tape(path: str) -> int:
    os.umask(0)
    return os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o640)
