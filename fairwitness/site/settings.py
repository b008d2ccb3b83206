"""Settings, all from the environment; every default is right for `make run` and for nothing else."""

import contextlib
import os
import secrets
import tomllib
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from fairwitness.kernel.child_answers import WALLS
from fairwitness.site import embedded

ROOT = Path(__file__).resolve().parents[2]
FAIRWITNESS_HOME = embedded.home()
FAIRWITNESS_AGENCY = os.environ.get("FAIRWITNESS_AGENCY", "cambridge_ma")
FAIRWITNESS_DEMO = os.environ.get("FAIRWITNESS_DEMO") == "1"
# How often the public log is published, in seconds: an hour, so that nobody can watch an investigation by its rhythm.
FAIRWITNESS_PUBLISH_EVERY = int(
    os.environ.get("FAIRWITNESS_PUBLISH_EVERY", "10" if FAIRWITNESS_DEMO else "3600")
)
# Nothing is taken in while the store of recordings is read only (moving it, restoring it).
FAIRWITNESS_STORE_READ_ONLY = os.environ.get("FAIRWITNESS_STORE_READ_ONLY") == "1"
# A dock that says nothing for so many minutes, or whose clock is off by more than so many seconds, is an alarm.
FAIRWITNESS_DOCK_SILENT = int(os.environ.get("FAIRWITNESS_DOCK_SILENT", "30"))
FAIRWITNESS_DOCK_CLOCK_OFF = int(os.environ.get("FAIRWITNESS_DOCK_CLOCK_OFF", "120"))
# What was seen on a camera for so many hours and is not sealed yet counts as recorded but never uploaded.
FAIRWITNESS_HELD_TOO_LONG = int(os.environ.get("FAIRWITNESS_HELD_TOO_LONG", "12"))
# The stores of recordings: name=folder or name=s3://bucket?endpoint=…, separated by spaces; none: <home>/blobs alone.
FAIRWITNESS_STORES = os.environ.get("FAIRWITNESS_STORES", "")
# In how many of them bytes must be confirmed before a recording is sealed.
FAIRWITNESS_COPIES = int(os.environ.get("FAIRWITNESS_COPIES", "1"))
# What is stored from now on is encrypted; the keys are wrapped by a master key in this folder, which is no store.
FAIRWITNESS_ENCRYPT = os.environ.get("FAIRWITNESS_ENCRYPT") == "1"
# None: <home>/keys/master.
FAIRWITNESS_MASTER_KEYS = os.environ.get("FAIRWITNESS_MASTER_KEYS", "")
# For how many days backups of the stores are kept: certificates of disposal say so. 0: nobody said.
FAIRWITNESS_BACKUPS_KEPT_DAYS = int(os.environ.get("FAIRWITNESS_BACKUPS_KEPT_DAYS", "0"))
# What was sent to a store over the network is read back whole before it counts as a copy.
FAIRWITNESS_READ_BACK = os.environ.get("FAIRWITNESS_READ_BACK", "1") == "1"
# Bytes a second, for each store, with which kept bytes are read again to see that they are what they were.
FAIRWITNESS_CHECK_RATE = int(os.environ.get("FAIRWITNESS_CHECK_RATE", str(50 * 2**20)))
# So many bytes of the disk stay free: below that, uploads wait and an alarm is raised. Unset: 5 %, at most 5 GiB.
FAIRWITNESS_KEEP_FREE = int(free) if (free := os.environ.get("FAIRWITNESS_KEEP_FREE")) else None
# Who sends nothing for so many seconds lets go of the upload: what came is kept, and another may go on with it.
FAIRWITNESS_UPLOAD_HUNG = int(os.environ.get("FAIRWITNESS_UPLOAD_HUNG", "30"))
# Walls around the reading of media that this machine cannot give and the operator does without, comma separated.
# The demo, which reads only what it drew itself, does without whichever are missing.
FAIRWITNESS_ACCEPT_MISSING_WALLS = frozenset(
    filter(None, os.environ.get("FAIRWITNESS_ACCEPT_MISSING_WALLS", "").split(","))
) | (WALLS if FAIRWITNESS_DEMO else frozenset())
# Witnesses that are asked to cosign: "url" per entry, separated by spaces; their keys lie in keys/witnesses.
FAIRWITNESS_WITNESSES = os.environ.get("FAIRWITNESS_WITNESSES", "").split()
# Whether a second factor and a password of one's own are `required` or `optional`.
FAIRWITNESS_SECOND_FACTOR = os.environ.get(
    "FAIRWITNESS_SECOND_FACTOR", "optional" if FAIRWITNESS_DEMO else "required"
)
# After how many seconds without doing anything the screen is locked: 30 minutes, and never more (CJIS AC-11).
FAIRWITNESS_LOCK_AFTER = min(1800, int(os.environ.get("FAIRWITNESS_LOCK_AFTER", "1800")))
# A file of banned passwords, one a line, beside the common ones that are refused anyway (CJIS IA-5).
FAIRWITNESS_BANNED_PASSWORDS = os.environ.get("FAIRWITNESS_BANNED_PASSWORDS", "")
# For how many days a token of a device or program is good, and for how many at most.
FAIRWITNESS_TOKEN_DAYS = int(os.environ.get("FAIRWITNESS_TOKEN_DAYS", "90"))
FAIRWITNESS_TOKEN_MOST_DAYS = int(os.environ.get("FAIRWITNESS_TOKEN_MOST_DAYS", "366"))
# Where people reach the site: stands in mails.
PORT = int(os.environ.get("PORT", "8000"))
FAIRWITNESS_ADDRESS = os.environ.get("FAIRWITNESS_ADDRESS", f"http://localhost:{PORT}/")
# Where packages for court lie until they are taken, and for how many days. None: <home>/packages.
FAIRWITNESS_PACKAGES = os.environ.get("FAIRWITNESS_PACKAGES", "")
FAIRWITNESS_PACKAGE_DAYS = int(os.environ.get("FAIRWITNESS_PACKAGE_DAYS", "30"))
# Below so many bytes free on the disk of the home, an alarm is raised.
FAIRWITNESS_DISK_LOW = int(float(os.environ.get("FAIRWITNESS_DISK_LOW_GIB", "5")) * 2**30)
# So many failed sign-ins within a quarter of an hour, of whomever, raise an alarm.
FAIRWITNESS_FAILED_SIGN_INS = int(os.environ.get("FAIRWITNESS_FAILED_SIGN_INS", "30"))


