"""Views of the apiary register (Django)."""
import json
import pickle
import subprocess
import traceback

from django.contrib.auth.decorators import login_required
from django.core.signing import dumps, loads
from django.db import connection
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.html import escape, format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from .models import Hive, Inspection


@login_required
def hives_in_region(request):
    region = request.GET.get("region")
    hives = Hive.objects.raw("SELECT * FROM hive WHERE region = %s", [region])
    return render(request, "hives.html", {"hives": hives})


@login_required
def hives_of_owner(request):
    owner = request.GET.get("owner", "")
    query = "SELECT * FROM hive WHERE owner = '{}'".format(owner)
    hives = Hive.objects.raw(query)
    return render(request, "hives.html", {"hives": hives})


@login_required
def heavy_hives(request):
    least = float(request.GET.get("kg", "20"))
    hives = Hive.objects.extra(where=[f"weight_kg > {least}"])
    return render(request, "hives.html", {"hives": hives})


@login_required
def hives_with(request):
    condition = "queen_mark = '" + request.GET["mark"] + "'"
    hives = Hive.objects.extra(where=[condition])
    return render(request, "hives.html", {"hives": hives})


@login_required
def honey_by_year(request, year):
    with connection.cursor() as cur:
        cur.execute("SELECT sum(kg) FROM harvest WHERE year = %s AND region = %s", [year, request.GET["region"]])
        total = cur.fetchone()[0]
    return JsonResponse({"total": total})


@login_required
def honey_by_region(request):
    with connection.cursor() as cur:
        cur.execute(f"SELECT sum(kg) FROM harvest WHERE region = '{request.GET['region']}'")
        total = cur.fetchone()[0]
    return JsonResponse({"total": total})


def badge(request):
    keeper = request.GET.get("keeper", "")
    return HttpResponse("<b>" + keeper + "</b>")


def badge_text(request):
    keeper = request.GET.get("keeper", "")
    return HttpResponse("<b>" + escape(keeper) + "</b>")


def badge_plain(request):
    return HttpResponse(request.GET.get("keeper", ""), content_type="text/plain")


def label(request):
    colour = request.GET.get("colour", "yellow")
    snippet = mark_safe(f"<span class='{colour}'>hive</span>")
    return render(request, "label.html", {"snippet": snippet})


def label_formatted(request):
    colour = request.GET.get("colour", "yellow")
    snippet = format_html("<span class='{}'>hive</span>", colour)
    icon = mark_safe("<i class='bee'></i>")
    return render(request, "label.html", {"snippet": snippet, "icon": icon})


def after_login(request):
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={"hives.example"}, require_https=True):
        target = "/"
    return redirect(target)


def after_logout(request):
    return HttpResponseRedirect(request.GET["next"])


@csrf_exempt
def rename_hive(request, pk):
    hive = get_object_or_404(Hive, pk=pk, owner=request.user.id)
    hive.name = request.POST["name"]
    hive.save()
    return JsonResponse({"ok": True})


@csrf_protect
def move_hive(request, pk):
    hive = get_object_or_404(Hive, pk=pk, owner=request.user.id)
    hive.region = request.POST["region"]
    hive.save()
    return JsonResponse({"ok": True})


@method_decorator(login_required, name="dispatch")
class InspectionExport(View):
    formats = {"csv": "csv", "json": "json"}

    def get(self, request, pk):
        fmt = self.formats.get(request.GET.get("format"), "csv")
        out = subprocess.run(["hive-export", "--format", fmt, str(int(pk))], capture_output=True, timeout=30)
        return HttpResponse(out.stdout, content_type="application/octet-stream")

    def post(self, request, pk):
        title = request.POST["title"]
        subprocess.run(f"hive-export --title {title} > /srv/hives/out.csv", shell=True, timeout=30)
        return JsonResponse({"queued": True})


def restore_filter(request):
    raw = bytes.fromhex(request.COOKIES.get("hive_filter", ""))
    chosen = pickle.loads(raw)
    return JsonResponse({"count": Hive.objects.filter(region=chosen["region"]).count()})


def restore_filter_signed(request):
    chosen = loads(request.COOKIES.get("hive_filter", ""), salt="hive-filter")
    return JsonResponse({"count": Hive.objects.filter(region=chosen["region"]).count()})


def save_filter(request):
    response = JsonResponse({"ok": True})
    value = dumps({"region": request.GET["region"]}, salt="hive-filter")
    response.set_cookie("hive_filter", value, secure=True, httponly=True, samesite="Lax")
    response.set_cookie("hive_session_hint", value, secure=True, httponly=True, samesite="None")
    return response


def import_inspections(request):
    try:
        rows = json.loads(request.body)
        Inspection.objects.bulk_create(Inspection(note=r["note"]) for r in rows)
    except (KeyError, ValueError):
        return JsonResponse({"trace": traceback.format_exc()}, status=400)
    return JsonResponse({"imported": len(rows)})


def manual(request):
    return FileResponse(open("/srv/hives/manual.pdf", "rb"))
