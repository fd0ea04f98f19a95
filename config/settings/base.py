"""Settings that every environment shares.

All that may differ is read from the environment (or from `.env`).
"""

from datetime import timedelta
from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

from config.api_schema.about import DESCRIPTION
from config.api_schema.answers import COMPONENTS
from config.api_schema.tags import described_tags
from config.buckets import bucket_settings
from config.environment import read_environment
from config.logs import log_settings
from config.queue import queue_settings, queues_of, threads_of_each

BASE_DIR = Path(__file__).resolve().parent.parent.parent

read_environment()
env = environ.Env()

# Everything that the platform writes lives below this one folder: back it up and nothing is missing.
VAR_DIR = Path(env.str("PULIH_VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)
MEDIA_ROOT = VAR_DIR / "media"
# Stored files lie below MEDIA_ROOT, or in a bucket of S3; what comes in lies on the disk first either way.
PULIH_BUCKET = bucket_settings(env)

# Days that a deleted photo or collection lies in the bin before it goes for good, and days within which
# every stored file is read again and compared with its SHA-256.
PULIH_BIN_DAYS = env.int("PULIH_BIN_DAYS", default=30)
PULIH_FIXITY_DAYS = env.int("PULIH_FIXITY_DAYS", default=90)
# Addresses of those who are told by mail when stored files are missing or damaged.
PULIH_OPERATORS: list[str] = env.list("PULIH_OPERATORS", default=[])

# An upload larger than this (bytes), or a picture with more pixels than this, is refused. 150 megapixels of
# 16-bit RGB are 900 MB.
PULIH_MAX_UPLOAD_BYTES = env.int("PULIH_MAX_UPLOAD_BYTES", default=1024 * 1024 * 1024)
PULIH_MAX_PIXELS = env.int("PULIH_MAX_PIXELS", default=150_000_000)
# Some rare kinds (floating point, Lab, palettes in TIFF) can only be decoded whole. Such a picture is refused
# where that would take more memory (bytes) than this.
PULIH_MAX_DECODED_BYTES = env.int("PULIH_MAX_DECODED_BYTES", default=2 * 1024**3)
# A ZIP may be larger, since it is taken apart file by file: at most so many bytes as it is, so many unpacked,
# and so many files in it.
PULIH_MAX_ZIP_BYTES = env.int("PULIH_MAX_ZIP_BYTES", default=50 * 1024**3)
PULIH_MAX_UNPACKED_BYTES = env.int("PULIH_MAX_UNPACKED_BYTES", default=200 * 1024**3)
PULIH_MAX_ZIP_ENTRIES = env.int("PULIH_MAX_ZIP_ENTRIES", default=100_000)
# With less room (bytes) on a disk that it writes to, the platform says that it is not ready (/health/ready).
PULIH_MIN_FREE_BYTES = env.int("PULIH_MIN_FREE_BYTES", default=2 * 1024**3)
# An upload that nobody goes on with is kept for so many hours, and one person may have so many of them.
PULIH_UPLOAD_HOURS = env.int("PULIH_UPLOAD_HOURS", default=24)
PULIH_MAX_OPEN_UPLOADS = env.int("PULIH_MAX_OPEN_UPLOADS", default=200)
FILE_UPLOAD_HANDLERS = [
    "archive.files.upload_limit.UploadLimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# How a server in front sends stored files in our stead, after we have decided: "X-Accel-Redirect:/protected/"
# (nginx, whose internal location /protected/ is the media folder) or "X-Sendfile". Without it we stream.
PULIH_SENDFILE = env.str("PULIH_SENDFILE", default="")

ALLOWED_HOSTS: list[str] = env.list("PULIH_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("PULIH_CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "archive",
    "restoration",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "django_q",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "archive.logs.requests.RequestLogMiddleware",
    "restoration.monitoring.requests.RequestMetricsMiddleware",
    # Around all that may answer by itself: static files, a redirect to https.
    "config.security_headers.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.page_compression.PageCompressionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "archive.access.profiles.ProfileMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Last, as it wants to be: it answers in place of a view that somebody is locked out of.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["archive.access.signing_in.AccountBackend"]
# After so many failures under one name from one address, both together are locked for this long, at every
# door. `manage.py unlock_sign_in` ends it sooner, and so does deleting the attempts in the admin.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # waiting ends, whatever is tried meanwhile
AXES_USERNAME_CALLABLE = "archive.access.signing_in.counted_name"
AXES_CLIENT_IP_CALLABLE = "archive.access.signing_in.counted_address"
AXES_LOCKOUT_CALLABLE = "archive.views.sign_in.locked_out"
# What is kept of people is what locking needs, for as long as it needs it.
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "archive:collection_list"
LOGOUT_REDIRECT_URL = "sign_in"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("id", _("Indonesian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("PULIH_STATIC_DIR", default=str(BASE_DIR / "staticfiles"))).resolve()
STATICFILES_DIRS = [BASE_DIR / "static"]
NODE_MODULES = BASE_DIR / "node_modules"
WHITENOISE_ALLOW_ALL_ORIGINS = False  # these files are for our own pages
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.package_files.PackageFileFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.module_files.ModuleFilesStorage"},
}

# How many proxies of ours stand in front: only what they add to X-Forwarded-For is believed when attempts to
# sign in are counted by address.
PULIH_PROXIES = env.int("PULIH_PROXIES", default=0)

# Who, besides staff, may see figures (/metrics) and the reasons of /health/ready: programs that send
# "Authorization: Bearer <token>", and machines of these networks ("10.0.0.0/8").
PULIH_MONITORING_TOKEN = env.str("PULIH_MONITORING_TOKEN", default="")
PULIH_MONITORING_ADDRESSES: list[str] = env.list("PULIH_MONITORING_ADDRESSES", default=[])

# Where people reach this platform: "https://archive.example.org". Addresses for search engines, pictures
# for sharing and mails that no request asked for name it; without it, that is the host of the request, and
# mails from the queue have no links.
PULIH_ADDRESS = env.str("PULIH_ADDRESS", default="").rstrip("/")

# Mail (invitations, passwords, what has finished, reports to operators): smtp+tls://user:password@host:587;
# without one it goes to the log.
globals().update(env.email_url("PULIH_EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.str("PULIH_MAIL_FROM", default="pulih@localhost")

# Hosts ("reader.example.org", "10.0.0.7:8080") that webhooks may be sent to although they lie in this
# network, and without https. All others must be machines of the public internet, with a certificate.
PULIH_WEBHOOK_HOSTS: list[str] = env.list("PULIH_WEBHOOK_HOSTS", default=[])
# A webhook that has failed for so many days, without a success between, is switched off.
PULIH_WEBHOOK_FAILING_DAYS = env.int("PULIH_WEBHOOK_FAILING_DAYS", default=3)

PULIH_WORKERS = env.int("PULIH_WORKERS", default=1)
Q_CLUSTER = queue_settings(
    workers=PULIH_WORKERS,
    timeout_seconds=env.int("PULIH_TASK_TIMEOUT_SECONDS", default=1800),
)
# The queues that this machine's workers take from ("general", "restoration"); all of them without it.
PULIH_QUEUES = queues_of(env.list("PULIH_QUEUES", default=[]))

# A worker that has been silent for this long (seconds) is taken for dead, and its photo is queued again ...
PULIH_LEASE_SECONDS = env.int("PULIH_LEASE_SECONDS", default=90)
# ... until a photo has been tried this often; then it is put aside as failed.
PULIH_MAX_ATTEMPTS = env.int("PULIH_MAX_ATTEMPTS", default=3)
# Threads that one worker computes with: by default the cores are shared out among the workers, which would
# otherwise fight for them.
PULIH_TORCH_THREADS = env.int("PULIH_TORCH_THREADS", default=0) or threads_of_each(PULIH_WORKERS)
# What runs the network on a CPU ("torch", "openvino"; "auto" for the faster that there is).
PULIH_ENGINE = env.str("PULIH_ENGINE", default="auto")
# Passes by which a worker measures how much of a repair is invented; 0 leaves it out.
PULIH_INVENTION_PASSES = env.int("PULIH_INVENTION_PASSES", default=8)
# Where a worker computes ("cpu", "cuda"; "auto" for CUDA where there is some, which the process that restores
# asks), and the side (pixels) of the largest square that it takes in one piece.
PULIH_DEVICE = env.str("PULIH_DEVICE", default="auto")
PULIH_TILE = env.int("PULIH_TILE", default=1536)

# Where runs of train_pix2pix lie, a folder each: those who administer the platform can follow them.
PULIH_RUNS_DIR = Path(env.str("PULIH_RUNS_DIR", default=str(BASE_DIR / "runs")))

# Whose archive this is, as its bags say it.
PULIH_ORGANISATION = env.str("PULIH_ORGANISATION", default="")

# Password of the users that create_demo makes; without one, it draws one and keeps it.
PULIH_DEMO_PASSWORD = env.str("PULIH_DEMO_PASSWORD", default="")

# How many requests each web process lets wait until something changes (long poll); others are answered at
# once. Each keeps a thread, so half of them stay free for everything else.
PULIH_MOST_WAITING = env.int(
    "PULIH_MOST_WAITING", default=max(1, env.int("PULIH_WEB_THREADS", default=8) // 2)
)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "archive.api.authentication.ApiTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "archive.api.authentication.TokenHasScope",
    ],
    # JSON; views that take files say so.
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "archive.api.pages.ListPages",
    "DEFAULT_SCHEMA_CLASS": "config.api_schema.operations.OperationSchema",
    "DEFAULT_METADATA_CLASS": "config.api_schema.options.SchemaLink",
    "EXCEPTION_HANDLER": "config.api_errors.handle_api_error",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Pulih",
    "DESCRIPTION": DESCRIPTION,
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": r"^/api/v[0-9]+",
    "COMPONENT_SPLIT_REQUEST": True,
    "APPEND_COMPONENTS": COMPONENTS,
    "TAGS": described_tags(),
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api_schema.whole.mend",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "EventOutcomeEnum": "archive.models.Event.Outcome",
        "ImportOutcomeEnum": "archive.models.ImportItem.Outcome",
        "DescriptionOutcomeEnum": ["changed", "unchanged", "refused"],
        "BulkItemStatusEnum": "archive.api.bulk.ItemStatus",
        "ReviewRuleEnum": "restoration.reviewing.rules.Rule",
        "ReviewStateEnum": "restoration.models.Restoration.ReviewState",
        "RestorationStatusEnum": "restoration.models.Restoration.Status",
        "WebhookStateEnum": "archive.models.Webhook.State",
        "WebhookDeliveryStateEnum": "archive.models.WebhookDelivery.State",
        "TrainingRunStatusEnum": "restoration.registry.training_runs.RunStatus",
    },
}

# How the log looks: "line" for people, "json" for programs that collect it. A line for every request comes
# with the second: without one, the proxy in front keeps a log of visits.
_LOG_FORMAT = env.str("PULIH_LOG_FORMAT", default="line")
LOGGING = log_settings(
    form=_LOG_FORMAT,
    level=env.str("PULIH_LOG_LEVEL", default="INFO"),
    queue_level=env.str("PULIH_QUEUE_LOG_LEVEL", default="WARNING"),
    request_lines=env.bool("PULIH_REQUEST_LOG", default=_LOG_FORMAT == "json"),
)