def _oidc() -> dict[str, str]:
    """The agency's own sign-in, from the TOML file that FAIRWITNESS_OIDC names; empty where there is none.

    `server`, `client_id` and `secret_file`; `name` for the button; `claim` is what the provider says of somebody and
    never gives to another (`sub` unless said otherwise), `names` what it names here: `badge` or `username`.
    """
    path = os.environ.get("FAIRWITNESS_OIDC")
    if not path:
        return {}
    said = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    said["secret"] = Path(said.pop("secret_file")).read_text(encoding="utf-8").strip()
    names = {"badge": "badge", "username": "user__username"}[said.get("names", "badge")]
    return {"name": "the agency's sign-in", "claim": "sub", **said, "names": names}


FAIRWITNESS_OIDC = _oidc()


def _secret_key() -> str:
    """The key of sessions: from a file of its own, made at first start, readable by this user alone."""
    path = Path(os.environ.get("FAIRWITNESS_SECRET_KEY_FILE", FAIRWITNESS_HOME / "keys" / "session.key"))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Whole or absent, whoever else starts at the same moment.
        part = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(part)
        part.unlink()
    return path.read_text(encoding="utf-8")


def _kept_in(path: str) -> str:
    """The secret that a file holds; empty where no file is named."""
    return Path(path).read_text(encoding="utf-8").strip() if path else ""


def _database(url: str, **more: Any) -> dict[str, Any]:
    """A Django database from a PostgreSQL address or conninfo string."""
    parts = conninfo_to_dict(url)
    # Evidence lies on disks that seek quickly; compiling a plan takes longer than a page may.
    parts["options"] = f"{parts.get('options', '')} -c random_page_cost=1.1 -c jit=off".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", "") or "",
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "") or ""),
        "OPTIONS": parts,
        **more,
    }


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("FAIRWITNESS_HOSTS", "localhost 127.0.0.1 [::1] testserver").split()
CSRF_TRUSTED_ORIGINS = os.environ.get("FAIRWITNESS_ORIGINS", "").split()

DATABASES = {
    # The service: reads, and writes through acts. Insert-only on the ledger.
    "default": _database(os.environ.get("DATABASE_URL", "dbname=fairwitness")),
    # The owner: migrates and sets the locks; used by `fairwitness prepare` alone.
    "owner": _database(os.environ.get("DATABASE_OWNER_URL", "dbname=fairwitness")),
}
if os.environ.get("FAIRWITNESS_POOL") == "1":
    # The site has many threads, most of them waiting for a slow reader; few hold a place in the database at a time.
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 24, "timeout": 20}
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DATABASE_ROUTERS = ["fairwitness.site.routers.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "procrastinate.contrib.django",
    "fairwitness.kernel",
    "fairwitness.publiclog",
    "fairwitness.department",
    "fairwitness.accounts",
    "fairwitness.policy",
    "fairwitness.storage",
    "fairwitness.incidents",
    "fairwitness.evidence",
    "fairwitness.cases",
    "fairwitness.uploads",
    "fairwitness.moving",
    "fairwitness.sharing",
    # Before allauth, so that our templates are found first.
    "fairwitness.site",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
]

