"""Settings for a server that others reach: nothing is guessed, and cookies travel over HTTPS only."""

from config.databases import with_defaults
from config.secret_key import strong_secret_key
from config.settings.base import *  # noqa: F403  (settings modules are layered this way in Django)
from config.settings.base import VAR_DIR, env

DEBUG = False
SECRET_KEY = strong_secret_key(env.str("PULIH_SECRET_KEY"), development=VAR_DIR / "secret_key")
ALLOWED_HOSTS = env.list("PULIH_ALLOWED_HOSTS")
DATABASES = {
    "default": with_defaults(env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/pulih.sqlite3"))
}

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.bool("PULIH_SSL_REDIRECT", default=True)
# Probes and Prometheus ask this machine itself, where no certificate is.
SECURE_REDIRECT_EXEMPT = [r"^health/(live|ready)$", r"^metrics$"]
SECURE_REFERRER_POLICY = "same-origin"
# The proxy in front must set (and strip from clients) this header; opt in where that is so.
if env.bool("PULIH_BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Seconds for which browsers will come by https alone. Hard to take back, so it is a month and no more unless
# one asks for it; 0 for not at all.
SECURE_HSTS_SECONDS = env.int("PULIH_HSTS_SECONDS", default=30 * 24 * 3600)
# These two speak for other hosts of the domain and for good, so they are asked for by name.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("PULIH_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("PULIH_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # that the two are not set
