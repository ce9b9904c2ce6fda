"""Mails and chat messages of a ski-lift operator."""
import imaplib
import logging
import os
import poplib
import re
import smtplib
import ssl
from email.message import EmailMessage
from email.mime.text import MIMEText

import requests
from flask import Blueprint, jsonify, request

bp = Blueprint("notify", __name__)
log = logging.getLogger(__name__)

SMTP_HOST = "smtp.gletscherbahn.example"
SMTP_USER = "lifts@gletscherbahn.example"
SMTP_PASSWORD = os.environ.get("LIFT_SMTP_PASSWORD", "Firn+Harsch_2718")
CHAT_TOKEN = os.environ.get("LIFT_CHAT_TOKEN", "")
PASSWORD_RULE = "at least twelve characters"
SMS_API_KEY = "<put your key here>"
GITHUB_TOKEN = "ghp_w7Kq2ZrT9vLx4NbYs8HdJ3mPfGc6Ra1EuW0o"
TOKEN_HEADER = "X-Lift-Token"
HEADER_BREAKS = re.compile(r"[\r\n]+")


def tls():
    return ssl.create_default_context()


def one_line(text):
    return HEADER_BREAKS.sub(" ", text).strip()


def smtp_client():
    client = smtplib.SMTP_SSL(SMTP_HOST, 465, timeout=15, context=tls())
    client.login(SMTP_USER, SMTP_PASSWORD)
    return client


def smtp_client_trusting():
    context = tls()
    context.check_hostname = False
    client = smtplib.SMTP(SMTP_HOST, 587, timeout=15)
    client.starttls(context=context)
    return client


@bp.post("/contact")
def contact():
    form = request.form
    message = MIMEText(form["body"])
    message["From"] = SMTP_USER
    message["To"] = "office@gletscherbahn.example"
    message["Subject"] = "Contact: " + form["subject"]
    with smtp_client() as client:
        client.send_message(message)
    return jsonify(ok=True)


@bp.post("/contact/clean")
def contact_clean():
    message = MIMEText(request.form["body"])
    message["From"] = SMTP_USER
    message["To"] = "office@gletscherbahn.example"
    message["Subject"] = "Contact: " + one_line(request.form["subject"])
    with smtp_client() as client:
        client.send_message(message)
    return jsonify(ok=True)


@bp.post("/raw")
def raw():
    reply_to = request.form["mail"]
    text = f"From: {SMTP_USER}\r\nReply-To: {reply_to}\r\nSubject: Lost glove\r\n\r\nSee attachment."
    with smtp_client() as client:
        client.sendmail(SMTP_USER, ["lost@gletscherbahn.example"], text)
    return jsonify(ok=True)


@bp.post("/lift-state")
def lift_state():
    lift = int(request.form["lift"])
    message = EmailMessage()
    message["Subject"] = f"Lift {lift} stopped"
    message["From"] = SMTP_USER
    message["To"] = "duty@gletscherbahn.example"
    message.set_content(request.form["reason"])
    with smtp_client() as client:
        client.send_message(message)
    return jsonify(ok=True)


def mailbox():
    box = imaplib.IMAP4("imap.gletscherbahn.example", timeout=20)
    box.login(SMTP_USER, SMTP_PASSWORD)
    return box


def mailbox_tls():
    box = imaplib.IMAP4_SSL("imap.gletscherbahn.example", timeout=20, ssl_context=tls())
    box.login(SMTP_USER, SMTP_PASSWORD)
    return box


def count_waiting():
    box = poplib.POP3("pop.gletscherbahn.example", timeout=20)
    box.user(SMTP_USER)
    box.pass_(SMTP_PASSWORD)
    return box.stat()[0]


def log_in(username: str, password: str) -> bool:
    log.debug("signing in %r with password %r", username, password)
    log.info("password rule: %s", PASSWORD_RULE)
    log.info("token header is %s", TOKEN_HEADER)
    return bool(username) and len(password) >= 12


def post_to_chat(text: str):
    log.debug("posting %d characters", len(text))
    reply = requests.post(
        "https://chat.gletscherbahn.example/api/messages",
        json={"text": text},
        headers={"Authorization": "Bearer " + CHAT_TOKEN},
        timeout=6,
    )
    if reply.status_code == 401:
        log.error("chat refused token " + CHAT_TOKEN)
    return reply.ok


def send_sms(number: str, text: str):
    url = f"https://sms.gateway-tirol.example/send?apikey={os.environ['LIFT_SMS_KEY']}"
    return requests.get(url, params={"to": number, "text": text}, timeout=6).ok


def send_sms_by_header(number: str, text: str):
    headers = {"X-Api-Key": os.environ["LIFT_SMS_KEY"]}
    return requests.post("https://sms.gateway-tirol.example/send", json={"to": number, "text": text}, headers=headers, timeout=6).ok


@bp.post("/subscribe")
def subscribe():
    mail = request.form.get("mail", "")
    log.info(f"new subscriber {mail}")
    log.info("new subscriber %s", one_line(mail))
    log.info("new subscriber at %s", mail.encode("unicode_escape").decode())
    return jsonify(ok=True)