MIDDLEWARE = [
    "fairwitness.site.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "fairwitness.site.middleware.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "fairwitness.site.middleware.ActorMiddleware",
    "fairwitness.site.guard.GuardMiddleware",
    "fairwitness.site.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "fairwitness.site.urls"
WSGI_APPLICATION = "fairwitness.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fairwitness.site.context.everywhere",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "fairwitness.site.templatetags.show",
            ],
        },
    }
]

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    # CJIS IA-5(1): at least 8; ours is longer, and known-bad passwords are refused.
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "fairwitness.site.banned.BannedPasswordValidator"},
]
ACCOUNT_ADAPTER = "fairwitness.site.signin.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_FORMS = {"change_password": "fairwitness.site.signin.ChangePasswordForm"}
# For one name, whether there is one or not, and for one person's codes. The lock after five failures (CJIS AC-7) and
# the bound for one address are ours (accounts/doors/sign_ins.py): a right code takes the library's count back.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/15m/key"}
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
# How many proxies of our own stand before the site and write down who asked.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("FAIRWITNESS_PROXIES", "0"))
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Browsers take localhost for a secure place; the library asks to be told so.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = FAIRWITNESS_DEMO
MFA_TOTP_ISSUER = "Fairwitness"
SOCIALACCOUNT_ADAPTER = "fairwitness.site.signin.AgencySignIn"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "agency",
                    "name": FAIRWITNESS_OIDC["name"],
                    "client_id": FAIRWITNESS_OIDC["client_id"],
                    "secret": FAIRWITNESS_OIDC["secret"],
                    "settings": {"server_url": FAIRWITNESS_OIDC["server"]},
                }
            ],
        }
    }
    if FAIRWITNESS_OIDC
    else {}
)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Twice the twelve hours after which one shows again that it is they (CJIS IA-11): what is typed outlasts a shift.
SESSION_COOKIE_AGE = 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("FAIRWITNESS_HTTPS") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
CSRF_FAILURE_VIEW = "fairwitness.site.middleware.csrf_refused"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", "English"), ("en-gb", "English (United Kingdom)")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "build" / "static"]
STATIC_ROOT = ROOT / "build" / "collected"
# Tests read them where they lie; the product serves what `make` collected, compressed and named by content.
_collected = os.environ.get("FAIRWITNESS_TEST") != "1"
WHITENOISE_USE_FINDERS = not _collected
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Files that people hand in through a form (rosters) stay small; recordings come by `ingest`.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

# Mail goes out where a server is named. The demo lays its mails into a folder of its home, for everyone to read.
EMAIL_HOST = os.environ.get("FAIRWITNESS_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("FAIRWITNESS_SMTP_PORT", "587"))
_tls = os.environ.get("FAIRWITNESS_SMTP_TLS", "starttls")
EMAIL_USE_TLS, EMAIL_USE_SSL = _tls == "starttls", _tls == "tls"
EMAIL_HOST_USER = os.environ.get("FAIRWITNESS_SMTP_USER", "")
EMAIL_HOST_PASSWORD = _kept_in(os.environ.get("FAIRWITNESS_SMTP_PASSWORD_FILE", ""))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("FAIRWITNESS_MAIL_FROM", "Fairwitness <fairwitness@localhost>")
EMAIL_FILE_PATH = str(FAIRWITNESS_HOME / "mail")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
FAIRWITNESS_MAIL = bool(EMAIL_HOST) or FAIRWITNESS_DEMO

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = ["fairwitness.site.jobs"]

# JSON lines for a collector, or text for a person; a line a request, but for the demo. What may be in them: site/logs.py.
FAIRWITNESS_LOG = os.environ.get("FAIRWITNESS_LOG", "text" if FAIRWITNESS_DEMO else "json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "fairwitness.site.logs.JsonLines"},
        "text": {"()": "fairwitness.site.logs.Text"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": FAIRWITNESS_LOG}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "fairwitness": {"level": "INFO"},
        "fairwitness.requests": {"level": "WARNING" if FAIRWITNESS_DEMO else "INFO"},
        # Without the handlers that Django gives it: one mails errors with all that was in them.
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
    },
}
