"""Help desk of a theatre: tickets, attachments, previews of reported pages."""
import logging
import os
import secrets
import traceback
import uuid
from pathlib import Path
from urllib.parse import urlparse

import requests
from flask import (
    Flask, abort, jsonify, render_template, render_template_string, request, send_file,
    send_from_directory, session,
)
from flask_wtf import CSRFProtect
from jinja2 import Environment, select_autoescape
from werkzeug.utils import secure_filename

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ["DESK_SECRET_KEY"],
    MAX_CONTENT_LENGTH=4 * 1024 * 1024,
    SESSION_COOKIE_SECURE=True,
    SESSION_COOKIE_HTTPONLY=True,
    SESSION_COOKIE_SAMESITE="Lax",
)
CSRFProtect(app)
logger = logging.getLogger("desk")

OUTBOX = []
ATTACHMENTS = Path("/srv/desk/attachments")
EXTENSIONS = {".png", ".jpg", ".pdf"}
FETCHABLE = {"status": "https://status.playhouse.example/", "plan": "https://plan.playhouse.example/week"}
ALLOWED_FETCH_HOSTS = ("www.playhouse.example", "box-office.playhouse.example")

mail_templates = Environment(autoescape=select_autoescape(default=True))
plain_environment = Environment(trim_blocks=True, autoescape=False)


@app.post("/attachments")
def add_attachment():
    upload = request.files["file"]
    upload.save(os.path.join(ATTACHMENTS, upload.filename))
    return jsonify(ok=True), 201


@app.post("/attachments/checked")
def add_checked_attachment():
    upload = request.files["file"]
    name = secure_filename(upload.filename)
    if Path(name).suffix.lower() not in EXTENSIONS:
        abort(415)
    upload.save(ATTACHMENTS / name)
    return jsonify(name=name), 201


@app.post("/attachments/renamed")
def add_renamed_attachment():
    upload = request.files["file"]
    suffix = Path(upload.filename).suffix.lower()
    if suffix not in EXTENSIONS:
        abort(415)
    name = uuid.uuid4().hex + suffix
    upload.save(str(ATTACHMENTS / name))
    return jsonify(name=name), 201


@app.get("/attachments")
def get_attachment():
    name = request.args.get("name", "")
    return send_file(f"{ATTACHMENTS}/{name}", as_attachment=True)


@app.get("/attachments/<path:name>")
def get_checked_attachment(name):
    return send_from_directory(ATTACHMENTS, name, as_attachment=True)


@app.delete("/attachments")
def delete_attachment():
    names = request.get_json()["names"]
    for name in names:
        try:
            os.remove(ATTACHMENTS.joinpath(name))
        except FileNotFoundError:
            continue
    return "", 204


@app.get("/attachments/size")
def attachment_size():
    name = os.path.basename(request.args.get("name", ""))
    return jsonify(size=os.path.getsize(os.path.join(ATTACHMENTS, name)))


@app.get("/preview")
def preview():
    address = request.args["address"]
    page = requests.get(address, timeout=5)
    return jsonify(status=page.status_code, length=len(page.content))


@app.get("/preview/own")
def preview_own():
    address = request.args["address"]
    parts = urlparse(address)
    if parts.scheme != "https" or parts.hostname not in ALLOWED_FETCH_HOSTS:
        abort(400)
    page = requests.get(address, timeout=5, allow_redirects=False)
    return jsonify(status=page.status_code)


@app.get("/preview/named")
def preview_named():
    address = FETCHABLE.get(request.args.get("which"), FETCHABLE["status"])
    return jsonify(status=requests.get(address, timeout=5).status_code)


@app.post("/callback")
def set_callback():
    host = request.get_json().get("host", "localhost")
    url = "https://%s/desk-events" % host
    reply = requests.post(url, json={"event": "hello"}, timeout=5)
    return jsonify(status=reply.status_code)


@app.get("/signature")
def signature():
    style = request.args.get("style", "")
    return render_template_string("<p style='color: navy'>" + style + "</p>")


@app.get("/signature/safe")
def signature_safe():
    return render_template_string("<p>{{ name }}</p>", name=request.args.get("name", ""))


@app.post("/canned-reply")
def canned_reply():
    template = mail_templates.from_string(request.get_json()["text"])
    return jsonify(text=template.render(house="Playhouse"))


@app.get("/tickets/<int:number>")
def show_ticket(number):
    return render_template("ticket.html", number=number, token=secrets.token_urlsafe(16))


@app.post("/seat")
def keep_seat():
    session["seat"] = request.form["seat"]
    wing = request.form["wing"]
    if wing in ("left", "right"):
        session["wing"] = wing
    return "", 204


@app.post("/reset-mail")
def reset_mail():
    token = secrets.token_urlsafe(32)
    link = f"https://{request.host}/reset"
    send_mail("reset", link, token)
    return "", 202


@app.post("/welcome-mail")
def welcome_mail():
    send_mail("welcome", "https://desk.playhouse.example/start")
    return "", 202


def send_mail(kind, link, code=None):
    OUTBOX.append((kind, link, code))
    logger.info("mail %s queued, %d characters", kind, len(link))


@app.errorhandler(500)
def broken(_error):
    return jsonify(error="internal", trace=traceback.format_exc()), 500


@app.errorhandler(404)
def missing(_error):
    logger.warning("missing page\n%s", "".join(traceback.format_stack(limit=3)))
    return jsonify(error="not found"), 404


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=5003, debug=True)
