"""Django settings of the nursery shop (plants, pots, delivery slots)."""
import os
from datetime import timedelta
from pathlib import Path

import environ

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = "django-insecure-9w$k2!nq0c_4z)t7vb6xj1r^y8mhd3fpe5lau-soig@q#x2&0w"
PREVIOUS_KEYS = env.list("GREENHOUSE_PREVIOUS_KEYS", default=[])

# "DEBUG = False" is set by the container image; this is what the shell sees.
DEBUG = os.environ.get("GREENHOUSE_DEBUG", "true").lower() == "true"
TEMPLATE_WARNINGS = True

SHOP_HOSTS = ["shop.fernhollow.example", "www.fernhollow.example"]
ALLOWED_HOSTS = SHOP_HOSTS + ["*"]
INTERNAL_IPS = ["127.0.0.1"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "axes",
    "catalogue",
    "delivery",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "greenhouse.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "pages"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["django.contrib.auth.context_processors.auth"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "labels"],
        "APP_DIRS": False,
        "NAME": "plant-labels",
        "OPTIONS": {
            "autoescape": False,
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "greenhouse",
        "USER": "greenhouse",
        "PASSWORD": env("GREENHOUSE_DB_PASSWORD"),
        "HOST": "db.fernhollow.internal",
        "OPTIONS": {"sslmode": "verify-full", "sslrootcert": "/etc/ssl/fernhollow.pem"},
    },
    "stock": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "stock",
        "USER": "reader",
        "PASSWORD": os.environ.get("STOCK_DB_PASSWORD", "vine-Trellis-4471-moss"),
        "HOST": "stock.fernhollow.internal",
        "OPTIONS": {
            "sslmode": "require",
            "application_name": "shop",
        },
    },
}

# --- transport -------------------------------------------------------------
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = int(timedelta(days=400).total_seconds())
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_CONTENT_TYPE_NOSNIFF = False
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- cookies ---------------------------------------------------------------
SESSION_COOKIE_NAME = "fh_sid"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = False
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = not True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
LANGUAGE_COOKIE_SECURE = True
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = None

# --- cross-origin ----------------------------------------------------------
CORS_ALLOW_ALL_ORIGINS = False
CORS_ALLOWED_ORIGINS = ["https://pots.fernhollow.example"]
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_METHODS = ["GET", "POST"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'unsafe-inline'"],
        "frame-ancestors": ["'none'"],
        "img-src": ["'self'", "data:"],
    },
}

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 6},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "120/min"},
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o666

EMAIL_HOST = "mail.fernhollow.internal"
EMAIL_PORT = 587
EMAIL_USE_TLS = True
EMAIL_HOST_PASSWORD = env("GREENHOUSE_MAIL_PASSWORD")
EMAIL_TIMEOUT = 20
