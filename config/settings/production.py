"""Settings for a server that others reach: nothing is guessed, and cookies travel over HTTPS only."""

from config.databases import with_defaults
from config.settings.base import *  # noqa: F403  (settings modules are layered this way in Django)
from config.settings.base import VAR_DIR, env

DEBUG = False
SECRET_KEY = env.str("PULIH_SECRET_KEY")
ALLOWED_HOSTS = env.list("PULIH_ALLOWED_HOSTS")
DATABASES = {
    "default": with_defaults(env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/pulih.sqlite3"))
}

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.bool("PULIH_SSL_REDIRECT", default=True)
SECURE_REFERRER_POLICY = "same-origin"
# The proxy in front must set (and strip from clients) this header; opt in where that is so.
if env.bool("PULIH_BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Hard to take back once browsers have seen it, so it is asked for by name. Seconds.
SECURE_HSTS_SECONDS = env.int("PULIH_HSTS_SECONDS", default=0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("PULIH_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("PULIH_HSTS_PRELOAD", default=False)
