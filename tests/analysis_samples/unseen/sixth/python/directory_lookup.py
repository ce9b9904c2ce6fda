"""Staff directory of a hospital trust: Tornado handlers over LDAP, mail and a reporting database."""
import email.message
import logging
import re
import smtplib
import ssl
from collections import namedtuple

import ldap
import ldap3
import MySQLdb
import psycopg2
from ldap3.utils.conv import escape_filter_chars
from ldap.filter import escape_filter_chars as esc
from ldap.filter import filter_format
from psycopg2 import sql
from tornado import httpclient, template, web
from tornado.escape import xhtml_escape

log = logging.getLogger("directory")
BASE_DN = "ou=staff,dc=trust,dc=example"
EXTENSION = re.compile(r"^[0-9]{4}$")
Preferences = namedtuple("Preferences", "lang page_size")
EDITABLE = frozenset({"phone", "room", "pager"})


class Card:
    phone = room = pager = None


class Base(web.RequestHandler):
    def initialize(self, pool, directory):
        self.pool = pool
        self.directory = directory

    def arg(self, name, default=""):
        return self.get_argument(name, default)


class FindPerson(Base):
    def get(self):
        surname = self.arg("surname")
        self.directory.search(BASE_DN, "(&(objectClass=person)(sn=%s))" % surname, attributes=["mail"])
        first = list(self.directory.entries)
        self.directory.search(BASE_DN, f"(&(objectClass=person)(sn={escape_filter_chars(surname)}))", attributes=["mail"])
        self.write({"first": len(first), "second": len(self.directory.entries)})


class FindWard(Base):
    def post(self):
        conn = ldap.initialize("ldaps://ldap.trust.example")
        conn.set_option(ldap.OPT_NETWORK_TIMEOUT, 10)
        ward = self.get_body_argument("ward")
        wanted = {"ou": ward, "objectClass": "organizationalUnit"}
        pieces = "".join("(%s=%s)" % item for item in wanted.items())
        conn.search_s(BASE_DN, ldap.SCOPE_SUBTREE, "(&" + pieces + ")")
        conn.search_s(BASE_DN, ldap.SCOPE_SUBTREE, filter_format("(ou=%s)", [ward]))
        conn.search_s(BASE_DN, ldap.SCOPE_SUBTREE, "(ou=" + esc(ward) + ")")
        self.set_status(204)


class FindExtension(Base):
    def get(self):
        number = self.arg("number")
        if EXTENSION.match(number) is None:
            raise web.HTTPError(400)
        self.directory.search(BASE_DN, "(telephoneNumber=*" + number.strip() + ")", attributes=["cn"])
        self.write({"n": len(self.directory.entries)})


def plain_directory():
    server = ldap3.Server("ldap://ldap-old.trust.example", use_ssl=False, connect_timeout=5)
    return ldap3.Connection(server, auto_bind=True, client_strategy=ldap3.SAFE_SYNC)


class Rota(Base):
    def get(self, ward_id):
        with self.pool.getconn() as conn, conn.cursor() as cur:
            cur.execute("SELECT nurse FROM rota WHERE ward = %s AND day = %s", (ward_id, self.arg("day")))
            self.write({"rota": cur.fetchall()})

    def post(self, ward_id):
        nurse = self.get_body_argument("nurse")
        statement = "INSERT INTO rota (ward, nurse) VALUES ({}, '{}')"
        with self.pool.getconn() as conn, conn.cursor() as cur:
            try:
                cur.execute(statement.format(int(ward_id), nurse))
            except psycopg2.Error:
                log.exception("rota entry failed")
                raise web.HTTPError(409)
        self.set_status(201)


class Report(Base):
    COLUMNS = ["ward", "hours", "overtime"]

    def get(self):
        picked = [c for c in self.get_arguments("col") if c in self.COLUMNS]
        fields = sql.SQL(", ").join(map(sql.Identifier, picked or ["ward"]))
        with self.pool.getconn() as conn, conn.cursor() as cur:
            cur.execute(sql.SQL("SELECT {} FROM hours").format(fields))
            self.write({"rows": cur.fetchall()})


class Payroll(Base):
    def get(self):
        conn = MySQLdb.connect(read_default_file="/etc/trust/payroll.cnf", connect_timeout=5, ssl_mode="VERIFY_IDENTITY")
        grade = self.arg("grade", "5")
        cur = conn.cursor()
        clause = ""
        if grade != "all":
            clause += " WHERE grade = " + grade
        cur.execute("SELECT count(*) FROM pay" + clause)
        self.write({"n": cur.fetchone()[0]})


class EditCard(Base):
    def post(self):
        card = Card()
        for name in self.request.body_arguments:
            setattr(card, name, self.get_body_argument(name))
        self.write({"phone": card.phone})

    def put(self):
        card = Card()
        for name in self.request.body_arguments:
            if name in EDITABLE:
                setattr(card, name, self.get_body_argument(name))
        self.write({"phone": card.phone})


class Actions:
    def lock(self):
        return "locked"

    def unlock(self):
        return "unlocked"


class Run(Base):
    def post(self, verb):
        handler = getattr(Actions(), self.arg("action"))
        self.write({"result": handler()})

    def put(self, verb):
        actions = Actions()
        table = {"lock": actions.lock, "unlock": actions.unlock}
        self.write({"result": table[verb]() if verb in table else None})


class Greeting(Base):
    def get(self):
        who = self.arg("who", "colleague")
        self.write("<p>Good morning, " + who + "</p>")
        self.write("<p>Good morning, " + xhtml_escape(who) + "</p>")
        self.write({"who": who})

    def post(self):
        body = template.Template(self.get_body_argument("layout"))
        self.write({"length": len(body.generate(name="x"))})


class Notify(Base):
    def post(self):
        topic = self.get_body_argument("topic")
        raw = "From: desk@trust.example\r\nSubject: " + topic + "\r\n\r\nPlease call back."
        with smtplib.SMTP_SSL("mail.trust.example", timeout=15, context=ssl.create_default_context()) as relay:
            relay.sendmail("desk@trust.example", ["ward@trust.example"], raw)
            message = email.message.EmailMessage()
            message["Subject"] = "Call back"
            message.set_content("Topic: " + topic)
            relay.send_message(message, "desk@trust.example", ["ward@trust.example"])
        self.redirect("/sent")


class Leave(Base):
    async def get(self):
        log.info("leaving for %s", self.arg("site").encode("unicode_escape").decode("ascii"))
        self.redirect(self.arg("site", "/"))
