"""WSGI entry point; gunicorn serves `config.wsgi:application`."""

import gc
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.environment import read_environment

read_environment()

application = get_wsgi_application()

# Every view is loaded now instead of by the first visitor. What is there by then stays for good: going
# through it in search of garbage took 0.2 s, of every twentieth request.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
# A request leaves thousands of objects that go by themselves; looking for the few that do not took a tenth of
# all processor time when it was done as often as Python does (700, 10, 10).
gc.set_threshold(10_000, 20, 20)
