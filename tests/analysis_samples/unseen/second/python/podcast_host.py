"""Hosts the podcasts of a local radio station (Sanic, asyncpg)."""
import asyncio
import hmac
import os
import re
import ssl
from functools import lru_cache
from pathlib import Path

import asyncpg
import jinja2
from sanic import Blueprint, Sanic
from sanic.exceptions import NotFound
from sanic.log import logger
from sanic.response import file, html, json, raw, redirect, text

SHOWS = Path("/srv/podcast/shows")
SLUG = re.compile(r"[a-z0-9-]{1,40}\Z")
COLUMNS = frozenset({"title", "published", "length_s"})

pages = jinja2.Environment(loader=jinja2.FileSystemLoader("/srv/podcast/pages"), autoescape=True)
feeds = jinja2.Environment(loader=jinja2.FileSystemLoader("/srv/podcast/feeds"))

bp = Blueprint("podcast", url_prefix="/podcast")
app = Sanic("podcast")
app.config.REQUEST_MAX_SIZE = 2_000_000
app.config.REQUEST_TIMEOUT = 20
app.config.RESPONSE_TIMEOUT = 20


async def make_pool():
    context = ssl.create_default_context(cafile="/etc/podcast/pg-ca.pem")
    return await asyncpg.create_pool(
        host="pg.radio-waldrand.example", user="podcast", database="podcast", ssl=context, max_size=10
    )


async def make_statistics_connection():
    return await asyncpg.connect(
        host="stats.radio-waldrand.example",
        user="stats",
        database="stats",
        ssl="require",
    )


class Shows:
    def __init__(self, pool):
        self.pool = pool
        self.filters = []

    def only(self, column, value):
        self.filters.append(f"{column} = '{value}'")
        return self

    async def fetch(self):
        statement = "SELECT slug FROM show"
        if self.filters:
            statement += " WHERE " + " AND ".join(self.filters)
        async with self.pool.acquire() as conn:
            return await conn.fetch(statement)


@app.before_server_start
async def open_pool(app, _loop):
    app.ctx.pool = await make_pool()


@bp.get("/shows")
async def shows(request):
    found = await Shows(app.ctx.pool).only("language", request.args.get("language", "de")).fetch()
    return json([r["slug"] for r in found])


@bp.get("/shows/<slug>")
async def show(request, slug: str):
    row = await app.ctx.pool.fetchrow("SELECT title FROM show WHERE slug = $1", slug)
    if row is None:
        raise NotFound("no such show")
    page = pages.get_template("show.html")
    return html(page.render(title=row["title"], mark=request.args.get("mark", "")))


@bp.get("/episodes")
async def episodes(request):
    column = request.args.get("sort", "title")
    if column not in COLUMNS:
        column = "title"
    limit = min(int(request.args.get("limit", "10")), 100)
    rows = await app.ctx.pool.fetch(f"SELECT title FROM episode ORDER BY {column} LIMIT {limit}")
    return json([r["title"] for r in rows])


@bp.post("/episodes")
async def add_episode(request):
    body = request.json
    async with app.ctx.pool.acquire() as conn, conn.transaction():
        await conn.execute("INSERT INTO episode (title) VALUES ($1)", body["title"])
        await conn.execute("NOTIFY episodes, '" + body["title"] + "'")
    logger.info("episode %s added", body["title"])
    logger.info("episode with %d characters added", len(body["title"]))
    return json({"ok": True}, status=201)


@bp.get("/player")
async def player(request):
    start = request.args.get("start", "0")
    return html("<audio controls data-start='" + start + "'></audio>")


@bp.get("/player/safe")
async def player_safe(request):
    start = int(request.args.get("start", "0"))
    return html(f"<audio controls data-start='{start}'></audio>")


@bp.get("/echo")
async def echo(request):
    return text(request.args.get("say", ""))


@bp.get("/audio")
async def audio(request):
    name = request.args.get("file")
    return await file(SHOWS / name)


@bp.get("/audio/<slug>")
async def audio_of(request, slug: str):
    if not SLUG.match(slug):
        raise NotFound("no such episode")
    return await file(SHOWS / (slug + ".mp3"), mime_type="audio/mpeg")


@bp.post("/covers")
async def cover(request):
    upload = request.files.get("cover")
    if Path(upload.name).suffix.lower() not in (".png", ".jpg"):
        return json({"error": "type"}, status=415)
    target = SHOWS / "covers" / upload.name
    target.write_bytes(upload.body)
    return raw(b"", status=204)


@bp.post("/transcode")
async def transcode(request):
    preset = request.form.get("preset")
    process = await asyncio.create_subprocess_shell(
        f"ffmpeg -i /srv/podcast/in.wav -vpre {preset} /srv/podcast/out.mp3"
    )
    return json({"code": await process.wait()})


@bp.post("/normalise")
async def normalise(request):
    level = float(request.form.get("level", "-16"))
    process = await asyncio.create_subprocess_exec(
        "ffmpeg", "-i", "/srv/podcast/in.wav", "-af", f"loudnorm=I={level}", "/srv/podcast/out.wav"
    )
    return json({"code": await process.wait()})


@bp.get("/leave")
async def leave(request):
    return redirect(request.args.get("to", "/"))


@bp.post("/volume")
async def volume(request):
    reply = json({"ok": True})
    reply.add_cookie("volume", "7", secure=True, httponly=True, samesite="Strict")
    reply.add_cookie("speed", "1", secure=True, httponly=True, samesite=None)
    return reply


@lru_cache
def upload_key():
    return os.environ["PODCAST_UPLOAD_KEY"].encode()


def signature_ok(body: bytes, given: str) -> bool:
    return hmac.compare_digest(hmac.digest(upload_key(), body, "sha256").hex(), given)


app.blueprint(bp)
app.static("/public", "/srv/podcast/public", name="public")
app.static("/drafts", "/srv/podcast/drafts", name="drafts", directory_view=True)

if __name__ == "__main__":
    app.run(host="127.0.0.1", port=8060, debug=True, single_process=True)
