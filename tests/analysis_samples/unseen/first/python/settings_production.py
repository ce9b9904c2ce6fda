"""Production settings of the volunteer roster."""
import os
from datetime import timedelta
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def required(name):
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"{name} is not set")
    return value


def flag(name, default="0"):
    return os.environ.get(name, default).lower() in {"1", "true", "yes"}


SECRET_KEY = required("ROSTER_SECRET_KEY")
SECRET_KEY_FALLBACKS = [k for k in os.environ.get("ROSTER_OLD_KEYS", "").split(",") if k]

DEBUG = False
ALLOWED_HOSTS = os.environ.get("ROSTER_HOSTS", "roster.redcross-hall.example").split(",")

INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "roster"]

# DEBUG = True was used while the import was written
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]

ROOT_URLCONF = "roster.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "jinja"],
        "OPTIONS": {"autoescape": True},
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "roster",
        "USER": "roster",
        "PASSWORD": required("ROSTER_DB_PASSWORD"),
        "HOST": "db.redcross-hall.example",
        "OPTIONS": {"sslmode": "verify-full", "connect_timeout": 4},
    }
}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": required("ROSTER_CACHE_URL"),
    }
}

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]

VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": VALIDATION + ".UserAttributeSimilarityValidator"},
    {"NAME": VALIDATION + ".MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": VALIDATION + ".CommonPasswordValidator"},
]

SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = int(timedelta(hours=8).total_seconds())
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
LANGUAGE_COOKIE_SECURE = True
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

ONE_YEAR = 365 * 24 * 3600
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 2 * ONE_YEAR
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "SAMEORIGIN"

CSP_DEFAULT_SRC = ("'none'",)
CSP_SCRIPT_SRC = ("'self'",)
CSP_STYLE_SRC = ("'self'",)
CSP_FRAME_ANCESTORS = ("'self'",)

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_PERMISSIONS = 0o640

EMAIL_HOST = "mail.redcross-hall.example"
EMAIL_PORT = 465
EMAIL_USE_SSL = True
EMAIL_TIMEOUT = 20
EMAIL_HOST_PASSWORD = required("ROSTER_MAIL_PASSWORD")

LOGGING = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "DEBUG" if flag("ROSTER_VERBOSE") else "INFO"},
}
