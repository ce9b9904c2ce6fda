"""Store of a seed catalogue: MongoDB, MySQL, Elasticsearch behind Starlette."""
import os
import re
import ssl
from contextlib import closing

import aiomysql
import mysql.connector
import pymongo
from bson import ObjectId
from bson.errors import InvalidId
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

MONGO_URL = os.environ["SEEDS_MONGO_URL"]
motor = AsyncIOMotorClient(MONGO_URL)
seeds = motor.catalogue.seeds

KEYWORDS = {"annual": 1, "perennial": 2}
SORT_FIELDS = ("name", "price")


def loose_mongo():
    return MongoClient(
        "mongodb://db2.saatgut.example",
        username="seeds",
        password=os.environ["SEEDS_DB"],
        tls=True,
        tlsAllowInvalidCertificates=True,
        timeoutMS=4000,
    )


def nameless_mongo():
    return pymongo.MongoClient(os.environ["SEEDS_DB2_URL"], tls=True, tlsAllowInvalidHostnames=True, timeoutMS=4000)


def plain_mongo():
    return pymongo.MongoClient(host="db3.saatgut.example", tls=False, username="seeds", password=os.environ["SEEDS_DB"], timeoutMS=4000)


def orders():
    return mysql.connector.connect(
        host="orders.saatgut.example",
        user="orders",
        password=os.environ["SEEDS_ORDERS_PASSWORD"],
        database="orders",
        ssl_ca="/etc/seeds/mysql-ca.pem",
        ssl_verify_cert=True,
        ssl_verify_identity=True,
        connection_timeout=5,
    )


def old_orders():
    return mysql.connector.connect(
        host="orders-old.saatgut.example",
        user="orders",
        password="Ringelblume_1848!",
        database="orders",
        ssl_disabled=True,
        connection_timeout=5,
    )


async def stock():
    context = ssl.create_default_context(cafile="/etc/seeds/mysql-ca.pem")
    return await aiomysql.connect(
        host="stock.saatgut.example", user="stock", password=os.environ["SEEDS_STOCK"], ssl=context, connect_timeout=5
    )


async def find_seed(request):
    body = await request.json()
    seed = await seeds.find_one({"name": body["name"], "price": body.get("price")})
    return JSONResponse({"found": seed is not None})


async def find_seed_checked(request):
    body = await request.json()
    name = str(body["name"])
    price = float(body.get("price", 0))
    seed = await seeds.find_one({"name": name, "price": {"$lte": price}})
    return JSONResponse({"found": seed is not None})


async def count_seeds(request):
    criteria = await request.json()
    return JSONResponse({"count": await seeds.count_documents(criteria)})


async def count_kind(request):
    kind = KEYWORDS.get(request.query_params.get("kind"), 1)
    return JSONResponse({"count": await seeds.count_documents({"kind": kind})})


async def seed_by_id(request):
    try:
        key = ObjectId(request.path_params["key"])
    except InvalidId as exc:
        raise HTTPException(404) from exc
    seed = await seeds.find_one({"_id": key}, {"name": 1})
    return JSONResponse({"name": seed["name"] if seed else None})


async def heavier_than(request):
    grams = request.query_params["grams"]
    cursor = seeds.find({"$where": "this.grams > " + grams})
    return JSONResponse({"names": [s["name"] async for s in cursor]})


async def starting_with(request):
    start = request.query_params.get("start", "")
    cursor = seeds.find({"name": {"$regex": "^" + re.escape(start)}}).limit(50)
    return JSONResponse({"names": [s["name"] async for s in cursor]})


async def remove_seed(request):
    form = await request.json()
    if not isinstance(form["name"], str):
        raise HTTPException(422)
    await seeds.delete_one({"name": form["name"]})
    return JSONResponse({"ok": True})


async def order_lines(request):
    customer = request.query_params["customer"]
    with closing(orders()) as conn, closing(conn.cursor(dictionary=True)) as cursor:
        cursor.execute("SELECT line FROM lines WHERE customer = %s", (customer,))
        lines = cursor.fetchall()
        cursor.execute("SELECT note FROM notes WHERE customer = '" + customer + "'")
        return JSONResponse({"lines": lines, "notes": cursor.fetchall()})


async def stock_of(request):
    field = request.query_params.get("sort")
    if field not in SORT_FIELDS:
        field = "name"
    conn = await stock()
    async with conn.cursor() as cursor:
        await cursor.execute(f"SELECT name FROM stock ORDER BY {field}")
        names = await cursor.fetchall()
        await cursor.execute("SELECT name FROM stock WHERE place LIKE '%%%s%%'" % request.query_params["place"])
        places = await cursor.fetchall()
    conn.close()
    return JSONResponse({"names": names, "places": places})


async def update_prices(request):
    body = await request.json()
    params = {"price": body["price"], "name": body["name"]}
    with closing(old_orders()) as conn, closing(conn.cursor()) as cursor:
        statement = "UPDATE prices SET price = {price} WHERE name = '{name}'".format_map(params)
        cursor.execute(statement)
        cursor.execute("UPDATE prices SET price = %(price)s WHERE name = %(name)s", params)
        conn.commit()
    return JSONResponse({"ok": True})


app = Starlette(
    debug=False,
    routes=[
        Route("/seeds", find_seed, methods=["POST"]),
        Route("/seeds/checked", find_seed_checked, methods=["POST"]),
        Route("/seeds/count", count_seeds, methods=["POST"]),
        Route("/seeds/kind", count_kind),
        Route("/seeds/{key}", seed_by_id),
        Route("/heavier", heavier_than),
        Route("/starting", starting_with),
        Route("/remove", remove_seed, methods=["POST"]),
        Route("/orders", order_lines),
        Route("/stock", stock_of),
        Route("/prices", update_prices, methods=["POST"]),
    ],
)
