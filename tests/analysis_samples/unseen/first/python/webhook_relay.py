"""Relays events of payment providers to our own queue."""
import hashlib
import hmac
import json
import logging
import os
import secrets
import sqlite3
import subprocess
import xml.etree.ElementTree as ET
from contextlib import closing
from http import HTTPStatus
from pathlib import Path

import requests
import yaml
from flask import Flask, abort, jsonify, make_response, request
from markupsafe import escape

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 128 * 1024
log = logging.getLogger("relay")

SECRETS = {"stripe": "RELAY_STRIPE_SECRET", "mollie": "RELAY_MOLLIE_SECRET"}
PASSWORD_FIELD = "password"
TOKEN_URL = "https://id.relay-works.example/oauth/token"
# verify=False and shell=True are refused by our review
QUEUE_SQL = "INSERT INTO queue (provider, body) VALUES (?, ?)"
ARCHIVE = Path("/srv/relay/archive")
SCRIPTS = {"rotate": "/opt/relay/rotate.sh", "flush": "/opt/relay/flush.sh"}


def eval_rule(rule, amount):
    """Rules are tables, nothing is evaluated."""
    return {"min": amount >= rule["value"], "max": amount <= rule["value"]}[rule["kind"]]


def execute(statement, *values):
    with closing(sqlite3.connect("/var/lib/relay/queue.db")) as conn, conn:
        return conn.execute(statement, values).fetchall()


def secret_for(provider):
    variable = SECRETS.get(provider)
    if variable is None:
        abort(HTTPStatus.NOT_FOUND)
    return os.environ[variable].encode()


def genuine(provider, body, signature):
    expected = hmac.new(secret_for(provider), body, hashlib.sha512).hexdigest()
    return hmac.compare_digest(expected, signature)


@app.post("/hooks/<provider>")
def hook(provider):
    body = request.get_data()
    if not genuine(provider, body, request.headers.get("X-Signature", "")):
        log.warning("bad signature on a hook of %d bytes", len(body))
        abort(HTTPStatus.UNAUTHORIZED)
    execute(QUEUE_SQL, provider, json.dumps(json.loads(body)))
    return jsonify(accepted=True), HTTPStatus.ACCEPTED


@app.get("/queue")
def queue():
    provider = request.args.get("provider", "")
    newest = request.args.get("order") == "newest"
    statement = "SELECT id, body FROM queue WHERE provider = ? ORDER BY id " + ("DESC" if newest else "ASC")
    return jsonify(execute(statement, provider))


@app.get("/queue/<int:number>")
def entry(number):
    rows = execute("SELECT provider, body FROM queue WHERE id = ?", number)
    if not rows:
        abort(404)
    response = make_response(f"<pre>{escape(rows[0][1])}</pre>")
    response.headers["X-Entry"] = str(number)
    return response


@app.get("/archive/<uuid:batch>")
def archive(batch):
    path = ARCHIVE / f"{batch}.json"
    if not path.exists():
        abort(404)
    return jsonify(json.loads(path.read_text(encoding="utf-8")))


@app.post("/maintenance/<name>")
def maintenance(name):
    if name not in SCRIPTS:
        abort(404)
    done = subprocess.run([SCRIPTS[name], "--quiet"], capture_output=True, timeout=60, check=False)
    return jsonify(code=done.returncode)


@app.get("/rules")
def rules():
    with open("/etc/relay/rules.yaml", encoding="utf-8") as stream:
        return jsonify(yaml.load(stream, Loader=yaml.CSafeLoader))


@app.get("/feed.xml")
def feed():
    root = ET.Element("feed")
    for number, _body in execute("SELECT id, body FROM queue LIMIT 20"):
        ET.SubElement(root, "entry", number=str(number))
    response = make_response(ET.tostring(root))
    response.headers["Content-Type"] = "application/xml"
    return response


@app.post("/session")
def start_session():
    response = make_response("", HTTPStatus.NO_CONTENT)
    response.set_cookie(
        "relay_session",
        secrets.token_urlsafe(32),
        secure=True,
        httponly=True,
        samesite="Strict",
        max_age=900,
    )
    return response


def access_token():
    reply = requests.post(
        TOKEN_URL,
        data={"grant_type": "client_credentials", "scope": "queue"},
        auth=(os.environ["RELAY_CLIENT"], os.environ["RELAY_CLIENT_SECRET"]),
        timeout=8,
    )
    reply.raise_for_status()
    log.info("token received, valid for %d s", reply.json()["expires_in"])
    return reply.json()["access_token"]


if __name__ == "__main__":
    if os.environ.get("RELAY_LOCAL") == "1":
        app.run(host="127.0.0.1", port=5050, debug=False)
