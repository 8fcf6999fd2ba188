"""One settings module for laptop and group; docs/run/settings.md lists every variable."""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from contraflow.config.database import database_from_url
from contraflow.config.env import env_flag, env_networks, env_number, env_text
from contraflow.core.keyfiles import write_once

PACKAGE_DIR = Path(__file__).resolve().parents[1]
DATA_DIR = Path(env_text("DATA_DIR", "data")).expanduser().resolve()


def _own_secret(name: str) -> str:
    """Return a secret of this installation, made once and kept in the data folder."""
    path = DATA_DIR / name
    if not path.exists():
        write_once(path, secrets.token_urlsafe(48))
    return path.read_text(encoding="utf-8").strip()


SECRET_KEY = env_text("SECRET_KEY") or _own_secret("secret_key")
# where core.sealing finds the key that wraps all others; never in the database
SEALING_KEY = env_text("SEALING_KEY")
SEALING_KEY_PREVIOUS = env_text("SEALING_KEY_PREVIOUS")
SEALING_KEY_PATH = Path(env_text("SEALING_KEY_PATH") or DATA_DIR / "sealing_key")

DEBUG = env_flag("DEBUG", False)
DEMO = env_flag("DEMO", False)
SITE_URL = env_text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
_HTTPS = SITE_URL.startswith("https://")
# loopback always, so that the machine itself can ask for /healthz
ALLOWED_HOSTS = [
    *filter(None, [urlsplit(SITE_URL).hostname, *env_text("ALLOWED_HOSTS").split(",")]),
    "127.0.0.1", "localhost", "[::1]",
]  # fmt: skip
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    # both in their Simple form with explicit loaders below: the default forms fight silently
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "rules.apps.AutodiscoverRulesConfig",
    "contraflow.config",
    "contraflow.core",
    "contraflow.people",
    "contraflow.programmes",
    "contraflow.training",
    "contraflow.pairs",
    "contraflow.exchange",
    "contraflow.readiness",
    "contraflow.pairing",
    "contraflow.desk",
    "contraflow.home",
    "contraflow.ops",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "contraflow.core.middleware.TextMiddleware",
    "contraflow.core.middleware.TimeZoneMiddleware",
    "contraflow.core.middleware.RefusalMiddleware",
    "contraflow.core.middleware.ReadsMiddleware",
]
ROOT_URLCONF = "contraflow.config.urls"
WSGI_APPLICATION = "contraflow.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "contraflow.core.templatetags.contraflow",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "contraflow.core.pages.page_context",
            ],
        },
    }
]

DATABASES = {
    "default": database_from_url(
        env_text("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'contraflow.sqlite3'}"
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# shared by all processes, so that rate limits do not multiply with the workers
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        # with Django's 300, whoever asks for many links would push out everybody's rate limits
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "people:sign-in"
LOGIN_REDIRECT_URL = "home:today"

SESSION_ENGINE = "contraflow.core.sessions"
SESSION_COOKIE_NAME = "contraflow_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env_flag("BEHIND_PROXY", False) else None
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
FORMAT_MODULE_PATH = "contraflow.config.formats"
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
TIME_ZONE = env_text("TIME_ZONE", "UTC")
USE_TZ = True
# 1,012 wherever a page or a mail shows a number; core.figures for words put together in Python
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
# straight from the package: nothing is collected (docs/decisions/0005-static-files.md)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "contraflow.core.assets.MarkedStaticFiles"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG else 24 * 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"(?!)"  # no address is for ever; asking for each costs a start

EMAIL_BACKEND = env_text("EMAIL_BACKEND") or (
    "django.core.mail.backends.smtp.EmailBackend"
    if env_text("SMTP_HOST")
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_HOST = env_text("SMTP_HOST", "localhost")
EMAIL_PORT = env_number("SMTP_PORT", 25)
EMAIL_HOST_USER = env_text("SMTP_USER")
EMAIL_HOST_PASSWORD = env_text("SMTP_PASSWORD")
EMAIL_USE_TLS = env_flag("SMTP_TLS", False)
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = DATA_DIR / "mail"
# where calendars answer invitations; `contraflow mail-in` reads what comes there
REPLY_ADDRESS = env_text("REPLY_ADDRESS")
DEFAULT_FROM_EMAIL = env_text("MAIL_FROM", "Contraflow <contraflow@localhost>")
# where mail servers send back what cannot arrive; `+code` is put before its @
BOUNCES_TO = env_text("BOUNCES_TO")

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# seconds without a heartbeat after which a job counts as abandoned and is taken up again
JOB_LEASE_SECONDS = env_number("JOB_LEASE_SECONDS", 60)


def _video_link_pattern() -> str:
    """Return the pattern of a session's video link, {code} being its room; empty for no link.

    The environment first, then the answer noted by `contraflow init`, else Jitsi's public server.
    The demonstration leads to a page of its own: nothing of it leaves the machine.
    """
    noted = DATA_DIR / "video_link_pattern"
    if DEMO:
        pattern = f"{SITE_URL}/demo/video/{{code}}/"
    elif noted.exists():
        pattern = noted.read_text(encoding="utf-8").strip()
    else:
        pattern = "https://meet.jit.si/contraflow-{code}"
    return env_text("VIDEO_LINK_PATTERN", pattern)


VIDEO_LINK_PATTERN = _video_link_pattern()
# people's own calendars, read for busy times: over http too, and in which private networks
CALENDAR_HTTP = env_flag("CALENDAR_HTTP", False)
CALENDAR_NETWORKS = env_networks("CALENDAR_NETWORKS")
IMPORT_MAX_MEGABYTES = env_number("IMPORT_MAX_MEGABYTES", 50)
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env_text("LOG_LEVEL", "INFO")},
    "loggers": {"django.request": {"level": "ERROR"}},
}
