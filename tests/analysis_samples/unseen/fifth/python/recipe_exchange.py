"""Recipe exchange of the allotment club: Bottle, peewee and Mako."""
import html
import json
import os
import re
import subprocess as sp
from urllib.parse import quote, urljoin, urlsplit

from bottle import Bottle, HTTPResponse, SimpleTemplate, abort, redirect, request, response, run, static_file, template
from mako.lookup import TemplateLookup
from mako.template import Template as MakoTemplate
from peewee import SQL, CharField, IntegerField, Model, SqliteDatabase, fn

application = Bottle()
database = SqliteDatabase("/srv/recipes/recipes.db")
mako_pages = TemplateLookup(directories=["/srv/recipes/pages"], default_filters=["h"])
PHOTO_ROOT = "/srv/recipes/photos"


class Recipe(Model):
    title = CharField()
    kind = CharField()
    minutes = IntegerField()

    class Meta:
        database = database


def rows(query):
    return json.dumps([{"id": r.id, "title": r.title} for r in query])


@application.route("/recipes")
def all_of_kind():
    return rows(Recipe.select().where(Recipe.kind == request.query.kind))


@application.route("/recipes/raw")
def raw_of_kind():
    return rows(Recipe.raw("SELECT id, title FROM recipe WHERE kind = ?", request.query.kind))


@application.route("/recipes/title")
def raw_of_title():
    sql = "SELECT id, title FROM recipe WHERE title LIKE '%%%s%%'" % request.query.title
    return rows(Recipe.raw(sql))


@application.route("/recipes/quick")
def quick():
    condition = SQL("minutes < %d" % int(request.query.minutes or 30))
    return rows(Recipe.select().where(condition))


@application.route("/recipes/order")
def ordered():
    return rows(Recipe.select().order_by(SQL(request.query.by)))


@application.route("/recipes/search")
def searched():
    return rows(Recipe.select().where(fn.LOWER(Recipe.title).contains(request.query.q.lower())))


@application.post("/recipes/delete")
def delete():
    database.execute_sql("DELETE FROM recipe WHERE id = {id}".format(id=request.forms["id"]))
    return {"ok": True}


@application.post("/recipes/archive")
def archive():
    database.execute_sql("UPDATE recipe SET kind = 'old' WHERE id = ?", (request.forms["id"],))
    return {"ok": True}


@application.route("/card")
def card():
    return template("<h2>{{title}}</h2>", title=request.query.title)


@application.route("/card/bare")
def bare_card():
    return template("<h2>{{!title}}</h2>", title=request.query.title)


@application.route("/card/joined")
def joined_card():
    parts = ["<ul>"]
    for item in request.query.getall("item"):
        parts.append("<li>" + item + "</li>")
    parts.append("</ul>")
    return "".join(parts)


@application.route("/card/escaped")
def escaped_card():
    parts = ["<ul>"]
    parts.extend("<li>" + html.escape(item) + "</li>" for item in request.query.getall("item"))
    parts.append("</ul>")
    return "".join(parts)


@application.post("/layout")
def layout():
    page = MakoTemplate(request.forms.get("layout"))
    return {"length": len(page.render(title="Soup"))}


@application.post("/layout/simple")
def simple_layout():
    text = request.forms.get("layout")
    page = SimpleTemplate(source=text)
    return {"length": len(page.render(title="Soup"))}


@application.route("/page")
def page():
    return mako_pages.get_template("recipe.html").render(title=request.query.title)


@application.route("/photos/<name:path>")
def photo(name):
    return static_file(name, root=PHOTO_ROOT)


@application.route("/thumbs")
def thumb():
    path = os.path.join(PHOTO_ROOT, "thumbs", request.query.name)
    response.content_type = "image/jpeg"
    with open(path, mode="rb") as fh:
        return fh.read()


@application.route("/thumbs/<number:int>")
def numbered_thumb(number):
    response.content_type = "image/jpeg"
    with open(os.path.join(PHOTO_ROOT, "thumbs", str(number) + ".jpg"), mode="rb") as fh:
        return fh.read()


@application.post("/print")
def print_recipe():
    sp.call("lp -t " + request.forms.title + " /srv/recipes/current.pdf", shell=True)
    return {"ok": True}


@application.post("/print/copies")
def print_copies():
    copies = request.forms.get("copies", type=int, default=1)
    sp.call(["lp", "-n", str(copies), "/srv/recipes/current.pdf"])
    return {"ok": True}


@application.route("/out")
def out():
    target = urljoin("https://recipes.example/", request.query.to)
    redirect(target)


@application.route("/out/checked")
def out_checked():
    target = urljoin("https://recipes.example/", request.query.to)
    if urlsplit(target).netloc != "recipes.example" or urlsplit(target).scheme != "https":
        abort(400)
    redirect(target)


@application.route("/tags")
def tags():
    response.set_header("X-Tag", request.query.tag)
    response.set_header("X-Tag-Quoted", quote(request.query.tag))
    response.set_cookie("recipe_session", os.urandom(18).hex(), secure=True, httponly=True, samesite="lax")
    return {"ok": True}


@application.route("/find")
def find():
    wanted = re.compile(request.query.pattern)
    return {"hits": [k for k in ("soup", "bread", "jam") if wanted.match(k)]}


@application.error(500)
def failed(error):
    return HTTPResponse(body="<pre>" + html.escape(error.traceback or "") + "</pre>", status=500)


def serve_kitchen():
    run(application, host="127.0.0.1", port=8081, reloader=False)


def serve_hall():
    run(application, host="0.0.0.0", port=8082)
