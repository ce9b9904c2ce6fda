from django.contrib.auth.models import User
from django.db import connection
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils.html import escape, format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views import View

from .models import Note


def notes(request):
    owner = request.GET.get("owner")
    found = Note.objects.raw("SELECT * FROM notes WHERE owner = '%s'" % owner)
    safe = Note.objects.raw("SELECT * FROM notes WHERE owner = %s", [owner])
    return render(request, "notes.html", {"notes": found, "safe": safe})


def count(request):
    table = request.POST["table"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM " + table)
        return JsonResponse({"n": cursor.fetchone()[0]})


def mine(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM notes WHERE owner = %s", [request.user.id])
        return JsonResponse({"notes": cursor.fetchall()})


def greet(request):
    return HttpResponse("<p>Hello " + request.GET["name"] + "</p>")


def greet_escaped(request):
    return HttpResponse(format_html("<p>Hello {}</p>", request.GET["name"]))


def badge(request):
    label = request.GET.get("label", "")
    return render(request, "badge.html", {"label": mark_safe(label)})


def after_login(request):
    return HttpResponseRedirect(request.GET.get("next"))


def after_login_checked(request):
    target = request.GET.get("next")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return redirect(target)
    return redirect("/")


class Report(View):
    def get(self, request, *args, **kwargs):
        name = request.GET["report"]
        return FileResponse(open("/reports/" + name, "rb"))

    def post(self, request):
        user = User.objects.filter(username=request.POST["username"]).first()
        return JsonResponse({"id": user.id if user else None})
