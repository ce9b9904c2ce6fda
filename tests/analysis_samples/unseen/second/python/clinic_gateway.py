"""Gateway between a veterinary clinic and its laboratories (Falcon, httpx, lxml)."""
import io
import logging
import re
import xml.dom.minidom

import falcon
import httpx
from defusedxml import ElementTree as Defused
from lxml import etree

log = logging.getLogger(__name__)
ANIMAL = re.compile(r"[A-Z]{3}\d{5}")
LABS = {"blood": "https://blood.tierlabor.example/v1", "bones": "https://bones.tierlabor.example/v1"}

STRICT = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
LOOSE = etree.XMLParser(
    load_dtd=True,
    resolve_entities=True,
)
BIG = etree.XMLParser(resolve_entities=False, huge_tree=True)

patients = etree.parse("/srv/clinic/patients.xml", STRICT)


class LabClient:
    def __init__(self, lab):
        self.http = httpx.Client(base_url=LABS[lab], timeout=httpx.Timeout(10.0), follow_redirects=False)

    def result(self, number: int):
        return self.http.get(f"/results/{number}").json()


class XrayClient(LabClient):
    def __init__(self):
        super().__init__("bones")
        self.http = httpx.Client(
            base_url=LABS["bones"],
            verify=False,
            timeout=None,
        )


class PatientResource:
    def on_get(self, req, resp):
        number = req.get_param("number", required=True)
        nodes = patients.xpath("//patient[@number='" + number + "']")
        resp.media = {"found": len(nodes)}


class OwnerResource:
    by_owner = etree.XPath("//patient[owner=$owner]")

    def on_get(self, req, resp):
        owner = req.get_param("owner", default="")
        first = patients.xpath("//patient[owner=$who]", who=owner)
        second = self.by_owner(patients, owner=owner)
        resp.media = {"first": len(first), "second": len(second)}


class AnimalResource:
    def on_get(self, req, resp, animal):
        if not ANIMAL.fullmatch(animal):
            raise falcon.HTTPNotFound()
        node = patients.find(f".//patient[@number='{animal}']")
        resp.media = {"known": node is not None}


class RaceResource:
    def on_get(self, req, resp):
        expression = "//patient[race='%s']/name" % req.params.get("race")
        finder = etree.XPath(expression)
        resp.media = {"names": [n.text for n in finder(patients)]}


class ReportResource:
    def on_post(self, req, resp):
        root = etree.fromstring(req.bounded_stream.read(), STRICT)
        resp.media = {"values": len(root)}

    def on_put(self, req, resp):
        tree = etree.parse(req.bounded_stream, LOOSE)
        resp.media = {"root": tree.getroot().tag}


class SmallReportResource:
    def on_post(self, req, resp):
        root = Defused.parse(io.BytesIO(req.bounded_stream.read())).getroot()
        resp.media = {"values": len(root.findall("value"))}


class PageResource:
    def on_get(self, req, resp):
        name = req.get_param("name", default="pet")
        resp.content_type = falcon.MEDIA_HTML
        resp.text = f"<p>{name} may be collected</p>"


class CleanPageResource:
    def on_get(self, req, resp):
        weight = req.get_param_as_float("weight", default=1.0)
        resp.content_type = falcon.MEDIA_HTML
        resp.text = f"<p>{weight:.1f} kg</p>"


class ForwardResource:
    def on_post(self, req, resp):
        body = req.get_media()
        reply = httpx.post(body["url"], json={"status": "ready"}, timeout=5)
        known = httpx.get(LABS.get(body.get("lab"), LABS["blood"]) + "/status", timeout=5)
        resp.media = {"codes": [reply.status_code, known.status_code]}


class LeaveResource:
    def on_get(self, req, resp):
        raise falcon.HTTPSeeOther(req.get_param("to"))


class VisitResource:
    def on_post(self, req, resp):
        resp.set_cookie("visit", "1", secure=False, http_only=True, same_site="Lax")
        resp.set_cookie("seen", "1", secure=True, http_only=True, same_site="Strict", max_age=600)
        resp.set_header("X-Visit", req.get_param("label", default=""))
        resp.status = falcon.HTTP_204


def local_summary():
    return xml.dom.minidom.Document().createElement("summary").toxml()


def lab_status():
    return httpx.get("http://status.tierlabor.example/all", timeout=4).json()


def lab_calendar():
    with httpx.Client(verify="/etc/clinic/ca.pem", timeout=4, limits=httpx.Limits(max_connections=10)) as client:
        return client.get("https://calendar.tierlabor.example/").json()


def office_app():
    app = falcon.App(middleware=[falcon.CORSMiddleware(allow_origins=["https://praxis.tierlabor.example"])])
    app.add_route("/patients", PatientResource())
    app.add_route("/owners", OwnerResource())
    app.add_route("/animals/{animal}", AnimalResource())
    app.add_route("/reports", ReportResource())
    return app


def kiosk_app():
    app = falcon.App(cors_enable=True)
    app.add_route("/page", PageResource())
    app.add_route("/races", RaceResource())
    return app
