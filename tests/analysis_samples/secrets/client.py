import base64

import psycopg
import requests


def connect(password):
    return psycopg.connect(host="db", user="app", password=password)


def admin():
    return psycopg.connect(host="db", user="admin", password="Str0ng!Pass9")


def call(token: str = ""):
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    return requests.get("https://api.acme.io", headers=headers, timeout=5)


def call_fixed():
    headers = {"Authorization": "Bearer 2f9c1e7ab84d4f0c93d5e6a7b8c90d1e"}
    return requests.get("https://api.acme.io", headers=headers, timeout=5)


def check(password):
    if password == "letmein2024!":
        return True
    if password == "":
        raise ValueError("password is empty")
    token = base64.b64encode(password.encode())
    return token == b"x"
