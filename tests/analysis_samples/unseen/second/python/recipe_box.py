"""Family recipes on Bottle, kept in MariaDB with peewee."""
import hashlib
import html
import os
import subprocess

import pymysql
from bottle import (
    BaseRequest, Bottle, HTTPError, HTTPResponse, redirect, request, response, run, static_file, template,
)
from peewee import SQL, CharField, IntegerField, Model, MySQLDatabase, fn

BaseRequest.MEMFILE_MAX = 512 * 1024
app = Bottle()
ROOT = "/srv/recipes/pictures"
SORTS = {"newest": "id DESC", "name": "title ASC"}
CONVERTERS = ("pandoc", "wkhtmltopdf")

db = MySQLDatabase(
    "recipes",
    host="maria.kuechenzettel.example",
    user="recipes",
    password=os.environ["RECIPES_PASSWORD"],
    ssl={"ca": "/etc/ssl/maria-ca.pem"},
)


def guest_book():
    return pymysql.connect(
        host="maria.kuechenzettel.example",
        user="guest",
        password="Zimtstern&Nelke88",
        database="guests",
        ssl_ca="/etc/ssl/maria-ca.pem",
        ssl_verify_cert=True,
        ssl_verify_identity=True,
    )


def shopping_list():
    return pymysql.connect(
        host="maria.kuechenzettel.example",
        user="shop",
        password=os.environ["SHOP_PASSWORD"],
        database="shop",
        ssl_disabled=True,
    )


class Recipe(Model):
    title = CharField()
    minutes = IntegerField()

    class Meta:
        database = db


@app.get("/recipes")
def recipes():
    word = request.query.get("word", "")
    found = Recipe.select().where(fn.LOWER(Recipe.title).contains(word.lower()))
    return {"recipes": [r.title for r in found]}


@app.get("/recipes/quick")
def quick():
    limit = request.query.minutes or "20"
    found = Recipe.raw("SELECT * FROM recipe WHERE minutes < " + limit)
    exact = Recipe.raw("SELECT * FROM recipe WHERE minutes = %s", limit)
    return {"found": [r.title for r in found], "exact": [r.title for r in exact]}


@app.get("/recipes/sorted")
def in_order():
    order = SORTS.get(request.query.get("sort"), SORTS["name"])
    cursor = db.execute_sql("SELECT title FROM recipe ORDER BY " + order)
    return {"recipes": [row[0] for row in cursor.fetchall()]}


@app.get("/recipes/by")
def by_column():
    column = request.params.get("column")
    chosen = Recipe.select().order_by(SQL(f"{column} DESC"))
    return {"recipes": [r.title for r in chosen]}


@app.post("/guests")
def sign_guest_book():
    name = request.forms.getunicode("name")
    conn = guest_book()
    with conn.cursor() as cursor:
        cursor.execute("INSERT INTO guest (name) VALUES (%(name)s)", {"name": name})
        cursor.execute("UPDATE stats SET last_guest = '{0}'".format(name))
    conn.commit()
    return {"ok": True}


@app.post("/guests/import")
def import_guests():
    rows = [(str(r["name"]), int(r["year"])) for r in request.json]
    conn = guest_book()
    with conn.cursor() as cursor:
        cursor.executemany("INSERT INTO guest (name, year) VALUES (%s, %s)", rows)
    conn.commit()
    return {"count": len(rows)}


@app.get("/hello")
def hello():
    who = request.query.getunicode("who", "cook")
    if len(who) > 40:
        raise HTTPError(400)
    return "<p>Hello " + who + "</p>"


@app.get("/hello/safe")
def hello_safe():
    return "<p>Hello " + html.escape(request.query.getunicode("who", "cook")) + "</p>"


@app.get("/card")
def card():
    return template("<h3>{{title}}</h3>", title=request.query.title)


@app.get("/card/bold")
def card_bold():
    return template("<h3>{{!title}}</h3>", title=request.query.title)


@app.post("/card/own")
def card_own():
    source = request.forms.get("source")
    text = template(source, title="Linzer Torte", noescape=False)
    return {"length": len(text)}


@app.get("/pictures/<name:path>")
def picture(name):
    return static_file(name, root=ROOT)


@app.get("/thumb")
def thumb():
    path = os.path.join(ROOT, "thumbs", request.query.name)
    with open(path, "rb") as stream:
        return HTTPResponse(stream.read(), content_type="image/jpeg")


@app.post("/convert")
def convert():
    tool = request.forms.get("tool")
    if tool not in CONVERTERS:
        raise HTTPError(404)
    done = subprocess.run([tool, "--version"], capture_output=True, text=True, timeout=10)
    size = subprocess.getoutput("du -sh " + ROOT + "/" + request.forms.get("folder"))
    return {"version": done.stdout, "size": size}


@app.get("/jump")
def jump():
    redirect(request.query.to)


@app.get("/jump/home")
def jump_home():
    redirect("/recipes", 303)


@app.post("/apron")
def choose_apron():
    colour = "red" if request.forms.get("colour") == "red" else "blue"
    response.set_cookie("apron", colour, path="/", secure=True, httponly=True, samesite="lax")
    response.set_cookie("visits", "1", path="/", secure=True, samesite="lax")
    response.set_header("X-Apron", request.forms.get("note", ""))
    return {"colour": colour}


@app.get("/etag")
def etag():
    tag = hashlib.sha1(ROOT.encode(), usedforsecurity=False).hexdigest()
    response.set_header("ETag", tag)
    return {"tag": tag}


if __name__ == "__main__":
    run(app, host="localhost", port=8071, debug=False)
