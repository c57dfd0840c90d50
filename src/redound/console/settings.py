"""Django's settings, made of ours (`redound.settings`): nothing here is configured by hand."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from redound.console import runtime
from redound.console.databases import databases

_ours = runtime.settings()
_addresses = [urlsplit(url) for url in (_ours.base_url, _ours.tracking_url)]
_secure = _ours.base_url.startswith("https://")

DEBUG = _ours.debug
SECRET_KEY, *SECRET_KEY_FALLBACKS = (
    runtime.vault().session_keys if _ours.secret_key else ("no key: no serving",)
)
ALLOWED_HOSTS = sorted(
    {"127.0.0.1", "localhost", "[::1]", *(address.hostname or "" for address in _addresses)}
)
DATABASES = databases(_ours)
ROOT_URLCONF = "redound.console.urls"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "ninja",
    "redound.console.accounts",
    "redound.console.catalog",
    "redound.console.imports",
    "redound.console.players",
    "redound.console.postbacks",
    "redound.console.trackers",
    "redound.console.bins",
    "redound.console.traffic",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "redound.console.api.gate.ApiGate",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
CSRF_TRUSTED_ORIGINS = [_ours.base_url] if _secure else []

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

LOGGING_CONFIG = None
# Refusals are the askers' affair: the API's line says them; only failures are Django's to log.
logging.getLogger("django.request").setLevel(logging.ERROR)
