"""Everything the dome controller connects to, one factory per peer."""
import imaplib
import os
import socket
import ssl
from xmlrpc.client import ServerProxy

import asyncssh
import grpc
import nats
import paho.mqtt.client as mqtt
import pika
import pycurl
import pymysql
import redis
import websockets
from confluent_kafka import Producer
from elasticsearch import Elasticsearch
from fabric import Connection as FabricConnection
from kafka import KafkaProducer
from OpenSSL import SSL
from pymongo import MongoClient
from requests import Session
from requests.adapters import HTTPAdapter

from . import dome_pb2, dome_pb2_grpc

CA = "/etc/dome/ca.pem"
HOSTS = {"north": "north.dome.example", "south": "south.dome.example"}


def rpc(name: str) -> dome_pb2_grpc.DomeStub:
    credentials = grpc.ssl_channel_credentials(open(CA, "rb").read())
    return dome_pb2_grpc.DomeStub(grpc.secure_channel(f"{HOSTS[name]}:50051", credentials))


def rpc_clear(name: str) -> dome_pb2_grpc.DomeStub:
    return dome_pb2_grpc.DomeStub(grpc.insecure_channel(f"{HOSTS[name]}:50051"))


def shutter_state(stub: dome_pb2_grpc.DomeStub):
    return stub.ShutterState(dome_pb2.ShutterQuery(), timeout=5)


def broker_events() -> KafkaProducer:
    return KafkaProducer(
        bootstrap_servers="broker.dome.example:9093",
        security_protocol="SSL",
        ssl_cafile=CA,
        acks="all",
    )


def broker_events_clear() -> KafkaProducer:
    return KafkaProducer(
        bootstrap_servers="broker.dome.example:9092",
        security_protocol="PLAINTEXT",
        acks="all",
    )


def broker_events_quick() -> Producer:
    config = {"bootstrap.servers": "broker.dome.example:9093", "security.protocol": "ssl", "ssl.ca.location": CA}
    config["acks"] = "0"
    return Producer(config)


def broker_events_any_name() -> Producer:
    return Producer({
        "bootstrap.servers": "broker.dome.example:9093",
        "security.protocol": "SSL",
        "ssl.endpoint.identification.algorithm": "none",
        "acks": "all",
    })


def weather_topic() -> mqtt.Client:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.tls_set(ca_certs=CA)
    client.username_pw_set("dome", os.environ["MQTT_PASSWORD"])
    client.connect("mqtt.dome.example", 8883)
    return client


def weather_topic_loose() -> mqtt.Client:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.tls_set(ca_certs=CA)
    client.tls_insecure_set(True)
    client.username_pw_set("dome", os.environ["MQTT_PASSWORD"])
    client.connect("mqtt.dome.example", 8883)
    return client


def queue() -> pika.BlockingConnection:
    options = pika.SSLOptions(ssl.create_default_context(cafile=CA), "queue.dome.example")
    login = pika.PlainCredentials("dome", os.environ["QUEUE_PASSWORD"])
    return pika.BlockingConnection(pika.ConnectionParameters("queue.dome.example", 5671, credentials=login, ssl_options=options))


async def stream():
    return await nats.connect("tls://nats.dome.example:4222", tls=ssl.create_default_context(cafile=CA), connect_timeout=5)


def cache() -> redis.Redis:
    return redis.Redis(host="cache.dome.example", port=6380, ssl=True, ssl_ca_certs=CA, password=os.environ["CACHE_PW"], socket_timeout=3)


def cache_loose() -> redis.Redis:
    return redis.Redis(
        host="cache.dome.example", port=6380, ssl=True, password=os.environ["CACHE_PW"], socket_timeout=3,
        ssl_cert_reqs="none",
    )


def plates() -> MongoClient:
    return MongoClient(os.environ["PLATES_URI"], tls=True, tlsCAFile=CA)


def plates_loose() -> MongoClient:
    return MongoClient(os.environ["PLATES_URI"], tls=True, tlsAllowInvalidCertificates=True)


def journal():
    return pymysql.connect(host="journal.dome.example", user="dome", password=os.environ["JOURNAL_PW"], database="journal",
                           ssl={"ca": CA}, connect_timeout=5, read_timeout=20)


def journal_clear():
    return pymysql.connect(host="journal.dome.example", user="dome", password=os.environ["JOURNAL_PW"], database="journal",
                           connect_timeout=5, read_timeout=20,
                           ssl_disabled=True)


def search_index(strict: bool = True) -> Elasticsearch:
    return Elasticsearch("https://index.dome.example:9200", ca_certs=CA, api_key=os.environ["INDEX_KEY"], request_timeout=10)


def search_index_loose() -> Elasticsearch:
    return Elasticsearch("https://index.dome.example:9200", verify_certs=False, api_key=os.environ["INDEX_KEY"], request_timeout=10)


def curl_get(url_path: str):
    c = pycurl.Curl()
    c.setopt(pycurl.URL, "https://plates.dome.example/" + url_path)
    c.setopt(pycurl.TIMEOUT, 20)
    c.setopt(pycurl.SSL_VERIFYPEER, 1)
    c.setopt(pycurl.SSL_VERIFYHOST, 2)
    return c


def curl_get_loose():
    c = pycurl.Curl()
    c.setopt(c.URL, "https://plates.dome.example/index")
    c.setopt(c.TIMEOUT, 20)
    c.setopt(c.SSL_VERIFYPEER, False)
    c.setopt(c.SSL_VERIFYHOST, 0)
    return c


def openssl_context() -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.load_verify_locations(CA)
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
    return context


def openssl_context_loose() -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_verify(SSL.VERIFY_NONE, lambda *args: True)
    return context


async def remote_shell():
    return await asyncssh.connect("shell.dome.example", known_hosts="/etc/dome/known_hosts", connect_timeout=5)


async def remote_shell_first_use():
    return await asyncssh.connect("shell.dome.example", known_hosts=None, connect_timeout=5)


def mailbox() -> imaplib.IMAP4:
    return imaplib.IMAP4("mail.dome.example", 143, timeout=10)


def mailbox_tls() -> imaplib.IMAP4_SSL:
    return imaplib.IMAP4_SSL("mail.dome.example", 993, ssl_context=ssl.create_default_context(), timeout=10)


async def telemetry():
    async with websockets.connect("wss://live.dome.example/feed", open_timeout=5) as feed:
        return await feed.recv()


async def telemetry_clear():
    async with websockets.connect("ws://live.dome.example/feed", open_timeout=5) as feed:
        return await feed.recv()


class PinnedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args, **kwargs):
        context = ssl.create_default_context(cafile=CA)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        kwargs["ssl_context"] = context
        super().init_poolmanager(*args, **kwargs)


def pinned_session() -> Session:
    session = Session()
    session.mount("https://", PinnedAdapter())
    return session


def listen_locally() -> socket.socket:
    sock = socket.create_server(("127.0.0.1", 7000))
    return sock


def listen_widely() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind(("0.0.0.0", 7001))
    return sock
