"""Online auctions of a stamp dealer on Tornado."""
import json
import os
import re
import uuid

import tornado.escape
import tornado.httpserver
import tornado.ioloop
import tornado.web
import tornado.websocket
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.options import define, options
from tornado.template import Template

define("port", default=8870, type=int)
define("address", default="127.0.0.1")

LOTS = {}
BID = re.compile(r"\d{1,7}(\.\d{2})?")
CATALOGUE_PAGES = ("/", "/lots", "/terms")


class Base(tornado.web.RequestHandler):
    def set_default_headers(self):
        self.set_header("Server", "auctions")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Strict-Transport-Security", "max-age=63072000; includeSubDomains")

    def get_current_user(self):
        return self.get_signed_cookie("bidder", max_age_days=1)


class PartnerBase(tornado.web.RequestHandler):
    def set_default_headers(self):
        self.set_header("Content-Security-Policy", "default-src 'self'; script-src 'self' 'unsafe-inline'; frame-ancestors 'self'")
        self.set_header("Strict-Transport-Security", "max-age=0; includeSubDomains")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "origin")


class LotHandler(Base):
    def get(self, lot):
        title = LOTS.get(lot, "unknown")
        self.write("<h1>" + tornado.escape.xhtml_escape(title) + "</h1>")
        self.write("<p>lot " + self.get_argument("view", "small") + "</p>")

    @tornado.web.authenticated
    def post(self, lot):
        bid = self.get_body_argument("bid")
        if not BID.fullmatch(bid):
            raise tornado.web.HTTPError(400)
        self.finish(f"<p>Your bid of {bid} was noted</p>")


class LotJsonHandler(Base):
    def get(self):
        word = self.get_query_argument("word", "")
        self.write({"word": word, "lots": [k for k in LOTS if word in k]})


class EntryHandler(Base):
    async def post(self):
        bidder = uuid.uuid4().hex
        self.set_signed_cookie("bidder", bidder, expires_days=1, secure=True, httponly=True, samesite="Lax")
        target = self.get_argument("next", "/")
        self.redirect(target if target in CATALOGUE_PAGES else "/")


class LegacyEntryHandler(Base):
    def post(self):
        self.set_signed_cookie("bidder", uuid.uuid4().hex, httponly=True)
        self.redirect(self.get_argument("next", "/"))


class PartnerHandler(PartnerBase):
    def prepare(self):
        if self.request.headers.get("X-Partner-Key") != os.environ["PARTNER_KEY"]:
            raise tornado.web.HTTPError(403)

    async def post(self):
        client = AsyncHTTPClient()
        order = json.loads(self.request.body)
        reply = await client.fetch(order["notify"], method="POST", body="{}")
        again = await client.fetch("https://partner.briefmarken.example/ack", validate_cert=False)
        self.write({"codes": [reply.code, again.code]})


class RateHandler(Base):
    async def get(self):
        request = HTTPRequest("https://rates.briefmarken.example/eur", connect_timeout=3, request_timeout=8, validate_cert=True)
        reply = await AsyncHTTPClient().fetch(request)
        self.write(tornado.escape.json_decode(reply.body))


class SlipHandler(Base):
    def post(self):
        slip = Template(self.get_body_argument("layout"))
        self.write({"length": len(slip.generate(house="Briefmarken"))})


class FixedSlipHandler(Base):
    layout = Template("<p>{{ name }}</p>")
    raw_layout = Template("<p>{{ name }}</p>", autoescape=None)

    def post(self):
        self.write(self.layout.generate(name=self.get_body_argument("name")))


class BidSocket(tornado.websocket.WebSocketHandler):
    def check_origin(self, origin):
        return origin in ("https://auktion.briefmarken.example",)

    def on_message(self, message):
        bid = tornado.escape.json_decode(message)
        self.write_message({"seen": float(bid["amount"])})


class DownloadHandler(Base):
    def get(self, name):
        self.set_header("Content-Disposition", "attachment; filename=" + self.get_argument("as", "lot.pdf"))
        self.set_header("X-Lots", str(len(LOTS)))
        with open(os.path.join("/srv/auction/pdf", os.path.basename(name)), "rb") as stream:
            self.write(stream.read())


class ScanHandler(Base):
    def get(self):
        scan = self.get_argument("scan")
        with open("/srv/auction/scans/" + scan, "rb") as stream:
            self.write(stream.read())


HANDLERS = [
    (r"/lots/(\w+)", LotHandler),
    (r"/lots.json", LotJsonHandler),
    (r"/enter", EntryHandler),
    (r"/bids", BidSocket),
]


def public_app():
    settings = dict(
        cookie_secret=os.environ["AUCTION_COOKIE_SECRET"],
        xsrf_cookies=True,
        xsrf_cookie_kwargs={"secure": True, "httponly": True, "samesite": "Lax"},
        debug=False,
    )
    return tornado.web.Application(HANDLERS, **settings)


def partner_app():
    return tornado.web.Application(
        [(r"/partner", PartnerHandler), (r"/enter", LegacyEntryHandler)],
        cookie_secret=os.environ["AUCTION_COOKIE_SECRET"],
        xsrf_cookies=False,
        debug=True,
    )


def main():
    options.parse_command_line()
    server = tornado.httpserver.HTTPServer(public_app(), max_body_size=1_000_000, idle_connection_timeout=60, body_timeout=20)
    server.listen(options.port, address=options.address)
    partner_app().listen(8871, address="0.0.0.0")
    tornado.ioloop.IOLoop.current().start()


if __name__ == "__main__":
    main()
