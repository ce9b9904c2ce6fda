"""Sign-in with the accounts of partners for a mountain railway (Authlib, requests-oauthlib, oauthlib)."""
import hmac
import os
import secrets
from urllib.parse import urlencode, urlsplit

from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuth2Client
from authlib.integrations.starlette_client import OAuth
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse
from oauthlib.oauth2 import (
    BackendApplicationClient, LegacyApplicationClient, MobileApplicationClient, RequestValidator, WebApplicationClient,
)
from requests_oauthlib import OAuth2Session
from slowapi import Limiter
from slowapi.util import get_remote_address
from starlette.middleware.sessions import SessionMiddleware

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=os.environ["RAIL_SESSION_KEY"], https_only=True, same_site="lax")
limiter = Limiter(key_func=get_remote_address)
app.state.limiter = limiter
oauth = OAuth()

ISSUER = "https://login.zahnradbahn.example"
CALLBACK = "https://www.zahnradbahn.example/callback"
TOKEN_ENDPOINT = ISSUER + "/token"
PASSWORD_GRANT_REMOVED = "grant_type=password is gone since 2023"

oauth.register(
    "railway",
    client_id=os.environ["RAIL_CLIENT_ID"],
    client_secret=os.environ["RAIL_CLIENT_SECRET"],
    server_metadata_url=ISSUER + "/.well-known/openid-configuration",
    client_kwargs={"scope": "openid", "code_challenge_method": "S256", "timeout": 8},
)
oauth.register(
    "postbus",
    client_id=os.environ["BUS_CLIENT_ID"],
    client_secret="bus-9fT3xQ7mLw2ZkV8sRc5N",
    server_metadata_url="https://id.postbus.example/.well-known/openid-configuration",
    client_kwargs={
        "scope": "openid",
        "code_challenge_method": "plain",
        "timeout": 8,
    },
)

CLIENTS = {
    "kiosk": {"redirect_uris": ["https://kiosk.zahnradbahn.example/cb"], "prefix": "https://kiosk.zahnradbahn.example/"},
    "hotel": {"redirect_uris": ["https://hotel.zahnradbahn.example/cb"], "prefix": "https://hotel.zahnradbahn.example"},
}


class RailValidator(RequestValidator):
    def validate_redirect_uri(self, client_id, redirect_uri, request, *args, **kwargs):
        return redirect_uri in CLIENTS[client_id]["redirect_uris"]

    def get_default_redirect_uri(self, client_id, request, *args, **kwargs):
        return CLIENTS[client_id]["redirect_uris"][0]


class HotelValidator(RailValidator):
    def validate_redirect_uri(self, client_id, redirect_uri, request, *args, **kwargs):
        return redirect_uri.startswith(CLIENTS[client_id]["prefix"])


def machine_session():
    return OAuth2Session(client=BackendApplicationClient(client_id=os.environ["RAIL_CLIENT_ID"]))


def conductor_session(username, password):
    session = OAuth2Session(client=LegacyApplicationClient(client_id="conductors"))
    session.fetch_token(TOKEN_ENDPOINT, username=username, password=password, timeout=8)
    return session


def conductor_token(username, password):
    client = OAuth2Client(os.environ["RAIL_CLIENT_ID"], timeout=8)
    return client.fetch_token(TOKEN_ENDPOINT, username=username, password=password, grant_type="password")


def service_token():
    client = OAuth2Client(os.environ["RAIL_CLIENT_ID"], os.environ["RAIL_CLIENT_SECRET"], timeout=8)
    return client.fetch_token(TOKEN_ENDPOINT, grant_type="client_credentials")


def display_board_session():
    client = MobileApplicationClient(client_id="boards")
    return OAuth2Session(client=client, redirect_uri=CALLBACK)


def old_board_address(state):
    query = {
        "client_id": "boards",
        "redirect_uri": CALLBACK,
        "response_type": "token",
        "state": state,
    }
    return ISSUER + "/authorize?" + urlencode(query)


def board_address(state, challenge):
    query = {
        "client_id": "boards",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "state": state,
    }
    return ISSUER + "/authorize?" + urlencode(query)


def hotel_address(state, verifier):
    client = WebApplicationClient("hotel")
    return client.prepare_request_uri(
        ISSUER + "/authorize",
        redirect_uri=CALLBACK,
        state=state,
        code_challenge=verifier,
        code_challenge_method="plain",
    )


@app.get("/sign-in/{partner}")
@limiter.limit("10/minute")
async def sign_in(request: Request, partner: str):
    client = oauth.create_client("postbus" if partner == "postbus" else "railway")
    return await client.authorize_redirect(request, CALLBACK)


@app.get("/callback")
@limiter.limit("10/minute")
async def callback(request: Request):
    token = await oauth.railway.authorize_access_token(request)
    request.session.clear()
    request.session["subject"] = token["userinfo"]["sub"]
    return RedirectResponse("/tickets")


@app.get("/authorize")
async def authorize(request: Request, client_id: str, redirect_uri: str):
    client = CLIENTS.get(client_id)
    if client is None or redirect_uri not in client["redirect_uris"]:
        raise HTTPException(400, "redirect_uri")
    return RedirectResponse(redirect_uri + "?" + urlencode({"code": secrets.token_urlsafe(32)}))


@app.get("/start")
async def start(request: Request):
    state = secrets.token_urlsafe(24)
    request.session["state"] = state
    return RedirectResponse(board_address(state, secrets.token_urlsafe(43)))


@app.get("/finish")
async def finish(request: Request, state: str, code: str):
    if not hmac.compare_digest(request.session.pop("state", ""), state):
        raise HTTPException(400, "state")
    async with AsyncOAuth2Client(os.environ["RAIL_CLIENT_ID"], timeout=8) as client:
        await client.fetch_token(TOKEN_ENDPOINT, code=code, redirect_uri=CALLBACK, code_verifier=request.session.pop("verifier"))
    return RedirectResponse("/tickets")


def partner_host(url):
    return urlsplit(url).hostname
