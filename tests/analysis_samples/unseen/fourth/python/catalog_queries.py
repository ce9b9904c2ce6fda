"""Query layer of the seed bank catalogue."""
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field

from flask import Flask, jsonify, request
from psycopg import sql
from psycopg_pool import ConnectionPool

from .config import DSN

app = Flask(__name__)
pool = ConnectionPool(DSN, max_size=8)
COLUMNS = ("species", "origin", "year")


@dataclass
class SeedQuery:
    table: str = "seeds"
    where: list = field(default_factory=list)
    args: list = field(default_factory=list)

    def add(self, condition, *values):
        self.where.append(condition)
        self.args.extend(values)
        return self

    def text(self):
        base = "SELECT id, species FROM " + self.table
        return base + (" WHERE " + " AND ".join(self.where) if self.where else "")


def catalogue():
    return closing(sqlite3.connect("/srv/seeds/catalogue.sqlite", timeout=5))


@app.get("/seeds/origin")
def by_origin():
    query = SeedQuery().add("origin = ?", request.args["origin"])
    with catalogue() as con:
        return jsonify(con.execute(query.text(), query.args).fetchall())


@app.get("/seeds/species")
def by_species():
    query = SeedQuery().add("species = '" + request.args["species"] + "'")
    with catalogue() as con:
        return jsonify(con.execute(query.text(), query.args).fetchall())


@app.get("/seeds/filter")
def by_many():
    conditions, values = [], []
    for name in COLUMNS:
        if name in request.args:
            conditions.append(f"{name} = ?")
            values.append(request.args[name])
    statement = "SELECT id FROM seeds WHERE " + (" AND ".join(conditions) or "1 = 1")
    with catalogue() as con:
        return jsonify(con.execute(statement, values).fetchall())


@app.get("/seeds/free-filter")
def by_anything():
    conditions = []
    for name, value in request.args.items():
        conditions.append(f"{name} = '{value}'")
    statement = "SELECT id FROM seeds WHERE " + " AND ".join(conditions)
    with catalogue() as con:
        return jsonify(con.execute(statement).fetchall())


@app.get("/seeds/ids")
def by_ids():
    ids = [int(x) for x in request.args.get("ids", "0").split(",")]
    listed = ",".join(str(i) for i in ids)
    with catalogue() as con:
        return jsonify(con.execute(f"SELECT species FROM seeds WHERE id IN ({listed})").fetchall())


@app.get("/seeds/names")
def by_names():
    names = request.args.get("names", "").split(",")
    marks = ",".join("?" * len(names))
    with catalogue() as con:
        return jsonify(con.execute(f"SELECT id FROM seeds WHERE species IN ({marks})", names).fetchall())


@app.get("/seeds/sorted")
def in_order():
    match request.args.get("sort"):
        case "year":
            tail = "year DESC"
        case "origin":
            tail = "origin ASC"
        case _:
            tail = "id"
    with catalogue() as con:
        return jsonify(con.execute("SELECT id FROM seeds ORDER BY " + tail).fetchall())


@app.get("/seeds/sorted-freely")
def in_any_order():
    sort = request.args.get("sort")
    tail = "id" if sort is None else sort
    with catalogue() as con:
        return jsonify(con.execute("SELECT id FROM seeds ORDER BY " + tail).fetchall())


@app.get("/vault/rows")
def vault_rows():
    shelf = request.args["shelf"]
    with pool.connection() as con, con.cursor() as cur:
        cur.execute("SELECT id FROM vault WHERE shelf = %(shelf)s", {"shelf": shelf})
        return jsonify(cur.fetchall())


@app.get("/vault/column")
def vault_column():
    name = request.args["column"]
    statement = sql.SQL("SELECT {} FROM vault").format(sql.Identifier(name))
    with pool.connection() as con:
        return jsonify(con.execute(statement).fetchall())


@app.get("/vault/column-raw")
def vault_column_raw():
    name = request.args["column"]
    with pool.connection() as con:
        return jsonify(con.execute(sql.SQL(f"SELECT {name} FROM vault")).fetchall())


@app.get("/vault/later")
def vault_later():
    depth = request.args["depth"]

    def fetch(con):
        return con.execute("SELECT id FROM vault WHERE depth = " + depth).fetchall()

    with pool.connection() as con:
        return jsonify(fetch(con))


@app.get("/vault/later-safe")
def vault_later_safe():
    depth = request.args["depth"]
    fetch = lambda con: con.execute("SELECT id FROM vault WHERE depth = %s", (depth,)).fetchall()
    with pool.connection() as con:
        return jsonify(fetch(con))


@app.post("/vault/batch")
def vault_batch():
    rows = [(r["id"], r["shelf"]) for r in request.get_json()]
    with pool.connection() as con, con.cursor() as cur:
        cur.executemany("INSERT INTO vault (id, shelf) VALUES (%s, %s)", rows)
    return jsonify(stored=len(rows))


@app.post("/vault/note")
def vault_note():
    note = request.form["note"]
    script = """
        UPDATE vault SET note = '%s' WHERE id = %d;
        INSERT INTO journal (what) VALUES ('note');
    """ % (note, int(request.form["id"]))
    with catalogue() as con:
        con.executescript(script)
    return jsonify(ok=True)


@app.get("/vault/last")
def vault_last():
    wanted = request.args.get("wanted")
    wanted = "drawer"
    with catalogue() as con:
        return jsonify(con.execute("SELECT max(id) FROM vault WHERE kind = '" + wanted + "'").fetchall())
