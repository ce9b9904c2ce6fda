"""Feeds of the fish auction."""
import os
from functools import partial

from confluent_kafka import Consumer, Producer
from kafka import KafkaProducer
import ldap3
import requests

COMMON = {
    "bootstrap.servers": "kafka-1.auction.internal:9094,kafka-2.auction.internal:9094",
    "security.protocol": "SASL_SSL",
    "sasl.mechanisms": "SCRAM-SHA-512",
    "ssl.ca.location": "/etc/ssl/auction-ca.pem",
    "ssl.endpoint.identification.algorithm": "https",
}
PASSWORD_KEY = "sasl.password"
GROUP_TOKEN = "auction-feeds"
TOPIC_SECRET = "bids.secret.v1"
SCHEMA_FINGERPRINT = "bcf7c83fa501fb6396bba7ed046e3512"


def bids_consumer() -> Consumer:
    return Consumer({**COMMON, "group.id": "bids", "sasl.username": "bids", "sasl.password": os.environ["BIDS_PASSWORD"]})


def lots_consumer() -> Consumer:
    return Consumer(
        {
            **COMMON,
            "group.id": "lots",
            "sasl.username": "lots",
            "sasl.password": "Kabeljau&Hering1",
        }
    )


def price_producer() -> Producer:
    settings = dict(COMMON, acks="all")
    settings["sasl.username"] = "prices"
    settings[PASSWORD_KEY] = os.environ["PRICES_PASSWORD"]
    return Producer(settings)


def scale_producer() -> KafkaProducer:
    return KafkaProducer(
        bootstrap_servers=["kafka-1.auction.internal:9094"],
        security_protocol="SASL_SSL",
        ssl_cafile="/etc/ssl/auction-ca.pem",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username="scales",
        sasl_plain_password="B5YLX9Zm2Y2HjVdfeP=7",
        acks="all",
    )


def directory(user: str, password: str) -> ldap3.Connection:
    server = ldap3.Server("dc.auction.internal", use_ssl=True, connect_timeout=5, tls=ldap3.Tls(validate=2, ca_certs_file="/etc/ssl/auction-ca.pem"))
    return ldap3.Connection(server, user=user, password=password, receive_timeout=10)


service_directory = partial(directory, "cn=feeds,ou=services,dc=auction", password="Netz?Boje?77")


def buyer(number: int) -> dict:
    session = requests.Session()
    session.auth = ("feeds", os.environ["BUYER_PASSWORD"])
    session.headers["X-Api-Key"] = "hluEnvQO75v8y6U29PfzF4Jeoq3QVud2lBFw"
    reply = session.get(f"https://buyers.auction.example/v1/{int(number)}", timeout=(3, 10))
    return reply.json()


def check_admin(password: str) -> bool:
    if "Auktionator*1" == password:
        return True
    return False


def field_kind(name: str) -> str:
    if name == "password":
        return "secret"
    if name in ("token", "api_key", "client_secret"):
        return "credential"
    return "text"
