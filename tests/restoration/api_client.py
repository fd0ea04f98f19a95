"""A REST client that speaks as somebody."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from rest_framework.test import APIClient

from archive.access.scopes import Scope
from archive.models import Collection
from archive.services import create_api_token


def client_of(
    user: User | None,
    *,
    scopes: Iterable[Scope] = tuple(Scope),
    collections: Iterable[Collection] | None = None,
) -> APIClient:
    """A client with a token of the user's, good for everything unless told otherwise; without for None."""
    client = APIClient()
    if user is not None:
        _token, key = create_api_token(
            user=user,
            name="tests",
            scopes=list(scopes),
            collections=None if collections is None else list(collections),
        )
        client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client
