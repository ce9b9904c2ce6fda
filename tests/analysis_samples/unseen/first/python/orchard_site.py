"""Web shop of an orchard: headers, cookies, cross-origin access and limits."""
import os

from flask import Flask, jsonify, request, session
from flask_cors import CORS, cross_origin
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect
from werkzeug.security import check_password_hash
from wtforms import Form, PasswordField, StringField, validators

DEBUG_BANNER = "DEBUG = True is never set here"
ORIGINS = ["https://shop.apfelgarten.example", "https://press.apfelgarten.example"]


class BaseConfig:
    SECRET_KEY = os.environ.get("ORCHARD_SECRET")
    MAX_CONTENT_LENGTH = 512 * 1024
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    REMEMBER_COOKIE_SECURE = True
    REMEMBER_COOKIE_HTTPONLY = True
    REMEMBER_COOKIE_SAMESITE = "Lax"
    WTF_CSRF_ENABLED = True
    RATELIMIT_ENABLED = True


class MarketStallConfig(BaseConfig):
    SESSION_COOKIE_HTTPONLY = False
    REMEMBER_COOKIE_SECURE = False
    WTF_CSRF_ENABLED = False
    RATELIMIT_ENABLED = False


class SignInForm(Form):
    name = StringField("name", [validators.Length(min=2, max=40)])
    password = PasswordField("password", [validators.DataRequired()])


class RegistrationForm(Form):
    name = StringField("name", [validators.Length(min=2, max=40)])
    password = PasswordField("password", [validators.Length(min=12, max=128)])


class StallRegistrationForm(Form):
    name = StringField("name", [validators.Length(min=2)])
    password = PasswordField("password", [validators.Length(min=4)])


csp = {
    "default-src": "'self'",
    "script-src": ["'self'", "'unsafe-inline'"],
    "frame-ancestors": "'none'",
}
strict_csp = {"default-src": "'self'", "object-src": "'none'", "frame-ancestors": "'none'"}

limiter = Limiter(get_remote_address, default_limits=["200 per hour"])
csrf = CSRFProtect()


def create_shop():
    app = Flask("shop")
    app.config.from_object(BaseConfig)
    csrf.init_app(app)
    limiter.init_app(app)
    LoginManager(app)
    Talisman(app, content_security_policy=strict_csp, referrer_policy="same-origin")
    CORS(app, origins=ORIGINS, supports_credentials=True)
    app.add_url_rule("/sign-in", view_func=sign_in, methods=["POST"])
    app.add_url_rule("/prices", view_func=prices)
    app.register_error_handler(404, lambda e: (jsonify(error="not found"), 404))
    return app


def create_stall():
    app = Flask("stall")
    app.config.from_object(MarketStallConfig)
    csrf.init_app(app)
    limiter.init_app(app)
    Talisman(
        app,
        content_security_policy=csp,
        force_https=False,
        strict_transport_security=False,
        frame_options="DENY",
    )
    CORS(app)
    app.after_request(stall_headers)
    return app


def create_press():
    app = Flask("press")
    app.config["MAX_CONTENT_LENGTH"] = 512 * 1024
    app.config["SECRET_KEY"] = "most-und-saft"
    app.config["SESSION_COOKIE_SECURE"] = True
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = None
    Talisman(app, content_security_policy=strict_csp, strict_transport_security_max_age=3600)
    CORS(app, resources={r"/api/*": {"origins": "*"}}, supports_credentials=True)
    app.after_request(echo_origin)
    return app


def stall_headers(response):
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Powered-By"] = "Flask/2.2.5 Python/3.11.7"
    response.headers["X-Season"] = "autumn"
    return response


def echo_origin(response):
    response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "")
    response.headers["Vary"] = "Origin"
    return response


def echo_known_origin(response):
    origin = request.headers.get("Origin")
    if origin in ORIGINS:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Vary"] = "Origin"
    return response


@cross_origin(origins=ORIGINS)
def prices():
    return jsonify(boskoop=2.8, elstar=3.1)


@limiter.limit("5 per minute")
def sign_in():
    form = SignInForm(request.form)
    if not form.validate():
        return jsonify(error="form"), 400
    stored = load_hash(form.name.data)
    if stored is None or not check_password_hash(stored, form.password.data):
        return jsonify(error="name or password"), 401
    session.clear()
    session["basket"] = []
    return jsonify(ok=True)


@csrf.exempt
@limiter.exempt
def sign_in_from_app():
    return sign_in()


def load_hash(name):
    return HASHES.get(name)


HASHES = {}
