"""Public tracking pages and the depot desk of a parcel carrier."""
import logging
import os
import sqlite3
from urllib.parse import urlsplit

from flask import Flask, g, jsonify, make_response, redirect, request, url_for
from markupsafe import Markup, escape

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 2 * 1024 * 1024
log = logging.getLogger("tracking")

DB_FILE = os.environ.get("TRACKING_DB", "/var/lib/tracking/parcels.db")
SORTABLE = {"weight": "weight_g", "arrived": "arrived_at", "id": "id"}
PARTNER_HOSTS = frozenset({"shop.kestrel-post.example", "returns.kestrel-post.example"})


def db():
    if "db" not in g:
        g.db = sqlite3.connect(DB_FILE)
        g.db.row_factory = sqlite3.Row
    return g.db


@app.teardown_appcontext
def close_db(_exc):
    conn = g.pop("db", None)
    if conn is not None:
        conn.close()


def condition_for(depot):
    return "depot = '" + depot + "'"


@app.get("/parcels/<number>")
def show_parcel(number):
    row = db().execute("SELECT * FROM parcel WHERE number = ?", (number,)).fetchone()
    if row is None:
        return f"<p>There is no parcel {number}.</p>", 404
    body = f"<h1>{escape(row['number'])}</h1><p>{int(row['weight_g'])} g</p>"
    return make_response(body)


@app.get("/parcels")
def list_parcels():
    depot = request.args.get("depot", "")
    where = condition_for(depot)
    sql = "SELECT id, number FROM parcel WHERE %s" % where
    rows = db().execute(sql).fetchall()
    return jsonify([dict(r) for r in rows])


@app.get("/parcels/sorted")
def sorted_parcels():
    column = SORTABLE.get(request.args.get("by"), "id")
    limit = int(request.args.get("limit", 20))
    rows = db().execute(f"SELECT id, number FROM parcel ORDER BY {column} LIMIT {limit}")
    return jsonify([dict(r) for r in rows])


@app.get("/parcels/by-ids")
def parcels_by_ids():
    wanted = request.args.getlist("id")
    marks = ", ".join("?" for _ in wanted)
    rows = db().execute(f"SELECT id, number FROM parcel WHERE id IN ({marks})", wanted)
    return jsonify([dict(r) for r in rows])


@app.get("/parcels/search")
def search_parcels():
    terms = []
    for word in request.args.get("q", "").split():
        terms.append(f"recipient LIKE '%{word}%'")
    cursor = db().cursor()
    cursor.execute("SELECT number FROM parcel WHERE " + " AND ".join(terms))
    return jsonify([r["number"] for r in cursor])


@app.post("/depots/<int:depot_id>/note")
def add_note(depot_id):
    note = request.get_json()["note"]
    log.info("note for depot %d: %s", depot_id, note)
    log.info("note of %d characters for depot %d", len(note), depot_id)
    log.debug("note repr %r", note)
    db().execute(
        "INSERT INTO note (depot_id, body) VALUES (:depot, :body)",
        {"depot": depot_id, "body": note},
    )
    db().commit()
    return jsonify(ok=True), 201


@app.get("/leave")
def leave():
    target = request.args.get("to", "/")
    return redirect(target, code=303)


@app.get("/partner")
def partner():
    target = request.args.get("to", "")
    parts = urlsplit(target)
    if parts.scheme != "https" or parts.hostname not in PARTNER_HOSTS:
        return redirect(url_for("list_parcels"))
    return redirect(target)


@app.get("/badge")
def badge():
    label = request.args.get("label", "on its way")
    safe = Markup("<em class='badge'>{}</em>").format(label)
    return Markup("<div>") + safe + Markup("</div>")


@app.get("/banner")
def banner():
    text = request.args.get("text", "")
    return Markup("<div class='banner'>" + text + "</div>")


@app.post("/language")
def choose_language():
    lang = "de" if request.form.get("lang") == "de" else "en"
    resp = redirect(url_for("list_parcels"))
    resp.set_cookie("lang", lang, secure=True, httponly=True, samesite="Lax", max_age=86400 * 90)
    return resp


@app.post("/subscribe")
def subscribe():
    resp = make_response("", 204)
    resp.set_cookie("subscriber", os.urandom(24).hex(), max_age=3600)
    return resp
