"""A small shop: what a tired engineer writes, and what a careful one does."""

import html
import logging
import os
import pickle
import re
import shlex
import sqlite3
import subprocess
from pathlib import Path
from urllib.parse import urlparse

import requests
import yaml
from flask import Flask, abort, jsonify, redirect, render_template, render_template_string, request, send_file, url_for
from markupsafe import escape
from werkzeug.utils import secure_filename

app = Flask(__name__)
log = logging.getLogger(__name__)
UPLOADS = Path("/srv/uploads")
COLUMNS = {"name", "price", "created"}
HOSTS = {"images.example.com", "cdn.example.com"}


def connect():
    return sqlite3.connect("shop.db")


@app.route("/products")
def products():
    category = request.args.get("category", "")
    order = request.args.get("order", "name")
    db = connect()
    query = "SELECT id, name FROM products WHERE category = '" + category + "'"
    rows = db.execute(query).fetchall()
    if order not in COLUMNS:
        abort(400)
    safe = db.execute(f"SELECT id, name FROM products ORDER BY {order}").fetchall()
    return jsonify(rows=rows, safe=safe)


@app.route("/products/<int:product_id>")
def product(product_id):
    db = connect()
    row = db.execute("SELECT * FROM products WHERE id = ?", (product_id,)).fetchone()
    return jsonify(row)


@app.route("/user/<name>")
def user(name):
    cursor = connect().cursor()
    cursor.execute("SELECT * FROM users WHERE name = '%s'" % name)
    found = cursor.fetchone()
    cursor.execute("SELECT * FROM orders WHERE user_id = %d" % int(request.args["id"]))
    return jsonify(found)


@app.route("/search", methods=["POST"])
def search():
    body = request.get_json()
    term = body["term"].strip().lower()
    clauses = ["1 = 1"]
    clauses.append("name LIKE '%{}%'".format(term))
    sql = "SELECT * FROM products WHERE " + " AND ".join(clauses)
    with connect() as db:
        return jsonify(db.execute(sql).fetchall())


@app.route("/ping")
def ping():
    host = request.args["host"]
    output = subprocess.check_output(f"ping -c 1 {host}", shell=True)
    os.system("logger ping " + shlex.quote(host))
    subprocess.run(["ping", "-c", "1", host], check=False)
    return output


@app.route("/convert")
def convert():
    fmt = request.form["format"]
    source = secure_filename(request.form["source"])
    os.popen("convert " + source + " out." + fmt).read()
    if not re.fullmatch(r"[a-z]{3,4}", fmt):
        abort(400)
    os.system("identify out." + fmt)
    return "ok"


@app.route("/files/<path:filename>")
def files(filename):
    target = os.path.join(UPLOADS, filename)
    return send_file(target)


@app.route("/files2/<path:filename>")
def files_checked(filename):
    target = os.path.realpath(os.path.join(UPLOADS, filename))
    if not target.startswith(str(UPLOADS) + os.sep):
        abort(404)
    return send_file(target)


@app.route("/read")
def read():
    name = request.args.get("name")
    with open("/srv/texts/" + name + ".txt") as file:
        text = file.read()
    with open(UPLOADS / os.path.basename(name)) as file:
        more = file.read()
    return jsonify(text=text, more=more)


@app.route("/upload", methods=["POST"])
def upload():
    file = request.files["file"]
    file.save(os.path.join(UPLOADS, file.filename))
    file.save(os.path.join(UPLOADS, secure_filename(file.filename)))
    return redirect(url_for("products"))


@app.route("/preview")
def preview():
    url = request.args["url"]
    image = requests.get(url, timeout=5)
    return image.content


@app.route("/preview2")
def preview_checked():
    url = request.args["url"]
    parts = urlparse(url)
    if parts.scheme != "https" or parts.hostname not in HOSTS:
        abort(400)
    return requests.get(url, timeout=5).content


@app.route("/go")
def go():
    return redirect(request.args.get("next", "/"))


@app.route("/go2")
def go_checked():
    target = request.args.get("next", "/")
    if not target.startswith("/") or target.startswith("//"):
        target = "/"
    return redirect(target)


@app.route("/hello")
def hello():
    name = request.args.get("name", "")
    return f"<h1>Hello {name}</h1>"


@app.route("/hello2")
def hello_escaped():
    name = request.args.get("name", "")
    return f"<h1>Hello {escape(name)}</h1>" + html.escape(name)


@app.route("/card")
def card():
    title = request.args.get("title")
    return render_template_string("<b>" + title + "</b>")


@app.route("/card2")
def card_fixed():
    return render_template("card.html", title=request.args.get("title"))


@app.route("/restore", methods=["POST"])
def restore():
    state = pickle.loads(request.data)
    config = yaml.safe_load(request.data)
    return jsonify(len(state), config)


@app.route("/calc")
def calc():
    return str(eval(request.args["expression"]))
