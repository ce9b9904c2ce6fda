"""Counter application of the Rivermouth lending library."""
import os
import sqlite3
from urllib.parse import urlsplit

from flask import Flask, abort, g, make_response, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from markupsafe import Markup, escape

app = Flask(__name__)
app.secret_key = os.environ["LOAN_DESK_SECRET"]
app.config.update(
    SESSION_COOKIE_SECURE=True,
    SESSION_COOKIE_HTTPONLY=True,
    SESSION_COOKIE_SAMESITE="Lax",
    MAX_CONTENT_LENGTH=2 * 1024 * 1024,
)
CSRFProtect(app)

SORTABLE = {"title": "title", "due": "due_on", "shelf": "shelf_mark"}
RECEIPTS = os.path.realpath("/srv/loan-desk/receipts")


def db():
    if "db" not in g:
        g.db = sqlite3.connect("/srv/loan-desk/loans.sqlite", timeout=5)
    return g.db


def like_clause(column, term):
    return column + " LIKE '%" + term + "%'"


@app.get("/titles")
def search_titles():
    term = request.args.get("q", "")
    order = SORTABLE.get(request.args.get("order", "title"), "title")
    rows = db().execute(
        f"SELECT id, title FROM titles WHERE title LIKE ? ORDER BY {order}",
        ("%" + term + "%",),
    ).fetchall()
    return {"titles": rows}


@app.get("/titles/by-author")
def titles_by_author():
    author = request.args.get("author", "")
    where = like_clause("author", author)
    rows = db().execute("SELECT id, title FROM titles WHERE " + where).fetchall()
    return {"titles": rows}


@app.get("/members/<int:member_id>/loans")
def loans_of(member_id):
    cur = db().cursor()
    cur.execute("SELECT title_id, due_on FROM loans WHERE member_id = %d" % member_id)
    return {"loans": cur.fetchall()}


@app.get("/members/card/<card>")
def member_by_card(card):
    cur = db().cursor()
    cur.execute("SELECT id, name FROM members WHERE card = '%s'" % card)
    row = cur.fetchone()
    if row is None:
        abort(404)
    return {"id": row[0]}


@app.get("/hello")
def hello():
    name = request.args.get("name", "reader")
    return f"<h1>Welcome back, {name}</h1>"


@app.get("/goodbye")
def goodbye():
    name = escape(request.args.get("name", "reader"))
    return f"<h1>See you soon, {name}</h1>"


@app.get("/note")
def note():
    text = request.args["text"]
    body = Markup("<em>{}</em>").format(text)
    return make_response(body)


@app.get("/leave")
def leave():
    target = request.args.get("next") or url_for("hello")
    return redirect(target)


@app.get("/return")
def return_to_desk():
    target = request.args.get("next", "")
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith(("//", "/\\")):
        target = url_for("hello")
    return redirect(target)


@app.get("/receipts")
def receipt():
    name = request.args["file"]
    with open(os.path.join(RECEIPTS, name), "rb") as fh:
        return fh.read(), 200, {"Content-Type": "application/pdf"}


@app.get("/receipts/<int:number>")
def receipt_by_number(number):
    path = os.path.join(RECEIPTS, f"{number}.pdf")
    with open(path, "rb") as fh:
        return fh.read(), 200, {"Content-Type": "application/pdf"}


@app.get("/receipts/checked")
def receipt_checked():
    path = os.path.realpath(os.path.join(RECEIPTS, request.args["file"]))
    if os.path.commonpath([path, RECEIPTS]) != RECEIPTS:
        abort(404)
    with open(path, "rb") as fh:
        return fh.read(), 200, {"Content-Type": "application/pdf"}


@app.post("/desk")
def choose_desk():
    session["desk"] = int(request.form["desk"])
    session["role"] = request.form["role"]
    resp = make_response({"ok": True})
    resp.set_cookie("desk_theme", "dark", secure=True, httponly=True, samesite="Strict")
    resp.set_cookie(
        "desk_handover",
        os.urandom(24).hex(),
        secure=False,
        httponly=True,
        samesite="Lax",
    )
    return resp


@app.post("/desk/close")
def close_desk():
    session.clear()
    resp = make_response({"ok": True})
    cookie_args = {"secure": True, "httponly": False, "samesite": "Lax"}
    resp.set_cookie("desk_session", os.urandom(16).hex(), **cookie_args)
    return resp


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=5080, debug=os.environ.get("LOAN_DESK_DEBUG") == "1")
