"""Builds pages for village associations: Jinja2, Mako, Starlette, sanitising."""
import html
import logging
import os
from string import Template as StringTemplate

import nh3
from chameleon import PageTemplate
from jinja2 import BaseLoader, DictLoader, Environment, PackageLoader, Template, select_autoescape
from mako.lookup import TemplateLookup
from mako.template import Template as MakoTemplate
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

log = logging.getLogger(__name__)
SNIPPETS = {"card": "<p>{{ name }}</p>", "mail": "Dear {{ name }}"}
LANGUAGES = {"de", "fr", "it", "rm"}

escaping = Environment(loader=DictLoader(SNIPPETS), autoescape=True)
selective = Environment(loader=PackageLoader("village"), autoescape=select_autoescape(["html", "xml"]))
raw = Environment(loader=DictLoader(SNIPPETS))

options = {"loader": BaseLoader(), "trim_blocks": True, "autoescape": False}
bare = Environment(**options)

escaped_lookup = TemplateLookup(directories=["/srv/village/mako"], default_filters=["h"])
raw_lookup = TemplateLookup(directories=["/srv/village/mako"])


async def card(request):
    name = request.query_params.get("name", "")
    return HTMLResponse(escaping.get_template("card").render(name=name))


async def banner(request):
    name = request.query_params.get("name", "")
    return HTMLResponse("<h1>%s</h1>" % name)


async def banner_escaped(request):
    name = request.query_params.get("name", "")
    return HTMLResponse("<h1>%s</h1>" % html.escape(name, quote=True))


async def story(request):
    form = await request.form()
    clean = nh3.clean(form["story"])
    return HTMLResponse(f"<article>{clean}</article>")


async def story_raw(request):
    form = await request.form()
    paragraphs = [f"<p>{line}</p>" for line in form["story"].splitlines()]
    return HTMLResponse("".join(paragraphs))


async def poster(request):
    line = request.query_params.get("line", "")
    page = escaping.from_string("<div>{{ line }}</div>").render(line=Markup(line))
    return HTMLResponse(page)


async def letter(request):
    body = await request.json()
    template = Template(body["text"], autoescape=True)
    return JSONResponse({"letter": template.render(village="Ober-Linden")})


async def letter_named(request):
    body = await request.json()
    text = escaping.get_template("mail").render(name=body["name"])
    return JSONResponse({"letter": text})


async def letter_mako(request):
    body = await request.json()
    template = MakoTemplate("Dear ${name}, " + body["text"], default_filters=["h"])
    return JSONResponse({"letter": template.render(name="villager")})


async def letter_simple(request):
    body = await request.json()
    return JSONResponse({"letter": StringTemplate(body["text"]).safe_substitute(name="villager")})


async def letter_chameleon(request):
    text = (await request.body()).decode()
    return PlainTextResponse(str(len(PageTemplate("<p>" + text + "</p>")())))


async def photo(request):
    path = os.path.join("/srv/village/photos", request.query_params["name"])
    return FileResponse(path)


async def photo_checked(request):
    root = os.path.realpath("/srv/village/photos")
    path = os.path.realpath(os.path.join(root, request.query_params["name"]))
    if os.path.commonpath([root, path]) != root:
        return Response(status_code=404)
    return FileResponse(path)


async def language(request):
    wanted = request.query_params.get("lang", "de")
    reply = RedirectResponse("/")
    if wanted in LANGUAGES:
        request.session["lang"] = wanted
    request.session["from"] = request.query_params.get("from")
    reply.set_cookie("greeted", "1", max_age=600)
    reply.set_cookie("level", "1", secure=True, httponly=True, samesite="none")
    return reply


async def back(request):
    return RedirectResponse(url=request.query_params.get("back", "/"))


async def invite(request):
    link = "https://" + request.headers["host"] + "/join"
    log.info("invitation prepared")
    return JSONResponse({"mail": f"Join us at {link}"})


class HeaderMiddleware:
    """Adds our security headers to every answer."""

    headers = {
        b"content-security-policy": b"default-src 'self'; frame-ancestors 'none'",
        b"x-content-type-options": b"nosniff",
        b"referrer-policy": b"same-origin",
        b"strict-transport-security": b"max-age=31536000; includeSubDomains",
    }

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def wrapped(message):
            if message["type"] == "http.response.start":
                message["headers"].extend(self.headers.items())
            await send(message)

        await self.app(scope, receive, wrapped)


village = Starlette(
    debug=True,
    routes=[Route("/card", card), Route("/banner", banner), Route("/letter", letter, methods=["POST"])],
    middleware=[
        Middleware(
            SessionMiddleware,
            secret_key=os.environ["VILLAGE_SECRET"],
            https_only=False,
            same_site="lax",
        ),
        Middleware(CORSMiddleware, allow_origin_regex=".*"),
    ],
)

town = Starlette(
    debug=False,
    routes=[Route("/story", story, methods=["POST"]), Route("/photo", photo_checked)],
    middleware=[
        Middleware(HTTPSRedirectMiddleware),
        Middleware(TrustedHostMiddleware, allowed_hosts=["town.dorfleben.example"]),
        Middleware(SessionMiddleware, secret_key=os.environ["TOWN_SECRET"], https_only=True, same_site="strict"),
        Middleware(CORSMiddleware, allow_origin_regex=r"https://[a-z]+\.dorfleben\.example"),
        Middleware(HeaderMiddleware),
    ],
)
town.mount("/static", StaticFiles(directory="/srv/village/static"))
