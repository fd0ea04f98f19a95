"""Settings for one's own machine: works without any configuration, keeps everything in var/."""

from config.databases import with_defaults
from config.secret_key import read_or_create_secret_key
from config.settings.base import *  # noqa: F403  (settings modules are layered this way in Django)
from config.settings.base import STORAGES, VAR_DIR, env

# Pages with tracebacks while developing; `make run` turns this off and serves as production does.
DEBUG = env.bool("PULIH_DEBUG", default=True)
SECRET_KEY = env.str("PULIH_SECRET_KEY", default="") or read_or_create_secret_key(VAR_DIR / "secret_key")
DATABASES = {
    "default": with_defaults(env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/pulih.sqlite3"))
}
# On one's own machine, figures are no secret.
PULIH_MONITORING_ADDRESSES = env.list("PULIH_MONITORING_ADDRESSES", default=["127.0.0.0/8"])

if DEBUG:
    # No collectstatic between two looks at a page.
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
