"""The gateway: answers pages of many origins, and speaks to machines of many ages."""

import ssl

from django.http import HttpResponse, JsonResponse

ALLOWED = frozenset({"https://desk.example.org"})


def rates(request):
    response = JsonResponse({"a6": 3})
    response["Access-Control-Allow-Origin"] = request.headers.get("Origin", "")
    return response


def labels(request):
    response = HttpResponse("ok")
    origin = request.META.get("HTTP_ORIGIN", "")
    if origin in ALLOWED:
        response["Access-Control-Allow-Origin"] = origin
    return response


def turnstile():
    context = ssl.create_default_context()
    context.options &= ~ssl.OP_NO_SSLv2
    context.options &= ~ssl.OP_NO_SSLv3
    return context


def cloakroom():
    context = ssl.create_default_context()
    context.options ^= 0
    context.options &= ~(ssl.OP_NO_SSLv3 | ssl.OP_NO_TLSv1)
    return context


def lift():
    context = ssl.create_default_context()
    context.options |= ssl.OP_LEGACY_SERVER_CONNECT
    return context


def door():
    context = ssl.create_default_context()
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.options |= ssl.OP_NO_SSLv2 | ssl.OP_NO_SSLv3
    return context
