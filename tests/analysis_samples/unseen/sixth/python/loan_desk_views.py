"""Loan desk of a tool library (drills, ladders, tents)."""
import logging
import os
import re
import sqlite3
import subprocess
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    abort,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    render_template_string,
    request,
    send_file,
    send_from_directory,
    session,
    url_for,
)
from markupsafe import Markup
from werkzeug.utils import secure_filename

desk = Blueprint("desk", __name__, url_prefix="/desk")
log = logging.getLogger(__name__)

MANUALS = Path("/srv/toolshed/manuals")
SORTABLE = {"name": "name", "due": "due_date", "shelf": "shelf_no"}
BARCODE = re.compile(r"\A[A-Z]{2}\d{6}\Z")
GREETING = "<p>Welcome back to the shed.</p>"


def db() -> sqlite3.Connection:
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["SHED_DB"])
    return g.db


def wanted(name, fallback=""):
    return request.args.get(name, fallback)


def where_clause(filters):
    parts = []
    for column, value in filters:
        parts.append(f"{column} = '{value}'")
    return " AND ".join(parts)


@desk.get("/tools")
def tools():
    column = SORTABLE.get(wanted("sort"), "name")
    rows = db().execute(f"SELECT id, name FROM tool WHERE shelf_no = ? ORDER BY {column}", (wanted("shelf"),))
    return jsonify([tuple(r) for r in rows])


@desk.get("/tools/search")
def search_tools():
    phrase = wanted("q").strip()
    sql = "SELECT id, name FROM tool WHERE name LIKE '%{}%'".format(phrase)
    return jsonify(db().execute(sql).fetchall())


@desk.get("/tools/filter")
def filter_tools():
    chosen = [("brand", wanted("brand")), ("volt", wanted("volt"))]
    cursor = db().cursor()
    cursor.execute("SELECT id FROM tool WHERE " + where_clause(chosen))
    return jsonify(cursor.fetchall())


@desk.get("/tools/ids")
def tools_by_ids():
    ids = [int(x) for x in request.args.getlist("id")]
    marks = ",".join("?" * len(ids))
    return jsonify(db().execute("SELECT name FROM tool WHERE id IN (" + marks + ")", ids).fetchall())


@desk.get("/tools/page")
def tools_page():
    limit = int(wanted("limit", "20"))
    return jsonify(db().execute(f"SELECT id FROM tool LIMIT {limit:d}").fetchall())


@desk.get("/barcode/<code>")
def barcode(code):
    if not BARCODE.match(code):
        abort(404)
    found = db().execute("SELECT id FROM tool WHERE code = '%s'" % code).fetchone()
    return jsonify(found)


@desk.get("/manual")
def manual():
    return send_file(os.path.join(MANUALS, request.args["file"]))


@desk.get("/manual/<name>")
def manual_checked(name):
    return send_from_directory(MANUALS, name)


@desk.post("/manual")
def add_manual():
    upload = request.files["manual"]
    if upload.mimetype != "application/pdf" or not upload.filename.lower().endswith(".pdf"):
        abort(415)
    upload.save(MANUALS / secure_filename(upload.filename))
    return redirect(url_for("desk.tools"))


@desk.get("/note")
def note():
    name = wanted("name")
    target = (MANUALS / name).resolve()
    if not target.is_relative_to(MANUALS):
        abort(403)
    return target.read_text()


@desk.get("/leave")
def leave():
    onward = wanted("next") or url_for("desk.tools")
    return redirect(onward)


@desk.get("/back")
def back():
    onward = wanted("next")
    parts = urlsplit(onward)
    if parts.scheme or parts.netloc or not onward.startswith("/") or onward.startswith(("//", "/\\")):
        onward = url_for("desk.tools")
    return redirect(onward)


@desk.get("/hello")
def hello():
    who = wanted("who", "neighbour")
    return f"<h1>Hello {who}</h1>" + GREETING


@desk.get("/hello/safe")
def hello_safe():
    who = escape(wanted("who", "neighbour"))
    return f"<h1>Hello {who}</h1>" + GREETING


@desk.get("/banner")
def banner():
    badge = Markup("<b>%s</b>" % wanted("badge"))
    return render_template("banner.html", badge=badge)


@desk.get("/banner/safe")
def banner_safe():
    badge = Markup("<b>%s</b>") % wanted("badge")
    return render_template("banner.html", badge=badge)


@desk.post("/receipt")
def receipt():
    layout = "Dear member,\n" + request.form["body"] + "\n{{ due }}"
    return render_template_string(layout, due="Friday")


@desk.post("/receipt/plain")
def receipt_plain():
    return render_template_string("Dear member, {{ body }}", body=request.form["body"])


@desk.post("/label")
def label():
    copies = request.form.get("copies", "1")
    subprocess.run(f"lp -n {copies} /srv/toolshed/label.pdf", shell=True, check=True, timeout=30)
    return "", 204


@desk.post("/label/safe")
def label_safe():
    copies = min(int(request.form.get("copies", "1")), 10)
    subprocess.run(["lp", "-n", str(copies), "/srv/toolshed/label.pdf"], check=True, timeout=30)
    return "", 204


@desk.post("/branch")
def choose_branch():
    session["branch_role"] = request.form["role"]
    session["lang"] = "cy" if request.form.get("lang") == "cy" else "en"
    log.info("branch chosen: %s", request.form["branch"])
    log.info("items on loan: %d", int(request.form["count"]))
    return "", 204
