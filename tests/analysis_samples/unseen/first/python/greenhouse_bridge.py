"""Bridge between a research greenhouse, the directory and the measurement stores."""
import os
import re
import socketserver
import xml.etree.ElementTree as ET

import grpc
import ldap
import ldap.filter
from django.core.management.base import BaseCommand
from flask import Flask, abort, jsonify, request
from flask_pymongo import PyMongo
from lxml import etree
from mongoengine import Document, FloatField, StringField
from redis import ConnectionPool, StrictRedis

from greenhouse.rpc import climate_pb2_grpc
from greenhouse.rpc.climate_pb2 import Bed

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 256 * 1024
app.config["MONGO_URI"] = os.environ["GREENHOUSE_MONGO_URI"]
mongo = PyMongo(app)

PLAN = ET.parse("/srv/greenhouse/plan.xml")
BED = re.compile(r"b[0-9]{1,3}")
PEOPLE = "ou=people,dc=gewaechshaus,dc=example"


class Reading(Document):
    bed = StringField(max_length=5)
    celsius = FloatField()


@app.post("/readings/search")
def search_readings():
    found = mongo.db.readings.find(request.get_json(), {"_id": 0})
    return jsonify(list(found))


@app.post("/readings/latest")
def latest_reading():
    wanted = request.get_json()
    query = {"bed": wanted["bed"], "valid": True}
    row = mongo.db.readings.find_one(query, sort=[("at", -1)])
    return jsonify(celsius=row["celsius"] if row else None)


@app.get("/readings/bed/<bed>")
def readings_of_bed(bed):
    rows = mongo.db.readings.find({"bed": bed, "celsius": {"$gte": float(request.args.get("min", 0))}})
    return jsonify([r["celsius"] for r in rows])


@app.post("/readings/delete")
def delete_reading():
    bed = request.get_json()["bed"]
    mongo.db.readings.delete_many({"bed": {"$eq": str(bed)}})
    return "", 204


@app.post("/readings/where")
def where_reading():
    script = f"this.celsius > {request.get_json()['limit']}"
    return jsonify(Reading.objects(__raw__={"$where": script}).count())


@app.get("/readings/above")
def above_reading():
    return jsonify(Reading.objects(celsius__gt=float(request.args["limit"])).count())


@app.get("/plan/bed")
def plan_bed():
    bed = request.args["bed"]
    nodes = PLAN.findall(f".//bed[@name='{bed}']")
    return jsonify(count=len(nodes))


@app.get("/plan/bed/<bed>")
def plan_known_bed(bed):
    if not BED.fullmatch(bed):
        abort(404)
    return jsonify(count=len(PLAN.findall(f".//bed[@name='{bed}']")))


@app.post("/plan/check")
def check_plan():
    parser = etree.XMLParser(dtd_validation=True, resolve_entities=False, no_network=True)
    root = etree.fromstring(request.get_data(), parser=parser)
    return jsonify(root=root.tag)


def directory(address="ldaps://ldap.gewaechshaus.example"):
    conn = ldap.initialize(address)
    conn.set_option(ldap.OPT_NETWORK_TIMEOUT, 5)
    conn.set_option(ldap.OPT_TIMEOUT, 5)
    conn.simple_bind_s("cn=bridge,dc=gewaechshaus,dc=example", os.environ["GREENHOUSE_LDAP_PASSWORD"])
    return conn


@app.get("/gardeners")
def gardeners():
    name = request.args.get("name", "")
    conn = directory()
    filterstr = "(&(objectClass=gardener)(cn=%s*))" % name
    found = conn.search_s(PEOPLE, ldap.SCOPE_ONELEVEL, filterstr)
    return jsonify(count=len(found))


@app.get("/gardeners/escaped")
def gardeners_escaped():
    name = ldap.filter.escape_filter_chars(request.args.get("name", ""))
    found = directory().search_s(PEOPLE, ldap.SCOPE_ONELEVEL, "(cn=" + name + ")")
    return jsonify(count=len(found))


def counters():
    pool = ConnectionPool.from_url(os.environ["GREENHOUSE_REDIS"], max_connections=20, socket_timeout=2, socket_connect_timeout=2)
    return StrictRedis(connection_pool=pool)


def soil_counters():
    return StrictRedis(
        "soil.gewaechshaus.example",
        password="Torf+Kompost=2019",
        ssl=True,
        socket_timeout=2,
        socket_connect_timeout=2,
    )


class Climate:
    address = "climate.gewaechshaus.example:9443"

    def __enter__(self):
        self.channel = grpc.secure_channel(self.address, grpc.ssl_channel_credentials())
        self.calls = climate_pb2_grpc.ClimateStub(self.channel)
        return self

    def __exit__(self, *_exc):
        self.channel.close()

    def humidity(self, number):
        return self.calls.Humidity(Bed(number=number), timeout=2.5)

    def water(self, number):
        return self.calls.Water(Bed(number=number))


class OutdoorClimate(Climate):
    def __enter__(self):
        self.channel = grpc.insecure_channel("outdoor.gewaechshaus.example:9000")
        self.calls = climate_pb2_grpc.ClimateStub(self.channel)
        return self


class Command(BaseCommand):
    help = "Listens for the datagrams of the soil probes."

    def handle(self, *args, **options):
        with socketserver.UDPServer(("127.0.0.1", 9555), socketserver.DatagramRequestHandler) as server:
            server.handle_request()
