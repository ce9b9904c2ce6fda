"""Import of supplier feeds: XML, YAML, archives, saved state."""
import io
import json
import os
import tarfile
import xml.sax
import zipfile
from importlib import import_module
from pathlib import Path

import defusedxml.ElementTree as DET
import yaml
from flask import Flask, abort, jsonify, request
from lxml import etree
from werkzeug.utils import secure_filename
from xml.sax import handler, make_parser

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 8 * 1024 * 1024
SPOOL = Path("/srv/feeds/spool")
FORMATS = {"orders": "feeds.orders", "stock": "feeds.stock"}
ALLOWED = {".xml", ".yaml", ".zip"}


@app.post("/xml/plain")
def xml_plain():
    root = DET.fromstring(request.get_data())
    return jsonify(items=len(root))


@app.post("/xml/entities")
def xml_entities():
    parser = etree.XMLParser(resolve_entities=True)
    root = etree.fromstring(request.get_data(), parser)
    return jsonify(items=len(root))


@app.post("/xml/strict")
def xml_strict():
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(request.get_data(), parser)
    return jsonify(items=len(root))


@app.post("/xml/huge")
def xml_huge():
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    tree = etree.parse(io.BytesIO(request.get_data()), parser)
    return jsonify(items=len(tree.getroot()))


@app.post("/xml/sax")
def xml_sax():
    counter = handler.ContentHandler()
    parser = make_parser()
    parser.setContentHandler(counter)
    parser.setFeature(handler.feature_external_ges, True)
    parser.parse(io.BytesIO(request.get_data()))
    return jsonify(ok=True)


@app.post("/xml/sax-closed")
def xml_sax_closed():
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, False)
    parser.setFeature(xml.sax.handler.feature_external_pes, False)
    parser.parse(io.BytesIO(request.get_data()))
    return jsonify(ok=True)


def stock_tree():
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.parse("/srv/feeds/stock.xml", parser)


@app.get("/stock/price")
def price():
    sku = request.args["sku"]
    hits = stock_tree().xpath("//item[@sku='" + sku + "']/price/text()")
    return jsonify(prices=hits)


@app.get("/stock/price-bound")
def price_bound():
    hits = stock_tree().xpath("//item[@sku=$sku]/price/text()", sku=request.args["sku"])
    return jsonify(prices=hits)


@app.get("/stock/row")
def row():
    number = int(request.args["row"])
    hits = stock_tree().xpath("//item[%d]/price/text()" % number)
    return jsonify(prices=hits)


@app.get("/stock/found")
def found():
    path = "//item[name='{0}']".format(request.args["name"])
    finder = etree.XPath(path)
    return jsonify(found=len(finder(stock_tree())))


@app.post("/yaml")
def yaml_rules():
    rules = yaml.load(request.get_data(), Loader=yaml.Loader)
    return jsonify(rules=len(rules))


@app.post("/yaml/safe")
def yaml_rules_safe():
    rules = yaml.load(request.get_data(), Loader=yaml.SafeLoader)
    more = yaml.safe_load(request.get_data())
    return jsonify(rules=len(rules) + len(more))


@app.post("/yaml/unsafe")
def yaml_all():
    body = request.files["rules"].read()
    docs = list(yaml.unsafe_load_all(body))
    return jsonify(docs=len(docs))


@app.post("/json")
def json_rules():
    rules = json.loads(request.get_data(as_text=True))
    return jsonify(rules=len(rules))


@app.post("/handler/<kind>")
def handle(kind):
    module = import_module(FORMATS.get(kind, "feeds.orders"))
    return jsonify(module.run(request.get_json()))


@app.post("/handler-any")
def handle_any():
    module = import_module("feeds." + request.args["kind"])
    return jsonify(module.run(request.get_json()))


@app.post("/archive/tar")
def archive_tar():
    with tarfile.open(fileobj=io.BytesIO(request.get_data())) as tar:
        tar.extractall(SPOOL)
    return jsonify(ok=True)


@app.post("/archive/tar-filtered")
def archive_tar_filtered():
    with tarfile.open(fileobj=io.BytesIO(request.get_data())) as tar:
        tar.extractall(SPOOL, filter="data")
    return jsonify(ok=True)


@app.post("/archive/members")
def archive_members():
    with zipfile.ZipFile(io.BytesIO(request.get_data())) as bundle:
        for member in bundle.namelist():
            target = os.path.join(SPOOL, member)
            with open(target, "wb") as out:
                out.write(bundle.read(member))
    return jsonify(ok=True)


@app.post("/archive/members-checked")
def archive_members_checked():
    with zipfile.ZipFile(io.BytesIO(request.get_data())) as bundle:
        for member in bundle.namelist():
            target = (SPOOL / member).resolve()
            if not target.is_relative_to(SPOOL):
                abort(400)
            target.write_bytes(bundle.read(member))
    return jsonify(ok=True)


@app.post("/upload")
def upload():
    feed = request.files["feed"]
    name = secure_filename(feed.filename)
    if os.path.splitext(name)[1] not in ALLOWED:
        abort(415)
    feed.save(SPOOL / name)
    return jsonify(ok=True)


@app.post("/upload/raw-name")
def upload_raw_name():
    feed = request.files["feed"]
    if os.path.splitext(feed.filename)[1] not in ALLOWED:
        abort(415)
    feed.save(os.path.join("/srv/feeds/spool", feed.filename))
    return jsonify(ok=True)
