"""Every setting, by section; each knob has its unit and its reason. The same names stand in `.env.example`."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _
from environs import validate

from vibesite.env import EnvError, database, email, env

POSITIVE, NOT_NEGATIVE = validate.Range(min=1), validate.Range(min=0)
WEB_ADDRESS = validate.Regexp(r"$|https?://", error="Give http://… or https://…")

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", "") or BASE_DIR / "var")  # everything this host writes: database, mail, columns
VAR_DIR.mkdir(parents=True, exist_ok=True)

# --- Core -----------------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", env.str("ENVIRONMENT", "development") != "production")
SECRET_KEY = env.str("SECRET_KEY", "") or ("embedded-only-not-a-secret" if DEBUG else "")
if not SECRET_KEY:
    raise EnvError('Environment variable "SECRET_KEY" not set: production (DEBUG=off) needs one, 50 random characters.')
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"] if DEBUG else [])
ALLOWED_ORIGINS: list[str] = env.list("ALLOWED_ORIGINS", [])  # browsers of these origins may call /api/
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")  # how mails address this server
ROOT_URLCONF = "vibesite.urls"
WSGI_APPLICATION = "vibesite.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "vibesite",
    "accounts",
    "ingest",
    "playlists",
    "insights",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "accounts.spotify",  # our own provider, id "spotify", in place of allauth's
    "django_celery_beat",
    "django_htmx",
    "template_partials",
]
MIDDLEWARE = [
    "vibesite.middleware.one_stack",
    "django.middleware.security.SecurityMiddleware",
    "vibesite.middleware.content_security_policy",
    "vibesite.middleware.api_answers",
    "vibesite.middleware.probes",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "vibesite.middleware.utf8_alone",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "vibesite.middleware.personal_clock",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "vibesite.middleware.htmx_manners",
    "vibesite.middleware.same_page_after_sign_in",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vibesite.context.shell",
            ],
            "builtins": [
                *(f"vibesite.templatetags.{name}" for name in ("ui", "music", "numbers", "jobs")),
                *(f"vibesite.templatetags.{name}" for name in ("charts", "chart_strips")),
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
FORMAT_MODULE_PATH = ["vibesite.formats"]  # 21 November 2026, 08:15, in English too
LOCALE_PATHS = [BASE_DIR / "vibesite" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # stored; each page speaks in the person's zone

# --- Database, cache, locks -----------------------------------------------------------------------------------------
DATABASES = {"default": database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'vibesite.sqlite3'}")}
ON_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
REDIS_URL = env.str("REDIS_URL", "", validate=validate.Regexp(r"$|(rediss?|amqps?)://"))
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL.startswith(("redis://", "rediss://"))
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
COLUMNS_DIR = VAR_DIR / "columns"  # derived from plays, rebuilt by any host; never needs a backup

# --- People ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_SESSION_REMEMBER = True  # for two weeks; nobody is asked
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # or anybody could have this server write to strangers
ACCOUNT_EMAIL_VERIFICATION = "none"  # Spotify gives no e-mail address any more
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_STORE_TOKENS = False  # allauth would keep them in plain text; SpotifyConnection encrypts
SOCIALACCOUNT_AUTO_SIGNUP = True
SIGN_UP = env.str("SIGN_UP", "open", validate=validate.OneOf(["open", "invitation", "closed"]))


# --- Spotify --------------------------------------------------------------------------------------------------------
SPOTIFY_SANDBOX = env.bool("SPOTIFY_SANDBOX", DEBUG and not env.str("SPOTIFY_CLIENT_ID", ""))
SANDBOX_URL = f"http://127.0.0.1:{env.int('SANDBOX_PORT', 8090, validate=validate.Range(1, 65535))}"


def _outside(name: str, real: str, sandbox_path: str) -> str:
    """The address of an outside service: the environment's word, else the sandbox's, else the real one."""
    return env.str(name, "", validate=WEB_ADDRESS) or (SANDBOX_URL + sandbox_path if SPOTIFY_SANDBOX else real)


SPOTIFY_API_URL = _outside("SPOTIFY_API_URL", "https://api.spotify.com/v1", "/v1").rstrip("/")
SPOTIFY_ACCOUNTS_URL = _outside("SPOTIFY_ACCOUNTS_URL", "https://accounts.spotify.com", "").rstrip("/")
SPOTIFY_CLIENT_ID = env.str("SPOTIFY_CLIENT_ID", "") or ("sandbox-app" if SPOTIFY_SANDBOX else "")
SPOTIFY_CLIENT_SECRET = env.str("SPOTIFY_CLIENT_SECRET", "") or ("sandbox-secret" if SPOTIFY_SANDBOX else "")
SPOTIFY_REDIRECT_URI = env.str("SPOTIFY_REDIRECT_URI", "")  # empty: built from the request's own host
SPOTIFY_DEFAULT_MARKET = env.str("SPOTIFY_DEFAULT_MARKET", "")
# Comma-separated Fernet keys, newest first: the first encrypts, all decrypt, so keys can be rotated.
SPOTIFY_TOKEN_KEY = env.str("SPOTIFY_TOKEN_KEY", "") or (
    "dmliZXNpdGUtZW1iZWRkZWQtZGVtby1rZXktMzJiISE=" if DEBUG else ""
)
SPOTIFY_DAILY_CALLS = env.int(
    "SPOTIFY_DAILY_CALLS", 500, validate=NOT_NEGATIVE
)  # calls in a rolling 24 h; third parties met walls at 500-2500
SPOTIFY_INTERACTIVE_RESERVE = env.int(
    "SPOTIFY_INTERACTIVE_RESERVE", 100, validate=NOT_NEGATIVE
)  # of these, kept for sign-in and playlist writes
SPOTIFY_TIMEOUT = timedelta(seconds=env.int("SPOTIFY_TIMEOUT_S", 10, validate=POSITIVE))  # one call, connect and read
SPOTIFY_SCOPES = [
    "user-read-recently-played",
    "user-read-currently-playing",
    "user-read-playback-state",
    "user-top-read",
    "user-library-read",
    "playlist-read-private",
    "playlist-read-collaborative",
    "playlist-modify-private",
    "playlist-modify-public",
]
CONSENT_LIFETIME = timedelta(days=180)  # refresh tokens die six months after consent; refreshing does not extend it

# --- Friends: other outside services --------------------------------------------------------------------------------
RECCOBEATS_URL = _outside("RECCOBEATS_URL", "https://api.reccobeats.com/v1", "/reccobeats/v1").rstrip("/")
LASTFM_URL = _outside("LASTFM_URL", "https://ws.audioscrobbler.com/2.0/", "/lastfm/2.0/")
LASTFM_API_KEY = env.str("LASTFM_API_KEY", "") or ("sandbox-key" if SPOTIFY_SANDBOX else "")
MUSICBRAINZ_URL = _outside("MUSICBRAINZ_URL", "https://musicbrainz.org/ws/2", "/musicbrainz/ws/2").rstrip("/")
LISTENBRAINZ_URL = _outside("LISTENBRAINZ_URL", "https://api.listenbrainz.org", "/listenbrainz").rstrip("/")
LISTENBRAINZ_TOKEN = env.str("LISTENBRAINZ_TOKEN", "")
LRCLIB_URL = _outside("LRCLIB_URL", "https://lrclib.net/api", "/lrclib/api").rstrip("/")
# Of reccobeats, lastfm, musicbrainz, listenbrainz, lrclib, estimate: those not to be asked. The desk may say otherwise.
PROVIDERS_OFF: list[str] = env.list("PROVIDERS_OFF", [])
GENIUS_URL = _outside("GENIUS_URL", "https://api.genius.com", "/genius").rstrip("/")
GENIUS_TOKEN = env.str("GENIUS_TOKEN", "")
OPENAI_API_KEY = env.str("OPENAI_API_KEY", "")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", "")
OPENAI_MODEL = env.str("OPENAI_MODEL", "")
TELEGRAM_URL = _outside("TELEGRAM_URL", "https://api.telegram.org", "/telegram").rstrip("/")
TELEGRAM_BOT_TOKEN = env.str("TELEGRAM_BOT_TOKEN", "")
INTERNAL_JOB_TOKEN = env.str("INTERNAL_JOB_TOKEN", "")

# --- Listening ------------------------------------------------------------------------------------------------------
SKIP_BELOW = timedelta(
    seconds=env.int("SKIP_BELOW_S", 30, validate=NOT_NEGATIVE)
)  # a shorter play is a skip, unless it ended the track
LISTENING_GAP = timedelta(
    minutes=env.int("LISTENING_GAP_MIN", 30, validate=POSITIVE)
)  # a longer pause starts a new listening session
POLL_FASTEST = timedelta(seconds=env.int("POLL_FASTEST_S", 60, validate=POSITIVE))
POLL_SLOWEST = timedelta(hours=env.int("POLL_SLOWEST_H", 6, validate=POSITIVE))
PLAYLIST_VISIBILITY = env.str("PLAYLIST_VISIBILITY", "private", validate=validate.OneOf(["private", "public"]))
DEFAULT_PLAYLIST_SIZE = env.int("DEFAULT_PLAYLIST_SIZE", 30, validate=POSITIVE)
MIN_NEW_RATIO = env.float("MIN_NEW_RATIO", 0.6, validate=validate.Range(0, 1))
RECENT_DAYS_WINDOW = env.int("RECENT_DAYS_WINDOW", 30, validate=POSITIVE)  # days

# --- Imports --------------------------------------------------------------------------------------------------------
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_MB", 400, validate=POSITIVE) * 1024 * 1024  # one upload, all its files together
IMPORT_MAX_MEMBERS = 500  # entries of one archive; a whole life of history has about 100
IMPORT_MAX_MEMBER_BYTES = 500 * 1024 * 1024  # one file, inflated; Spotify's have 12 MB
IMPORT_MAX_TOTAL_BYTES = 4 * 1024**3  # one archive, inflated
IMPORT_MAX_RATIO = 250  # inflated bytes for each packed one, of large files; Spotify's have 12
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000  # the sources page has a switch for each, and 5,000 are bearable
DATA_UPLOAD_MAX_NUMBER_FILES = 1000  # a whole life as loose files has about 100
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "uploading"  # beside MEDIA_ROOT: an upload is then moved there, not copied
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)
MEDIA_ROOT = VAR_DIR / "media"  # uploads until they are read; never served

# --- Jobs -----------------------------------------------------------------------------------------------------------
BROKER_FILE = VAR_DIR / "broker.sqlite3"
CELERY_BROKER_URL = env.str("BROKER_URL", "") or REDIS_URL or f"vibesqlite://{quote(str(BROKER_FILE.resolve()))}"
BROKER_EMBEDDED = CELERY_BROKER_URL.startswith("vibesqlite:")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Redis hands a message out again when it was not acknowledged for so long. Longer tasks are jobs: their row says that
# they are still running, so a second delivery does nothing.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 600, "socket_timeout": 30, "socket_connect_timeout": 5, "retry_on_timeout": True}
    if CELERY_BROKER_URL.startswith(("redis:", "rediss:"))
    else {}
)
CELERY_WORKER_ENABLE_REMOTE_CONTROL = not BROKER_EMBEDDED  # needs fan-out, which one file does not offer
CELERY_IMPORTS: list[str] = env.list("CELERY_IMPORTS", [])  # modules with tasks of your own, beside the apps
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_LOST_WAIT = 2.0  # s to wait for a last word of a pool process that died
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 30.0  # s for a pool process to start; on a busy machine 4 s may be too few
CELERY_TASK_IGNORE_RESULT = True  # what a person can watch is a Job; nothing reads Celery's own results
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "live"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
METRICS_TOKEN = env.str("METRICS_TOKEN", "")  # empty: /metrics answers this host only
JOB_HEARTBEAT = timedelta(seconds=10)  # a running job says it is alive this often
JOB_LOST_AFTER = timedelta(seconds=60)  # and is taken up again when it has not for this long

# --- Mail -----------------------------------------------------------------------------------------------------------
globals().update(email("EMAIL_URL", f"file://{VAR_DIR / 'mail'}"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Vibesite <vibesite@localhost>")

# --- Static files ---------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# --- Security -------------------------------------------------------------------------------------------------------
HTTPS = env.bool("HTTPS", not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
X_FRAME_OPTIONS = "DENY"
DEFAULT_EXCEPTION_REPORTER_FILTER = "accounts.reporting.ReporterFilter"  # no token in a debug page or error mail
CSRF_FAILURE_VIEW = "vibesite.shell.csrf_failure"

# --- Logging --------------------------------------------------------------------------------------------------------
# A line for every task every few seconds would hide the one that matters; jobs log their own beginning and end.
QUIET_UNLESS_WRONG = ("celery.worker.strategy", "celery.app.trace", "celery.beat", "celery.worker.consumer")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    # These log bearer tokens, or the address with its query, when they are chatty.
    "loggers": {
        name: {"level": "WARNING"}
        for name in ("spotipy", "urllib3", "requests", "httpx", "httpx2", "httpcore2", *QUIET_UNLESS_WRONG)
    },
}
