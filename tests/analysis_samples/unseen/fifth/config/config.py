"""Flask configuration of the kite club."""
import os
import secrets
from datetime import timedelta


def required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"{name} is not set")
    return value


class Base:
    SECRET_KEY = required("KITE_SECRET_KEY")
    SQLALCHEMY_DATABASE_URI = required("KITE_DATABASE_URL")
    SQLALCHEMY_ENGINE_OPTIONS = {"pool_size": 5, "pool_timeout": 10}
    SESSION_COOKIE_NAME = "kites"
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    REMEMBER_COOKIE_SECURE = True
    REMEMBER_COOKIE_HTTPONLY = True
    REMEMBER_COOKIE_SAMESITE = "Lax"
    PERMANENT_SESSION_LIFETIME = timedelta(hours=2)
    MAX_CONTENT_LENGTH = 4 * 1024 * 1024
    WTF_CSRF_ENABLED = True
    WTF_CSRF_TIME_LIMIT = 3600
    SECURITY_PASSWORD_HASH = "argon2"
    SECURITY_PASSWORD_LENGTH_MIN = 12
    SECURITY_PASSWORD_SALT = required("KITE_PASSWORD_SALT")
    PREFERRED_URL_SCHEME = "https"
    MAIL_SERVER = "mail.kites.example"
    MAIL_PORT = 465
    MAIL_USE_SSL = True
    MAIL_USERNAME = "club"
    MAIL_PASSWORD = os.environ.get("KITE_MAIL_PASSWORD", "")
    CORS_ORIGINS = ["https://kites.example"]
    RATELIMIT_ENABLED = True
    TALISMAN_FORCE_HTTPS = True
    DEBUG = False


class Workshop(Base):
    DEBUG = True
    SESSION_COOKIE_SECURE = False
    REMEMBER_COOKIE_HTTPONLY = False
    WTF_CSRF_ENABLED = False
    SECRET_KEY = "drachenfest-auf-der-wiese-2021"
    CORS_ORIGINS = "*"


class Archive(Base):
    SECURITY_PASSWORD_HASH = "sha512_crypt" if False else "argon2"
    SECURITY_PASSWORD_LENGTH_MIN = 6
    SESSION_COOKIE_SAMESITE = None
    RATELIMIT_ENABLED = False
    MAIL_PASSWORD = "Windstille.Suedhang-39"
    SQLALCHEMY_DATABASE_URI = "sqlite:////srv/kites/archive.db"


class Kiosk(Base):
    SECRET_KEY = secrets.token_hex(32)
    PERMANENT_SESSION_LIFETIME = timedelta(minutes=15)
    PASSWORD_FIELD = "password"
    TOKEN_HEADER = "X-Kite-Token"


CONFIGS = {"base": Base, "workshop": Workshop, "archive": Archive, "kiosk": Kiosk}


def chosen():
    return CONFIGS.get(os.environ.get("KITE_CONFIG", "base"), Base)
