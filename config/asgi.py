"""ASGI entry point, for servers that speak it; `make run` uses WSGI."""

from django.core.asgi import get_asgi_application

from config.environment import read_environment

read_environment()

application = get_asgi_application()
