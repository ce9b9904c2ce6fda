"""Reports on hive scales, read from PostgreSQL with psycopg."""
import os
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import psycopg2
import psycopg2.extras
from flask import Blueprint, current_app, jsonify, request
from psycopg import sql
from psycopg2.extensions import AsIs, quote_ident

bp = Blueprint("reports", __name__, url_prefix="/reports")

DSN = "host=scales-db.imkerei.example dbname=scales user=report sslmode=verify-full connect_timeout=5"
TABLES = ("weight", "temperature", "humidity")


@contextmanager
def reader():
    with psycopg.connect(DSN, password=os.environ["SCALES_PASSWORD"]) as conn:
        yield conn


def old_connection():
    return psycopg2.connect("postgresql://report@old.imkerei.example/scales?sslmode=prefer&connect_timeout=5")


def mirror_connection():
    return psycopg2.connect(
        host="mirror.imkerei.example",
        dbname="scales",
        user="report",
        password="wabenbau!4711-Drohn",
        sslmode="disable",
        connect_timeout=5,
    )


def local_connection():
    return psycopg2.connect(
        host="scales-db.imkerei.example",
        dbname="scales",
        user="report",
        passfile="/etc/imkerei/pgpass",
        sslmode="verify-ca",
        sslrootcert="/etc/imkerei/ca.pem",
        connect_timeout=5,
    )


@dataclass
class Filter:
    apiary: str
    keeper: str
    since: str

    @classmethod
    def from_request(cls):
        args = request.args
        return cls(args.get("apiary", ""), args.get("keeper", ""), args.get("since", "2024-01-01"))

    def clause(self):
        parts = []
        if self.apiary:
            parts.append("apiary = '" + self.apiary + "'")
        if self.keeper:
            parts.append("keeper = '" + self.keeper + "'")
        return " AND ".join(parts) or "true"

    def bound_clause(self):
        parts, values = [], []
        for column in ("apiary", "keeper"):
            value = getattr(self, column)
            if value:
                parts.append(column + " = %s")
                values.append(value)
        return " AND ".join(parts) or "true", values


class WeightReport:
    def __init__(self, conn, chosen: Filter):
        self.conn = conn
        self.chosen = chosen

    def rows(self):
        with self.conn.cursor() as cur:
            cur.execute("SELECT day, avg(grams) FROM weight WHERE " + self.chosen.clause() + " GROUP BY day")
            return cur.fetchall()

    def bound_rows(self):
        clause, values = self.chosen.bound_clause()
        with self.conn.cursor() as cur:
            cur.execute("SELECT day, avg(grams) FROM weight WHERE " + clause + " GROUP BY day", values)
            return cur.fetchall()


@bp.get("/weight")
def weight():
    with reader() as conn:
        report = WeightReport(conn, Filter.from_request())
        return jsonify(all=report.rows(), bound=report.bound_rows())


@bp.get("/table/<name>")
def table(name):
    statement = sql.SQL("SELECT * FROM {} LIMIT %s").format(sql.Identifier("scales", name))
    with reader() as conn:
        return jsonify(conn.execute(statement, (50,)).fetchall())


@bp.get("/raw-table/<name>")
def raw_table(name):
    statement = sql.SQL("SELECT * FROM scales." + name + " LIMIT 50")
    with reader() as conn:
        return jsonify(conn.execute(statement).fetchall())


@bp.get("/known-table/<name>")
def known_table(name):
    if name not in TABLES:
        return jsonify(error="unknown table"), 404
    with reader() as conn:
        return jsonify(conn.execute(f"SELECT * FROM scales.{name} LIMIT 50").fetchall())


@bp.get("/ordered")
def ordered():
    direction = request.args.get("direction", "asc")
    conn = old_connection()
    try:
        with conn.cursor(cursor_factory=psycopg2.extras.DictCursor) as cur:
            cur.execute("SELECT day FROM weight ORDER BY day %s", (AsIs(direction),))
            return jsonify([r["day"].isoformat() for r in cur])
    finally:
        conn.close()


@bp.post("/import")
def import_rows():
    rows = request.get_json()["rows"]
    conn = local_connection()
    with conn, conn.cursor() as cur:
        psycopg2.extras.execute_values(cur, "INSERT INTO weight (hive, grams) VALUES %s", [(r["h"], r["g"]) for r in rows])
    current_app.logger.info("%d rows imported", len(rows))
    return jsonify(count=len(rows))


@bp.post("/rename")
def rename():
    column = request.get_json()["column"]
    conn = local_connection()
    with conn, conn.cursor() as cur:
        cur.execute("ALTER TABLE scratch RENAME COLUMN " + quote_ident(column, cur) + " TO renamed")
    with conn, conn.cursor() as cur:
        cur.execute("COMMENT ON TABLE scratch IS '%s'" % request.get_json().get("comment"))
    return jsonify(ok=True)
