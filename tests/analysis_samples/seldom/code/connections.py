"""How the scales, the printers and everything else are connected to."""

import ssl

from flask import Flask, request

app = Flask(__name__)
KNOWN = {"https://parcels.example.org", "https://desk.example.org"}


def to_the_gateway():
    context = ssl.create_default_context()
    context.options |= ssl.OP_NO_COMPRESSION
    context.options |= ssl.OP_NO_SSLv3 | ssl.OP_NO_RENEGOTIATION
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def to_the_scales():
    context = ssl.create_default_context()
    context.options &= ~ssl.OP_NO_COMPRESSION
    context.options |= ssl.OP_LEGACY_SERVER_CONNECT
    context.options &= ~ssl.OP_NO_SSLv3
    return context


def to_the_printers():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.options |= ssl.OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION
    context.options = context.options & ~ssl.OP_NO_SSLv3
    context.options = context.options & ~ssl.OP_NO_COMPRESSION
    return context


def to_the_archive():
    context = ssl.SSLContext(ssl.PROTOCOL_SSLv23)
    context.options |= ssl.OP_NO_SSLv2
    context.options |= ssl.OP_NO_SSLv3
    return context


def to_the_museum():
    return ssl.SSLContext(ssl.PROTOCOL_SSLv3)


@app.after_request
def open_to_everybody(response):
    response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "")
    return response


@app.get("/rates")
def rates():
    response = app.make_response({"a": 1})
    origin = request.headers.get("Origin")
    if origin in KNOWN:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


@app.get("/track")
def track():
    response = app.make_response({"a": 1})
    response.headers["Access-Control-Allow-Origin"] = "https://desk.example.org"
    return response


@app.get("/scan")
def scan():
    response = app.make_response({"a": 1})
    response.headers.set("Access-Control-Allow-Origin", request.headers["Origin"])
    return response
