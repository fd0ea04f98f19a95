"""Settings for tests: nothing outside a folder of their own is touched, and it goes when the process ends."""

import tempfile
from pathlib import Path

from config.databases import with_defaults
from config.settings.base import *  # noqa: F403  (settings modules are layered this way in Django)
from config.settings.base import REST_FRAMEWORK, STORAGES, env

# Named by a global so that the folder lives as long as the process and no longer.
SCRATCH = tempfile.TemporaryDirectory(prefix="pulih-test-")
VAR_DIR = Path(SCRATCH.name)
MEDIA_ROOT = VAR_DIR / "media"
PULIH_BUCKET = None

STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir()
PULIH_RUNS_DIR = VAR_DIR / "runs"

DEBUG = False
SECRET_KEY = "for tests only"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

DATABASES = {
    "default": with_defaults(
        env.db_url("PULIH_TEST_DATABASE_URL", default=f"sqlite:///{VAR_DIR}/main.sqlite3")
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: tests that race two connections then meet the same locks as production.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}

# The real hasher is slow on purpose, and nearly every test signs somebody in.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

REST_FRAMEWORK["TEST_REQUEST_DEFAULT_FORMAT"] = "json"

# For small pictures, compiling a network takes longer than running it, and threads wait more than they work.
PULIH_ENGINE = "torch"
PULIH_INVENTION_PASSES = 0
PULIH_TORCH_THREADS = 1
