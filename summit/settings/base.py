"""Settings shared by every installation. The environment is read here and nowhere else."""

import os
from pathlib import Path
from zoneinfo import available_timezones

from django.utils.csp import CSP

from summit import elsewhere

from .environment import Environment, is_sender, refuse

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = Environment()

# Before numpy is loaded: the products of the sorting desk are small, and helper threads that wait for the next one keep
# a processor busy for longer than they save. An installation may say otherwise.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Everything that an installation writes: database, media, mail kept for reading, collected static files.
VAR_DIR = Path(env.str("SUMMIT_VAR_DIR", default=str(BASE_DIR / "var")))
try:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    refuse(f"SUMMIT_VAR_DIR is {str(VAR_DIR)!r}, which cannot be made ({error.strerror}).")

SITE_NAME = env.str("SUMMIT_SITE_NAME", default="Summit")
BASE_URL = env.str("SUMMIT_BASE_URL", default="http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "summit.apps.SummitConfig",
    "home",
    "archives",
    "wordpress",
    "news",
    "briefings",
    "gathering",
    "live",
    "propositions",
    "discussion",
    "events",
    "people",
    "content",
    "realtime",
    "discussion.apps.CommentsXtdConfig",
    "django_comments",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.sitemaps",
    "wagtail.contrib.table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_tasks_db",
    "django_htmx",
    "channels",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "summit.middleware.HeadersMiddleware",
    "summit.middleware.NoNulMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "content.readers.ReaderCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "summit.middleware.SameOriginCsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "people.middleware.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "discussion.mentions.middleware.GoneMiddleware",
    "wordpress.middleware.OldAddressMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "briefings.middleware.BriefingNotReadyMiddleware",
]

ROOT_URLCONF = "summit.urls"
ASGI_APPLICATION = "summit.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "content.context_processors.site",
            ],
            "builtins": ["content.templatetags.slots"],
        },
    }
]

# Database. SQLite needs WAL and immediate transactions: deferred ones fail under concurrent writers.
DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'summit.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    INSTALLED_APPS.append("django.contrib.postgres")
# Where pg_dump and its kin are, if not on the path: they may not be older than the server.
POSTGRES_PROGRAMS = env.str("SUMMIT_POSTGRES_PROGRAMS")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Cache and channel layer: in memory for one process, Redis for several.
REDIS_URL = env.redis("REDIS_URL")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "summit.cache.RedisCache",
            "LOCATION": REDIS_URL,
        },
        "readers": {
            "BACKEND": "summit.cache.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "readers",
        },
    }
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {
                "hosts": [
                    {
                        "address": REDIS_URL,
                        "socket_timeout": None,
                        "max_connections": 1000,
                    }
                ]
            },
        }
    }
else:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        # Apart, so that asking for a thousand addresses pushes out no counter of the other.
        "readers": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "readers"},
    }
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# For how long readers without cookies are given the same answer. 0: always a new one.
READER_CACHE_SECONDS = env.int("SUMMIT_READER_CACHE_SECONDS", default=10, most=3600)

# How many requests one process answers at once; each has a database connection of its own.
REQUESTS_AT_ONCE = env.int("SUMMIT_REQUESTS_AT_ONCE", default=6, least=1, most=500)

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Mail
DEFAULT_FROM_EMAIL = env.checked(
    "SUMMIT_FROM_EMAIL",
    is_sender,
    'an address like "Summit <summit@example.org>"',
    default="Summit <summit@localhost>",
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Internationalisation
LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.checked(
    "SUMMIT_TIME_ZONE", available_timezones().__contains__, "a zone like Europe/London", default="Europe/London"
)
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "j F Y"
TIME_FORMAT = "H.i"

# Static and media files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A web server in front serves media in production; a demo does so itself.
SERVE_MEDIA = False
# Whether /mail/ shows what was sent. Only where mail is kept as files.
SHOW_MAIL = False
# Whether /gallery/ shows every component of the pages. For those who work on them.
SHOWS_GALLERY = False
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# People and accounts: sign-in by a code sent by e-mail, or by passkey. No passwords.
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "people.backends.PasswordBackend",
    "people.backends.CodeBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "mine"
STAFF_NEED_SECOND_FACTOR = env.bool("SUMMIT_STAFF_NEED_SECOND_FACTOR", default=False)
ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
# Mail may take its time, above all the first from an unknown sender. Three tries a code are few enough.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
# A venue shares one address: what one person may try is limited by their own e-mail address, a room only roughly.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    # Letters to one address: few enough for a mailbox, enough that nobody is kept from signing in.
    "request_login_code": "300/m/ip,3/m/key,10/h/key",
    "confirm_email": "1/10s/key,10/h/key",
    "login_failed": "100/m/ip,5/300s/key",
    "signup": "200/m/ip",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_PREVENT_ENUMERATION = True
# Whoever changes how an account is entered is told so by mail, and so is its owner if that was somebody else.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Sign-in with an account elsewhere, at servers that speak OpenID Connect; none unless the installation names one.
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": elsewhere.apps_of(env, env.list("SUMMIT_SIGN_IN_WITH", default=[])),
    }
}
SOCIALACCOUNT_ADAPTER = "people.adapters.SocialAccountAdapter"
SOCIALACCOUNT_FORMS = {"disconnect": "people.forms.DisconnectForm"}
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True

