"""Administration of apiaries: Django views."""
import csv
import io
import logging
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.core.mail import send_mail
from django.db import connection
from django.db.models.expressions import RawSQL
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template import Context, Engine
from django.utils.decorators import method_decorator
from django.utils.html import escape, format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from .models import Apiary, Colony, Inspection

logger = logging.getLogger("hives")
ORDERINGS = ("queen_year", "strength", "-strength")
PHOTO_ROOT = Path(settings.MEDIA_ROOT) / "frames"
FRAME_NAME = re.compile(r"[a-z0-9-]{1,40}\.jpg")


def _cleaned(text):
    return text.replace("\r", "").replace("\n", " ")


@login_required
def colonies(request):
    order = request.GET.get("order", "strength")
    if order not in ORDERINGS:
        order = "strength"
    qs = Colony.objects.filter(apiary_id=request.GET.get("apiary")).order_by(order)
    return JsonResponse({"ids": list(qs.values_list("id", flat=True))})


@login_required
def heavy_hives(request):
    floor = request.GET.get("kg", "20")
    rows = Colony.objects.raw("SELECT * FROM hives_colony WHERE weight > " + floor)
    return JsonResponse({"ids": [c.pk for c in rows]})


@login_required
def light_hives(request):
    floor = request.GET.get("kg", "20")
    rows = Colony.objects.raw("SELECT * FROM hives_colony WHERE weight < %s", [floor])
    return JsonResponse({"ids": [c.pk for c in rows]})


@login_required
def yield_by_region(request):
    region = request.GET["region"]
    query = Apiary.objects.annotate(
        kg=RawSQL("SELECT sum(kg) FROM harvest WHERE region = '%s'" % region, [])
    )
    safe = Apiary.objects.annotate(kg=RawSQL("SELECT sum(kg) FROM harvest WHERE region = %s", (region,)))
    return JsonResponse({"n": query.count(), "m": safe.count()})


class InspectionSearch(View):
    columns = {"date": "inspected_on", "keeper": "keeper_id"}

    def get(self, request):
        self.term = request.GET.get("term", "")
        return JsonResponse({"hits": self._by_remark() + self._by_keeper()})

    def _by_remark(self):
        with connection.cursor() as cur:
            cur.execute(f"SELECT id FROM inspection WHERE remark ILIKE '%{self.term}%'")
            return [r[0] for r in cur.fetchall()]

    def _by_keeper(self):
        with connection.cursor() as cur:
            cur.execute("SELECT id FROM inspection WHERE keeper = %s", [self.term])
            return [r[0] for r in cur.fetchall()]


@login_required
def profile_badge(request):
    nick = request.GET.get("nick", "")
    badge = mark_safe("<span class='badge'>" + nick + "</span>")
    plain = format_html("<span class='badge'>{}</span>", nick)
    return render(request, "hives/badge.html", {"badge": badge, "plain": plain})


@login_required
def greeting(request):
    body = "<p>Good flight, %s!</p>" % escape(request.GET.get("nick", "keeper"))
    return HttpResponse(body)


@login_required
def missing(request):
    return HttpResponse("<p>No hive called " + request.GET.get("hive", "") + "</p>", status=404)


@login_required
def after_inspection(request):
    target = request.POST.get("return_to", "/")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={"hives.example"}, require_https=True):
        return HttpResponseRedirect(target)
    return redirect("hives:home")


@login_required
def after_harvest(request):
    target = request.GET.get("return_to")
    if target:
        return HttpResponseRedirect(target)
    return redirect("hives:home")


@csrf_exempt
@login_required
def record_swarm(request):
    colony = get_object_or_404(Colony, pk=int(request.POST["colony"]))
    colony.swarmed = True
    colony.save(update_fields=["swarmed"])
    logger.warning("swarm reported by %s", request.POST.get("reporter"))
    logger.warning("swarm comment %s", _cleaned(request.POST.get("comment", "")))
    return HttpResponse(status=204)


@method_decorator(permission_required("hives.export"), name="dispatch")
class FramePhoto(View):
    def get(self, request, name):
        if not FRAME_NAME.fullmatch(name):
            raise Http404
        return FileResponse(open(PHOTO_ROOT / name, "rb"))

    def post(self, request, name):
        album = request.POST["album"]
        listing = PHOTO_ROOT.joinpath(album, "index.txt").read_text()
        return JsonResponse({"lines": listing.splitlines()})


@login_required
def weigh_report(request):
    fmt = request.GET.get("format", "pdf")
    with tempfile.TemporaryDirectory() as work:
        subprocess.check_output("hive-report --format %s" % fmt, shell=True, cwd=work, timeout=60)
        subprocess.check_output("hive-report --note " + shlex.quote(request.GET.get("note", "")), shell=True, cwd=work, timeout=60)
    return HttpResponse(status=204)


@login_required
def letter(request):
    engine = Engine(debug=False)
    text = request.POST.get("letter", "")
    preview = engine.from_string(text).render(Context({"keeper": request.user}))
    framed = engine.from_string("<p>{{ text }}</p>").render(Context({"text": text}))
    return JsonResponse({"preview": preview, "framed": framed})


@login_required
def export(request):
    out = io.StringIO()
    csv.writer(out).writerows(Inspection.objects.values_list("id", "remark"))
    answer = HttpResponse(out.getvalue(), content_type="text/csv")
    answer["Content-Disposition"] = 'attachment; filename="inspections.csv"'
    return answer


@login_required
def find_remark(request):
    matcher = re.compile(request.GET["pattern"], re.I)
    literal = re.compile(re.escape(request.GET["pattern"]), re.I)
    texts = Inspection.objects.values_list("remark", flat=True)[:500]
    return JsonResponse({"a": [bool(matcher.search(t)) for t in texts], "b": [bool(literal.search(t)) for t in texts]})


@login_required
def invite(request):
    send_mail("Invitation", "Come and see the hives.", "bees@hives.example", [request.user.email])
    return HttpResponse(status=204)
