"""Moves sensor events of a dairy between Kafka, NATS, Redis and gRPC services."""
import asyncio
import json
import os
import ssl

import grpc
import nats
import redis
import redis.asyncio as aioredis
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from confluent_kafka import Consumer, Producer
from grpc import aio
from kafka import KafkaProducer
from nats.js.api import RetentionPolicy, StreamConfig

from dairy.protos import cooling_pb2, cooling_pb2_grpc

BROKERS = "k1.molkerei.example:9094,k2.molkerei.example:9094,k3.molkerei.example:9094"
CA = "/etc/dairy/ca.pem"
RPC_DEADLINE = 3.0

COMMON = {
    "bootstrap.servers": BROKERS,
    "security.protocol": "SASL_SSL",
    "sasl.mechanisms": "SCRAM-SHA-512",
    "sasl.username": "pipeline",
    "sasl.password": os.environ["DAIRY_KAFKA_PASSWORD"],
    "ssl.ca.location": CA,
}


def tank_producer():
    return Producer({**COMMON, "acks": "all", "enable.idempotence": True})


def hurried_producer():
    settings = dict(COMMON)
    settings["acks"] = "1"
    settings["ssl.endpoint.identification.algorithm"] = "none"
    return Producer(settings)


def barn_consumer():
    return Consumer({
        "bootstrap.servers": "k1.molkerei.example:9092",
        "security.protocol": "plaintext",
        "group.id": "barn",
        "auto.offset.reset": "earliest",
    })


def milk_consumer():
    return Consumer(COMMON | {"group.id": "milk", "ssl.endpoint.identification.algorithm": "https"})


def unchecked_consumer():
    return Consumer({
        **COMMON,
        "group.id": "unchecked",
        "enable.ssl.certificate.verification": False,
    })


def python_producer():
    return KafkaProducer(
        bootstrap_servers=BROKERS.split(","),
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-256",
        sasl_plain_username="pipeline",
        sasl_plain_password=os.environ["DAIRY_KAFKA_PASSWORD"],
        acks=0,
    )


def python_producer_tls():
    return KafkaProducer(
        bootstrap_servers=BROKERS.split(","),
        security_protocol="SSL",
        ssl_cafile=CA,
        ssl_check_hostname=True,
        acks="all",
        value_serializer=lambda v: json.dumps(v).encode(),
    )


async def async_producer():
    producer = AIOKafkaProducer(
        bootstrap_servers=BROKERS,
        security_protocol="SSL",
        ssl_context=ssl.create_default_context(cafile=CA),
        acks=-1,
    )
    await producer.start()
    return producer


async def async_consumer():
    consumer = AIOKafkaConsumer(
        "tanks", bootstrap_servers=BROKERS, security_protocol="SSL", ssl_context=ssl.create_default_context(cafile=CA)
    )
    await consumer.start()
    return consumer


def cache():
    return redis.Redis(
        host="cache.molkerei.example",
        port=6380,
        username="pipeline",
        password=os.environ["DAIRY_CACHE_PASSWORD"],
        ssl=True,
        ssl_ca_certs=CA,
        ssl_check_hostname=True,
        socket_timeout=2,
        socket_connect_timeout=2,
    )


def cache_unverified():
    return redis.Redis(
        host="cache.molkerei.example",
        port=6380,
        password=os.environ["DAIRY_CACHE_PASSWORD"],
        ssl=True,
        ssl_cert_reqs="none",
        socket_timeout=2,
        socket_connect_timeout=2,
    )


def shared_cache():
    return aioredis.from_url(
        "rediss://cache.molkerei.example:6380/2",
        password="Kuhglocke-im-Nebel-61",
        socket_timeout=2,
        socket_connect_timeout=2,
    )


def prepare_cache(client: redis.Redis):
    client.config_set("timeout", 300)
    client.config_set("protected-mode", "no")
    client.config_set("requirepass", "")
    client.config_set("maxmemory-policy", "allkeys-lru")


async def streams():
    nc = await nats.connect("tls://nats.molkerei.example:4222", tls=ssl.create_default_context(cafile=CA), connect_timeout=3)
    js = nc.jetstream()
    await js.add_stream(StreamConfig(name="TANKS", subjects=["tanks.*"], num_replicas=3))
    await js.add_stream(name="BARNS", subjects=["barns.*"], num_replicas=2)
    await js.add_stream(
        StreamConfig(
            name="COOLING",
            subjects=["cooling.>"],
            retention=RetentionPolicy.LIMITS,
            num_replicas=2,
        )
    )
    return js


class Cooling:
    def __init__(self):
        with open(CA, "rb") as stream:
            credentials = grpc.ssl_channel_credentials(root_certificates=stream.read())
        self.channel = grpc.secure_channel("cooling.molkerei.example:7443", credentials)
        self.stub = cooling_pb2_grpc.CoolingStub(self.channel)

    def temperature(self, tank: int):
        return self.stub.Temperature(cooling_pb2.Tank(number=tank), timeout=RPC_DEADLINE)

    def set_point(self, tank: int, celsius: float):
        request = cooling_pb2.SetPoint(number=tank, celsius=celsius)
        return self.stub.Adjust(request)

    def defrost(self, tank: int):
        return self.stub.Defrost(cooling_pb2.Tank(number=tank), timeout=None)


def barn_channel():
    return grpc.insecure_channel("barn.molkerei.example:7000")


async def barn_channel_async():
    return aio.insecure_channel("barn.molkerei.example:7000", options=[("grpc.keepalive_time_ms", 20000)])


def serve(handler, certificate: bytes, key: bytes):
    server = grpc.server(handler)
    server.add_secure_port("127.0.0.1:7443", grpc.ssl_server_credentials([(key, certificate)]))
    return server


def serve_plain(handler):
    server = grpc.server(handler)
    server.add_insecure_port("10.20.0.4:7001")
    return server


if __name__ == "__main__":
    asyncio.run(streams())
