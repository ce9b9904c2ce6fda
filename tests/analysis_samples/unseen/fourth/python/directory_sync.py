"""Nightly sync of the choir directory with mail, LDAP and the file drop."""
import ftplib
import logging
import os
import smtplib
import ssl
import telnetlib
from email.message import EmailMessage

import paramiko
from flask import Flask, jsonify, request
from ldap3 import SAFE_SYNC, Connection, Server, Tls
from ldap3.utils.conv import escape_filter_chars

app = Flask(__name__)
log = logging.getLogger("choir.sync")
BASE = "ou=singers,dc=choir,dc=example"
tls = Tls(validate=ssl.CERT_REQUIRED, version=ssl.PROTOCOL_TLS_CLIENT)
loose_tls = Tls(validate=ssl.CERT_NONE)
server = Server("ldaps://dir.choir.example", use_ssl=True, tls=tls, connect_timeout=5)
old_server = Server("ldap://old.choir.example", connect_timeout=5)


def directory():
    return Connection(server, os.environ["LDAP_DN"], os.environ["LDAP_PW"], client_strategy=SAFE_SYNC, receive_timeout=10)


@app.get("/singers")
def find_singers():
    voice = request.args.get("voice", "alto")
    with directory() as con:
        _, _, found, _ = con.search(BASE, f"(voice={escape_filter_chars(voice)})", attributes=["cn"])
    return jsonify(count=len(found))


@app.get("/singers/named")
def find_named():
    name = request.args["name"]
    flt = "(&(objectClass=person)(cn=" + name + "*))"
    with directory() as con:
        _, _, found, _ = con.search(BASE, flt, attributes=["cn"])
    return jsonify(count=len(found))


@app.get("/singers/section/<int:section>")
def find_section(section):
    with directory() as con:
        _, _, found, _ = con.search(BASE, "(section=%d)" % section, attributes=["cn"])
    return jsonify(count=len(found))


@app.get("/singers/any")
def find_any():
    clauses = [f"({k}={v})" for k, v in request.args.items()]
    with directory() as con:
        _, _, found, _ = con.search(search_base=BASE, search_filter="(|" + "".join(clauses) + ")")
    return jsonify(count=len(found))


def mailer():
    client = smtplib.SMTP_SSL("mail.choir.example", 465, timeout=20, context=ssl.create_default_context())
    client.login(os.environ["MAIL_USER"], os.environ["MAIL_PASSWORD"])
    return client


def relay():
    client = smtplib.SMTP("mail.choir.example", 587, timeout=20)
    client.starttls(context=ssl.create_default_context())
    return client


def relay_patient():
    return smtplib.SMTP_SSL("mail.choir.example", context=ssl.create_default_context())


@app.post("/invite")
def invite():
    message = EmailMessage()
    message["From"] = "office@choir.example"
    message["To"] = "singers@choir.example"
    message["Subject"] = "Rehearsal"
    message.set_content(request.form["text"])
    with mailer() as client:
        client.send_message(message)
    return jsonify(ok=True)


@app.post("/invite/raw")
def invite_raw():
    raw = "From: office@choir.example\r\nSubject: " + request.form["subject"] + "\r\n\r\nSee you on Monday."
    with mailer() as client:
        client.sendmail("office@choir.example", ["singers@choir.example"], raw)
    return jsonify(ok=True)


def fetch_scores_sftp():
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect("files.choir.example", username="sync", key_filename="/etc/choir/id_ed25519", timeout=10)
    return client.open_sftp()


def fetch_scores_first_contact():
    client = paramiko.SSHClient()
    policy = paramiko.AutoAddPolicy
    client.set_missing_host_key_policy(policy())
    client.connect("files.choir.example", username="sync", key_filename="/etc/choir/id_ed25519", timeout=10)
    return client.open_sftp()


def fetch_scores_warned():
    client = paramiko.SSHClient()
    client.load_host_keys("/etc/choir/known_hosts")
    client.set_missing_host_key_policy(paramiko.WarningPolicy)
    client.connect("files.choir.example", username="sync", key_filename="/etc/choir/id_ed25519", timeout=10)
    return client.open_sftp()


def fetch_scores_ftp():
    ftp = ftplib.FTP("files.choir.example", timeout=30)
    ftp.login("sync", os.environ["FTP_PASSWORD"])
    return ftp


def fetch_scores_ftps():
    ftp = ftplib.FTP_TLS("files.choir.example", timeout=30, context=ssl.create_default_context())
    ftp.login("sync", os.environ["FTP_PASSWORD"])
    ftp.prot_p()
    return ftp


def organ_console():
    return telnetlib.Telnet("organ.choir.example", 23, timeout=5)


def remember_login(user, password):
    log.info("directory login of service account %d", os.getuid())
    log.debug("signing in with password %s", password)
    log.debug("password of the service account was changed")
    return bool(user and password)


def rotate(account):
    new_password = os.environ["NEXT_PASSWORD"]
    print(f"rotating {account}: {new_password}")
    print("rotating: password length is %d" % len(new_password))
    return {"dn": account, "password": new_password}


OFFICE_LOGIN = {"user": "office", "password": "Kirchenmaus!1742"}
GUEST_LOGIN = {"user": "guest", "password": os.environ.get("GUEST_PASSWORD", "")}
FORM_FIELDS = {"user": "User name", "password": "Password"}
