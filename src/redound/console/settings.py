"""Django's settings, made of ours (`redound.settings`): nothing here is configured by hand."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from redound.console import runtime
from redound.console.databases import databases

_ours = runtime.settings()
_secure = _ours.base_url.startswith("https://")

DEBUG = _ours.debug
SECRET_KEY, *SECRET_KEY_FALLBACKS = (
    runtime.vault().session_keys if _ours.secret_key else ("no key: no serving",)
)
# Not the tracking URL's host, unless it is the same: what strangers send should share no origin with pages.
ALLOWED_HOSTS = sorted({"127.0.0.1", "localhost", "[::1]", urlsplit(_ours.base_url).hostname or ""})
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
    # Before Django's and allauth's: of pages and of words that several have, the first one's count.
    "redound.console.signin",
    "redound.console.shell",
    "redound.console.pages",
    "redound.console.affiliate",
    "redound.console.manager",
    "redound.console.statistics",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "lucide",
    "ninja",
    "redound.console.accounts",
    "redound.console.catalog",
    "redound.console.imports",
    "redound.console.jobs",
    "redound.console.players",
    "redound.console.postbacks",
    "redound.console.trackers",
    "redound.console.bins",
    "redound.console.traffic",
    "redound.console.notices",
    "redound.console.live",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "redound.console.signin.headers.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "redound.console.api.gate.ApiGate",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "redound.console.signin.middleware.SessionAges",
    "redound.console.signin.middleware.Preferences",
    "allauth.account.middleware.AccountMiddleware",
    "redound.console.signin.middleware.TwoFactor",
    "redound.console.signin.middleware.Readable",
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
                "redound.console.shell.context.shell",
                "redound.console.notices.context.bell",
            ],
        },
    },
]

AUTHENTICATION_BACKENDS = ["redound.console.signin.backend.ByAddress"]
LOGIN_URL = "/accounts/login/"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_RESET_TIMEOUT = 24 * 3600
ACCOUNT_ADAPTER = "redound.console.signin.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = _ours.smtp is not None
ACCOUNT_FORMS = {"reset_password": "redound.console.signin.forms.AskForReset"}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105 - a class
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/5m/ip,5/5m/key",
    "login_failed_everywhere": "100/h/key",
    "reset_password": "20/h/ip,3/h/key",
    "invitation": "30/m/ip",
}
MFA_FORMS = {
    "authenticate": "redound.console.signin.forms.SignInCode",
    "reauthenticate": "redound.console.signin.forms.SudoCode",
}
MFA_ADAPTER = "redound.console.signin.adapters.SecondFactors"
MFA_TOTP_ISSUER = "Redound"
MFA_TOTP_TOLERANCE = 1
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
CACHES = {"default": {"BACKEND": "redound.console.accounts.kept.KeptCache"}}
CSRF_FAILURE_VIEW = "redound.console.shell.errors.csrf_failed"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

STATIC_URL = "/static/"
STATIC_ROOT = _ours.data_dir / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "redound.console.shell.assets.Assets"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

SESSION_SERIALIZER = "redound.console.signin.seals.SealedSerializer"
SESSION_COOKIE_AGE = int(_ours.session_lifetime_seconds)
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = (
    # Browsers take a cookie of this prefix from this host alone, over TLS, for all paths.
    f"__Host-{name}" if _secure else f"redound_{name}"
    for name in ("session", "csrf", "language")
)
LANGUAGE_COOKIE_SECURE = _secure
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _secure else 0
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
CSRF_TRUSTED_ORIGINS = [_ours.base_url] if _secure else []

DEFAULT_FROM_EMAIL = SERVER_EMAIL = _ours.mail_from
EMAIL_TIMEOUT = 20
if _ours.smtp is None:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
else:
    EMAIL_HOST, EMAIL_PORT = _ours.smtp.host, _ours.smtp.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _ours.smtp.user, _ours.smtp.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = _ours.smtp.tls, _ours.smtp.starttls

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
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
