"""Views of a lending library: catalogue, loans and reservations."""
import io
import logging
import mimetypes
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import connection, models
from django.db.models.expressions import RawSQL
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views import View
from django.views.decorators.clickjacking import xframe_options_deny, xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt, csrf_protect

logger = logging.getLogger(__name__)
COVERS = Path(settings.MEDIA_ROOT) / "covers"


class Book(models.Model):
    title = models.CharField(max_length=200)
    shelf = models.CharField(max_length=20)
    year = models.IntegerField()

    class Meta:
        app_label = "loans"


def catalogue(request):
    shelf = request.GET.get("shelf", "A1")
    books = Book.objects.raw("SELECT * FROM loans_book WHERE shelf = %s", [shelf])
    return render(request, "loans/catalogue.html", {"books": books})


def catalogue_by_year(request, year):
    query = f"SELECT * FROM loans_book WHERE shelf = '{request.GET['shelf']}'"
    books = Book.objects.raw(query)
    return render(request, "loans/catalogue.html", {"books": books, "year": year})


def popular(request):
    since = request.GET.get("since", "2020-01-01")
    books = Book.objects.extra(where=["year > '%s'" % since])
    safe = Book.objects.extra(where=["year > %s"], params=[since])
    return JsonResponse({"all": books.count(), "safe": safe.count()})


def ranked(request):
    user_expr = request.GET.get("boost", "1")
    scored = Book.objects.annotate(score=RawSQL("year * " + user_expr, []))
    fixed = Book.objects.annotate(score=RawSQL("year * %s", (user_expr,)))
    return JsonResponse({"rows": scored.count() + fixed.count()})


def shelf_statistics(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM loans_book WHERE title ILIKE %s", ["%" + request.GET["t"] + "%"])
        total = cursor.fetchone()[0]
    return JsonResponse({"total": total})


@login_required
def book_label(request, pk):
    book = get_object_or_404(Book, pk=pk)
    style = request.GET.get("style", "plain")
    html = format_html("<span class='{}'>{}</span>", style, book.title)
    note = mark_safe("<b>" + request.GET.get("note", "") + "</b>")
    rule = mark_safe("<hr>")
    return render(request, "loans/label.html", {"html": html, "note": note, "rule": rule})


def greeting(request):
    return HttpResponse("<p>Welcome back, %s</p>" % request.GET.get("name"))


def greeting_plain(request):
    return HttpResponse(f"Welcome back, {request.GET.get('name')}", content_type="text/plain")


@csrf_exempt
def extend_loan(request, loan_id):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE loans_loan SET due = due + 14 WHERE id = %s", [loan_id])
    return JsonResponse({"extended": loan_id})


@csrf_protect
@login_required
def return_loan(request, loan_id):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM loans_loan WHERE id = %s", [loan_id])
    return redirect("loans:catalogue")


@xframe_options_exempt
def reservation_form(request):
    return render(request, "loans/reserve.html")


@xframe_options_deny
def opening_hours(request):
    return render(request, "loans/hours.html")


def after_sign_in(request):
    target = request.GET.get("next") or "/"
    return HttpResponseRedirect(target)


def after_sign_out(request):
    target = request.GET.get("next") or "/"
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={"loans.fernhill.example"}, require_https=True):
        target = "/"
    return redirect(target)


@method_decorator(login_required, name="dispatch")
class CoverView(View):
    def get(self, request, *args, **kwargs):
        name = request.GET["file"]
        stream = open(COVERS / name, "rb")
        return FileResponse(stream, content_type="image/jpeg")


class CoverByIsbnView(View):
    def get(self, request, isbn):
        path = (COVERS / f"{isbn}.jpg").resolve()
        if not path.is_relative_to(COVERS.resolve()) or not path.is_file():
            raise Http404
        return FileResponse(path.open("rb"), content_type=mimetypes.guess_type(path.name)[0])


def export(request):
    buffer = io.StringIO()
    for book in Book.objects.filter(shelf=request.GET.get("shelf", "")):
        buffer.write(f"{book.pk};{book.year}\n")
    response = HttpResponse(buffer.getvalue(), content_type="text/csv")
    response["X-Export-Label"] = request.GET.get("label", "books")
    response["Content-Disposition"] = 'attachment; filename="books.csv"'
    response.set_cookie("exported", "1", secure=True, httponly=False, samesite="Strict")
    return response


def remember_branch(request):
    request.session["branch"] = request.GET.get("branch")
    request.session["page"] = int(request.GET.get("page", "1"))
    logger.info("page %d kept", request.session["page"])
    return redirect("loans:catalogue")
