"""Import of manuscripts, bibliographies and old data sets for a small press."""
import ast
import csv
import importlib
import io
import json
import operator
import pickle
import re
import tarfile
import tempfile
import xml.sax
import xml.sax.handler
import zipfile
from pathlib import Path

import defusedxml.ElementTree as SafeTree
import yaml
from flask import Flask, abort, jsonify, request
from yaml import SafeLoader

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 8 * 1024 * 1024

INBOX = Path("/srv/press/inbox")
FORMATS = {"json": json.loads, "csv": lambda text: list(csv.reader(io.StringIO(text)))}
OPERATIONS = {"sum": sum, "max": max, "len": len, "neg": operator.neg}


class Manuscript:
    def __init__(self, title):
        self.title = title
        self.pages = 0
        self.approved = False


class Snapshot:
    """Own text format of the layout program."""

    @staticmethod
    def loads(data):
        return dict(line.split("=", 1) for line in data.decode().splitlines())


class TitleHandler(xml.sax.handler.ContentHandler):
    titles = 0

    def startElement(self, name, attrs):
        if name == "title":
            self.titles += 1


@app.post("/import/state")
def import_state():
    state = pickle.loads(request.get_data())
    return jsonify(keys=len(state))


@app.post("/import/snapshot")
def import_snapshot():
    return jsonify(Snapshot.loads(request.get_data()))


@app.post("/import/compiled")
def import_compiled():
    blob = request.files["blob"].read()
    return jsonify(size=len(pickle.Unpickler(io.BytesIO(blob)).load()))


@app.post("/import/meta")
def import_meta():
    text = request.get_data(as_text=True)
    return jsonify(yaml.load(text, Loader=yaml.UnsafeLoader))


@app.post("/import/meta-safe")
def import_meta_safe():
    text = request.get_data(as_text=True)
    first = yaml.safe_load(text)
    second = yaml.load(text, Loader=SafeLoader)
    return jsonify(same=first == second)


@app.post("/import/onix")
def import_onix():
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, True)
    handler = TitleHandler()
    parser.setContentHandler(handler)
    parser.parse(io.BytesIO(request.get_data()))
    return jsonify(titles=handler.titles)


@app.post("/import/onix-safe")
def import_onix_safe():
    root = SafeTree.fromstring(request.get_data(), forbid_dtd=True)
    return jsonify(titles=len(root.findall(".//title")))


@app.post("/compute")
def compute():
    body = request.get_json()
    result = eval(body["formula"], {"__builtins__": {}}, {"pages": 12})
    return jsonify(result=result)


@app.post("/compute-literal")
def compute_literal():
    return jsonify(result=ast.literal_eval(request.get_json()["value"]))


@app.post("/compute-named")
def compute_named():
    body = request.get_json()
    function = OPERATIONS.get(body["op"])
    if function is None:
        abort(400)
    return jsonify(result=function(body["values"]))


@app.post("/macro")
def macro():
    source = "\n".join(line.rstrip() for line in request.get_data(as_text=True).splitlines())
    scope = {}
    exec(compile(source, "<macro>", "exec"), scope)
    return jsonify(names=sorted(k for k in scope if not k.startswith("_")))


@app.post("/convert/<kind>")
def convert(kind):
    module = importlib.import_module("press.converters." + kind)
    return jsonify(module.convert(request.get_data()))


@app.post("/parse/<kind>")
def parse(kind):
    if kind not in FORMATS:
        abort(404)
    return jsonify(FORMATS[kind](request.get_data(as_text=True)))


@app.post("/manuscripts")
def create_manuscript():
    script = Manuscript("untitled")
    for key, value in request.get_json().items():
        setattr(script, key, value)
    return jsonify(title=script.title)


@app.post("/manuscripts/edit")
def edit_manuscript():
    script = Manuscript("untitled")
    for key, value in request.get_json().items():
        if key in ("title", "pages"):
            setattr(script, key, value)
    return jsonify(title=script.title, pages=script.pages)


@app.post("/bundle")
def bundle():
    upload = request.files["bundle"]
    with tempfile.TemporaryDirectory() as work, tarfile.open(fileobj=upload.stream) as tar:
        tar.extractall(work)
        return jsonify(count=len(list(Path(work).rglob("*"))))


@app.post("/bundle-safe")
def bundle_safe():
    upload = request.files["bundle"]
    with tempfile.TemporaryDirectory() as work, tarfile.open(fileobj=upload.stream) as tar:
        tar.extractall(work, filter="data")
        return jsonify(count=len(list(Path(work).rglob("*"))))


@app.post("/pictures")
def pictures():
    with zipfile.ZipFile(request.files["pictures"].stream) as archive:
        for member in archive.infolist():
            (INBOX / member.filename).write_bytes(archive.read(member))
    return jsonify(ok=True)


@app.get("/find")
def find():
    pattern = re.compile(request.args["pattern"], re.I)
    exact = re.compile(re.escape(request.args["pattern"]), re.I)
    names = [p.name for p in INBOX.iterdir()]
    return jsonify(some=[n for n in names if pattern.search(n)], exact=[n for n in names if exact.search(n)])
