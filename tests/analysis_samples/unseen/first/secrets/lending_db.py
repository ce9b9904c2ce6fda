"""Database access of the library loans service."""
import os
from urllib.parse import quote_plus

import psycopg
import pymysql
from pymongo import MongoClient
from sqlalchemy import create_engine
from sqlalchemy.engine import URL

CA = "/etc/ssl/certs/loans-ca.pem"

PRIMARY = "postgresql://loans:Leihfrist28@pg-1.loans.internal:5432/loans?sslmode=verify-full"
TEMPLATE = "postgresql://{user}:{password}@pg-1.loans.internal:5432/loans?sslmode=verify-full"
REPLICA = "postgresql://loans@pg-2.loans.internal:5432/loans?sslmode=verify-full"
SHOWN = "postgresql://loans:***@pg-1.loans.internal:5432/loans"
DOC_EXAMPLE = "postgresql://user:<password>@host:5432/db?sslmode=verify-full"


def primary_engine():
    return create_engine(PRIMARY, pool_size=8, connect_args={"connect_timeout": 5})


def report_engine():
    url = URL.create(
        "postgresql+psycopg",
        username="reports",
        password="ptNAPnJ3kx8u7B4c=2",
        host="pg-3.loans.internal",
        database="reports",
        query={"sslmode": "verify-full", "sslrootcert": CA},
    )
    return create_engine(url, pool_size=4, connect_args={"connect_timeout": 5})


def archive_engine():
    url = URL.create(
        "postgresql+psycopg",
        username="archive",
        password=os.environ["ARCHIVE_DB_PASSWORD"],
        host="pg-4.loans.internal",
        database="archive",
        query={"sslmode": "verify-full", "sslrootcert": CA},
    )
    return create_engine(url, pool_size=4, connect_args={"connect_timeout": 5})


def tasks_connection():
    return psycopg.connect(
        host="pg-1.loans.internal",
        dbname="tasks",
        user="tasks",
        password=open("/run/secrets/tasks_db", encoding="utf-8").read().strip(),
        sslmode="verify-full",
        sslrootcert=CA,
        connect_timeout=5,
    )


def legacy_connection():
    return pymysql.connect(
        host="mysql.loans.internal",
        user="legacy",
        passwd="bibliothek1998",
        database="opac",
        ssl={"ca": CA, "check_hostname": True},
        connect_timeout=5,
        read_timeout=30,
    )


def documents():
    uri = "mongodb+srv://covers:%s@covers.loans.example/?tls=true" % quote_plus(os.environ["COVERS_PASSWORD"])
    return MongoClient(uri, serverSelectionTimeoutMS=4000, socketTimeoutMS=20000, connectTimeoutMS=4000)


def search_documents():
    return MongoClient(
        "mongodb+srv://search:kbS55r8zKvQV9ueagRsl@search.loans.example/?tls=true",
        serverSelectionTimeoutMS=4000,
        socketTimeoutMS=20000,
        connectTimeoutMS=4000,
    )


def describe() -> dict:
    return {"primary": SHOWN, "template": TEMPLATE, "replica": REPLICA, "password": "[redacted]"}