# For how many days things about people are kept: see `people.retention`. The page at /privacy/ says the same.
KEEP_DAYS = {
    "unconfirmed": env.int("SUMMIT_KEEP_UNCONFIRMED_DAYS", default=7, least=2, most=30),
    "network_keys": env.int("SUMMIT_KEEP_NETWORK_KEYS_DAYS", default=30, least=1, most=90),
    "device_keys": env.int("SUMMIT_KEEP_DEVICE_KEYS_DAYS", default=365, least=1, most=730),
    "sign_ins": env.int("SUMMIT_KEEP_SIGN_INS_DAYS", default=90, least=7, most=365),
    "record": env.int("SUMMIT_KEEP_RECORD_DAYS", default=730, least=90, most=3650),
    "tasks": 14,
}

SITE_ID = 1

# Comments
COMMENTS_APP = "django_comments_xtd"
COMMENTS_XTD_MODEL = "discussion.models.Comment"
COMMENTS_XTD_FORM_CLASS = "discussion.forms.CommentForm"
COMMENTS_XTD_MAX_THREAD_LEVEL = 100
COMMENTS_XTD_THREADED_EMAILS = False
COMMENTS_TIMEOUT = 14 * 24 * 60 * 60
# Whether somebody outside is asked about advertising. Nobody is unless the installation has a key.
AKISMET_KEY = env.str("SUMMIT_AKISMET_KEY")
SPAM_CHECK = {"BACKEND": "discussion.external.Akismet", "OPTIONS": {"key": AKISMET_KEY}} if AKISMET_KEY else None

# Whether sites that our pages link to are told so. A laptop tells nobody.
SENDS_MENTIONS = False

# Wagtail: one login, and nothing calls home.
WAGTAIL_SITE_NAME = SITE_NAME
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILADMIN_LOGIN_URL = "sign_in_to_edit"
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILAPI_DOCS_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
WAGTAIL_WORKFLOW_CANCEL_ON_PUBLISH = True
WAGTAILIMAGES_IMAGE_MODEL = "content.SummitImage"
# A large camera's; what a few kilobytes can be made to unpack to is refused.
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILIMAGES_IMAGE_FORM_BASE = "content.image_forms.PictureForm"
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp", "avif"]
WAGTAILDOCS_EXTENSIONS = [
    "csv",
    "docx",
    "odt",
    "pdf",
    "pptx",
    "rtf",
    "txt",
    "xlsx",
    "zip",
]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
# Handed out as files, never opened in our name.
WAGTAILDOCS_INLINE_CONTENT_TYPES: list[str] = []
WAGTAILDOCS_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

# Security: public pages load nothing from elsewhere and run nothing inline.
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "media-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    # Wagtail shows a preview of a page in a frame of its own editor.
    "frame-ancestors": [CSP.SELF],
    "base-uri": [CSP.NONE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # looks for Django's middleware by name; ours is a stricter kind of it
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# Who may read /metrics: whoever says this. Nobody, if it is empty.
METRICS_TOKEN = env.str("SUMMIT_METRICS_TOKEN")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "summit.logs.JSONFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain"},
        "counter": {"class": "summit.counting.CountingHandler", "level": "WARNING"},
    },
    "root": {"handlers": ["console", "counter"], "level": "WARNING"},
    # Every index update is a task, and says twice that it went well.
    "loggers": {
        "django.tasks": {"level": "WARNING"},
        # Scanners ask for hosts that are not ours all day; they get 400.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
