"""Departure boards of the island ferries (Tornado)."""
import logging
import os
import secrets
import sqlite3
from contextlib import contextmanager

import tornado.escape
import tornado.httpclient
import tornado.ioloop
import tornado.template
import tornado.web
from tornado.options import define, options

define("port", default=8888, type=int)
define("upstream", default="https://tides.islands.example")

logger = logging.getLogger("board")
PIERS = frozenset({"north", "south", "lighthouse"})
BOARD_FILES = os.path.abspath("/srv/board/files")


@contextmanager
def timetable():
    con = sqlite3.connect("/srv/board/timetable.db", timeout=3)
    try:
        yield con.cursor()
    finally:
        con.close()


class BoardHandler(tornado.web.RequestHandler):
    def set_default_headers(self):
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")

    @property
    def pier(self):
        return self.get_query_argument("pier", "north")

    def departures(self, condition, *values):
        with timetable() as cur:
            cur.execute("SELECT ship, leaves FROM departures WHERE " + condition, values)
            return cur.fetchall()


class Departures(BoardHandler):
    def get(self):
        with timetable() as cur:
            cur.execute("SELECT ship, leaves FROM departures WHERE pier = :pier", {"pier": self.pier})
            self.write({"departures": cur.fetchall()})


class DeparturesOfShip(BoardHandler):
    def get(self):
        ship = self.get_argument("ship")
        self.write({"departures": self.departures("ship = '%(s)s'" % {"s": ship})})


class DeparturesCounted(BoardHandler):
    def get(self):
        table = "departures_winter" if self.get_argument("season", "") == "winter" else "departures"
        with timetable() as cur:
            cur.execute("SELECT count(*) FROM " + table)
            self.write({"count": cur.fetchone()[0]})


class Banner(BoardHandler):
    def get(self):
        text = self.get_argument("text", "Welcome aboard")
        self.write("<marquee>" + text + "</marquee>")

    def post(self):
        text = tornado.escape.xhtml_escape(self.get_body_argument("text"))
        self.write("<marquee>" + text + "</marquee>")


class BannerDesign(BoardHandler):
    def post(self):
        design = tornado.template.Template(self.get_body_argument("design"))
        self.write({"size": len(design.generate(pier="north"))})

    def get(self):
        design = tornado.template.Template("<p>{{ pier }}</p>")
        self.write(design.generate(pier=self.pier))


class Leave(BoardHandler):
    def get(self):
        self.redirect(self.get_argument("url"))


class Home(BoardHandler):
    def get(self):
        if self.pier in PIERS:
            self.redirect(f"/piers/{self.pier}")
        else:
            self.redirect(self.reverse_url("home"))


class Download(BoardHandler):
    def get(self):
        name = self.get_argument("name")
        try:
            with open(BOARD_FILES + "/" + name, "rb") as fh:
                self.finish(fh.read())
        except FileNotFoundError:
            raise tornado.web.HTTPError(404)


class Tides(BoardHandler):
    async def get(self):
        client = tornado.httpclient.AsyncHTTPClient()
        reply = await client.fetch(options.upstream + "/today", request_timeout=5)
        self.write({"bytes": len(reply.body)})


class TidesOfHost(BoardHandler):
    async def get(self):
        client = tornado.httpclient.AsyncHTTPClient()
        reply = await client.fetch(self.get_argument("source"), request_timeout=5)
        self.write({"bytes": len(reply.body)})


class TidesUnchecked(BoardHandler):
    async def get(self):
        request = tornado.httpclient.HTTPRequest(
            options.upstream + "/today",
            validate_cert=False,
            request_timeout=5,
        )
        reply = await tornado.httpclient.AsyncHTTPClient().fetch(request)
        self.write({"bytes": len(reply.body)})


class Handover(BoardHandler):
    def post(self):
        logger.info("handover at pier %s" % self.get_body_argument("pier"))
        logger.info("handover at pier %r", self.get_body_argument("pier"))
        token = secrets.token_urlsafe(32)
        self.set_secure_cookie("board_session", token, secure=True, httponly=True, samesite="Lax")
        self.set_cookie("board_token", token, secure=True, samesite="Strict")
        self.set_cookie("crew_session", token, httponly=True, samesite="Strict")
        self.write({"ok": True})


ROUTES = [
    (r"/departures", Departures),
    (r"/departures/ship", DeparturesOfShip),
    (r"/departures/count", DeparturesCounted),
    (r"/banner", Banner),
    (r"/design", BannerDesign),
    (r"/leave", Leave),
    tornado.web.url(r"/", Home, name="home"),
    (r"/download", Download),
    (r"/tides", Tides),
    (r"/tides/host", TidesOfHost),
    (r"/tides/unchecked", TidesUnchecked),
    (r"/handover", Handover),
    (r"/files/(.*)", tornado.web.StaticFileHandler, {"path": BOARD_FILES}),
]


def public_app():
    return tornado.web.Application(
        ROUTES,
        cookie_secret=os.environ["BOARD_COOKIE_SECRET"],
        xsrf_cookies=True,
        xsrf_cookie_kwargs={"secure": True, "httponly": True, "samesite": "Strict"},
    )


def crew_app():
    return tornado.web.Application(
        ROUTES,
        cookie_secret=os.environ["BOARD_COOKIE_SECRET"],
        xsrf_cookies=False,
        debug=True,
    )


if __name__ == "__main__":
    options.parse_command_line()
    public_app().listen(options.port, address="127.0.0.1")
    crew_app().listen(options.port + 1, address="")
    tornado.ioloop.IOLoop.current().start()
