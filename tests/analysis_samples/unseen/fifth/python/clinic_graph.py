"""Appointments of the animal clinic: Falcon, Mongo, python-ldap, Neo4j."""
import json
import logging
import os
import re
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage

import falcon
import ldap
import ldap.filter
from bson import ObjectId
from jinja2 import Environment, PackageLoader, select_autoescape
from neo4j import GraphDatabase
from pymongo import MongoClient

log = logging.getLogger("clinic")
client = MongoClient(os.environ["CLINIC_MONGO"], tls=True, serverSelectionTimeoutMS=4000)
visits = client.clinic.visits
graph = GraphDatabase.driver("neo4j+s://graph.clinic.example", auth=("clinic", os.environ["GRAPH_PW"]))
pages = Environment(loader=PackageLoader("clinic"), autoescape=select_autoescape(["html"]))
labels = Environment(loader=PackageLoader("clinic", "labels"))
SPECIES = ("dog", "cat", "hen")


class Visits:
    def on_get(self, req, resp):
        species = req.get_param("species", default="dog")
        found = visits.find({"species": str(species)}, {"_id": 0, "name": 1})
        resp.media = list(found)

    def on_post(self, req, resp):
        wanted = req.media
        found = visits.find(wanted)
        resp.media = {"count": len(list(found))}


class Visit:
    def on_get(self, req, resp, visit_id):
        one = visits.find_one({"_id": ObjectId(visit_id)}, {"_id": 0})
        resp.media = {"name": one["name"]}

    def on_post(self, req, resp, visit_id):
        pin = req.media.get("pin")
        one = visits.find_one({"visit": visit_id, "pin": pin})
        resp.media = {"known": one is not None}

    def on_put(self, req, resp, visit_id):
        data = req.media
        visits.update_one({"_id": ObjectId(visit_id)}, {"$set": {"note": str(data["note"]), "weight": float(data["weight"])}})
        resp.status = falcon.HTTP_204


class VisitsByAge:
    def on_get(self, req, resp):
        clause = "this.age > " + req.get_param("age")
        resp.media = {"count": visits.count_documents({"$where": clause})}

    def on_post(self, req, resp):
        age = req.get_param_as_int("age")
        resp.media = {"count": visits.count_documents({"age": {"$gt": age}})}


class VisitsByPipeline:
    def on_post(self, req, resp):
        stages = [{"$match": {"species": "dog"}}]
        stages += req.media["stages"]
        resp.media = {"rows": len(list(visits.aggregate(stages)))}

    def on_get(self, req, resp):
        species = req.get_param("species")
        if species not in SPECIES:
            raise falcon.HTTPBadRequest()
        rows = visits.aggregate([{"$match": {"species": species}}, {"$count": "n"}])
        resp.media = list(rows)


class Relatives:
    def on_get(self, req, resp):
        with graph.session() as session:
            rows = session.run("MATCH (a:Animal {name: $name})-[:PARENT]->(b) RETURN b.name AS name", name=req.get_param("name"))
            resp.media = [r["name"] for r in rows]


class Staff:
    def __init__(self):
        self.con = ldap.initialize("ldaps://dir.clinic.example")
        self.con.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
        self.con.set_option(ldap.OPT_NETWORK_TIMEOUT, 5)

    def on_get(self, req, resp):
        flt = ldap.filter.filter_format("(&(objectClass=vet)(uid=%s))", [req.get_param("uid")])
        resp.media = {"count": len(self.con.search_s("ou=staff,dc=clinic", ldap.SCOPE_SUBTREE, flt))}

    def on_post(self, req, resp):
        flt = f"(&(objectClass=vet)(uid={req.get_param('uid')}))"
        resp.media = {"count": len(self.con.search_s("ou=staff,dc=clinic", ldap.SCOPE_SUBTREE, flt))}


class OldStaff(Staff):
    def __init__(self):
        super().__init__()
        self.con.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_NEVER)
        self.mirror = ldap.initialize("ldap://mirror.clinic.example")

    def on_delete(self, req, resp):
        uid = ldap.filter.escape_filter_chars(req.get_param("uid"))
        found = self.con.search_s("ou=staff,dc=clinic", ldap.SCOPE_SUBTREE, "(uid=" + uid + ")")
        resp.media = {"count": len(found)}


class Card:
    def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_HTML
        resp.text = "<h1>" + req.get_param("name", default="") + "</h1>"

    def on_post(self, req, resp):
        resp.content_type = falcon.MEDIA_HTML
        resp.text = pages.get_template("card.html").render(name=req.get_param("name"))

    def on_put(self, req, resp):
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = "Card of " + req.get_param("name", default="")


class Move:
    def on_get(self, req, resp):
        raise falcon.HTTPFound(req.params["to"])

    def on_post(self, req, resp):
        raise falcon.HTTPSeeOther("/visits" if req.get_param_as_bool("done") else "/card")


class Reminder:
    def on_post(self, req, resp):
        message = EmailMessage()
        message["From"] = Address("Clinic", "desk", "clinic.example")
        message["To"] = "owners@clinic.example"
        message["Subject"] = "Vaccination"
        message.set_content(req.media["text"])
        with smtplib.SMTP_SSL("mail.clinic.example", timeout=10, context=ssl.create_default_context()) as smtp:
            smtp.send_message(message)
        resp.status = falcon.HTTP_202

    def on_put(self, req, resp):
        head = ["From: desk@clinic.example", "Subject: " + req.media["subject"], "", ""]
        with smtplib.SMTP_SSL("mail.clinic.example", timeout=10, context=ssl.create_default_context()) as smtp:
            smtp.sendmail("desk@clinic.example", "owners@clinic.example", "\r\n".join(head))
        resp.status = falcon.HTTP_202


class Search:
    def on_get(self, req, resp):
        needle = req.get_param("needle")
        names = [v["name"] for v in visits.find({}, {"name": 1})]
        resp.media = [n for n in names if re.search(needle, n)]

    def on_post(self, req, resp):
        needle = re.escape(req.get_param("needle"))
        resp.media = {"count": visits.count_documents({"name": {"$regex": "^" + needle}})}


class Audit:
    def process_request(self, req, resp):
        log.info("visit of %s", req.get_header("X-Keeper"))
        log.info("visit of %s", json.dumps(req.get_header("X-Keeper")))
        authorization = req.get_header("Authorization")
        log.debug("authorization header: " + str(authorization))
        log.debug("authorization header present: %s", authorization is not None)


app = falcon.App(middleware=[Audit()], cors_enable=False)
for path, resource in {
    "/visits": Visits(), "/visits/{visit_id}": Visit(), "/age": VisitsByAge(), "/pipeline": VisitsByPipeline(), "/relatives": Relatives(),
    "/staff": Staff(), "/staff/old": OldStaff(), "/card": Card(), "/move": Move(), "/reminder": Reminder(), "/search": Search(),
}.items():
    app.add_route(path, resource)
