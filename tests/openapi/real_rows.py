"""Generated cases that reach something: what they name exists, and whoever sends them may do nearly all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import schemathesis
from django.conf import settings
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import TestCase
from schemathesis.core.parameters import ParameterLocation

from archive.access.scopes import Scope
from archive.services import create_api_token
from restoration.models import Restoration
from tests.architecture.endpoints import ENDPOINTS
from tests.architecture.permission_entries import all_entries
from tests.architecture.permission_world import World
from tests.factories import make_restoration

_CSRF = "c" * 32


def _shape(address: str, argument: str) -> str:
    """An address with a hole for each of its arguments, whatever they are called."""
    return re.sub(argument, "{}", address)


_BY_SHAPE = {_shape(f"/{endpoint.route}", r"<[^>]+>"): endpoint for endpoint in ENDPOINTS.values()}


class Caller:
    """Sends cases to the real application as the owner of everything in a World, who is staff, too."""

    def __init__(self) -> None:
        self.world = World()
        self.world.owner.is_staff = self.world.owner.is_superuser = True
        self.world.owner.save()
        self.waiting = make_restoration(photo=self.world.photo, status=Restoration.Status.QUEUED)
        self.app = get_wsgi_application()
        self.sent = 0
        token = create_api_token(user=self.world.owner, name="generated", scopes=list(Scope))[1]
        self._token = {"Authorization": f"Token {token}"}
        session = self.world.browser("owner").cookies[settings.SESSION_COOKIE_NAME].value
        cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={_CSRF}"
        self._session = {"Cookie": cookies, "X-CSRFToken": _CSRF}
        self._arguments: dict[str, str] = {}

    @contextmanager
    def at(self, path: str) -> Iterator[None]:
        """Cases are for this address; what had to be made for it is gone afterwards."""
        with _undone():
            self._arguments = self._arguments_of(path)
            yield

    def send(self, case: schemathesis.Case) -> None:
        """Send a case and check the answer; whatever it did is undone. Raises what schemathesis finds."""
        self._name_real_rows(case)
        # Attempts to sign in are counted there.
        cache.clear()
        self.sent += 1
        who = self._session if _takes_a_person(case) else self._token
        with _undone(), connection_kept(), TestCase.captureOnCommitCallbacks(execute=True):
            case.call_and_validate(headers=who)

    def _name_real_rows(self, case: schemathesis.Case) -> None:
        meta = case.meta
        parts = meta.components if meta else {}
        path = parts.get(ParameterLocation.PATH)
        if path is not None and path.mode.is_positive and not _is_left_alone(case):
            case.path_parameters = case.path_parameters | self._arguments
        body = parts.get(ParameterLocation.BODY)
        if body is not None and body.mode.is_positive and isinstance(case.body, dict):
            named = self._with_real_rows(case.body)
            # Whatever is put there anew is looked through, and a file would be found to be no text.
            if named != case.body:
                case.body = named

    def _arguments_of(self, path: str) -> dict[str, str]:
        """What an address needs, by the names of the schema; as the tests of permissions have it."""
        endpoint = _BY_SHAPE[_shape(path, r"{[^}]+}")]
        entry = all_entries()[endpoint.name]
        if entry.args is not None:
            given = entry.args(self.world)
            values = list(given.values() if isinstance(given, dict) else given)
        else:
            values = [self.world.argument(name, endpoint.route) for name in endpoint.arguments]
        return dict(zip(re.findall(r"{([^}]+)}", path), map(str, values), strict=True))

    def _with_real_rows(self, body: dict[str, Any]) -> dict[str, Any]:
        world = self.world
        known: dict[str, Any] = {
            "parent": world.fonds.pk,
            "collection": world.collection.pk,
            "photo": world.photo.pk,
            "restoration": world.restoration.pk,
            "model": world.model_version.pk,
        }
        changed = dict(body)
        for name, value in body.items():
            row = known.get(name.removesuffix("s"))
            if row is None:
                continue
            if isinstance(value, str):
                changed[name] = str(row)
            elif isinstance(value, list) and value and all(isinstance(each, str) for each in value):
                changed[name] = [str(row), *value[1:]]
        return changed


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def connection_kept() -> Iterator[None]:
    """A request ends with its connection to the database closed, which undoes what the test has made."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    try:
        yield
    finally:
        request_started.connect(close_old_connections)
        request_finished.connect(close_old_connections)


def _is_left_alone(case: schemathesis.Case) -> bool:
    """One case in eight asks for what is not there."""
    values = [value for value in case.path_parameters.values() if _is_uuid(value)]
    return any(UUID(value).int % 8 == 0 for value in values)


def _is_uuid(value: Any) -> bool:
    try:
        UUID(value)
    except (ValueError, TypeError, AttributeError):
        return False
    return True


def _takes_a_person(case: schemathesis.Case) -> bool:
    needed = case.operation.definition.raw.get("security", [])
    return bool(needed) and not any("token" in requirement for requirement in needed)
