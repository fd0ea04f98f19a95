"""What every address of the API keeps to, asked of all of them: a new one that does not fails here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import get_resolver
from rest_framework import generics
from rest_framework.settings import api_settings

from archive.api.pages import ListPages
from archive.api.preconditions import HasETag
from archive.api.promises import Promise, keeps
from archive.api.sparse import SparseFields

WITHOUT_KEY = {
    "token": "nobody is signed in yet, so nobody's answer could be kept",
    "collection-export": "it makes nothing; the answer is a file of any size",
}
"""Addresses whose POST takes no Idempotency-Key, and why."""

WITHOUT_IF_MATCH = {
    "upload-detail": "the tus protocol has Upload-Offset",
    "me-email": "it takes the password, and there is nothing to be seen before",
    "me-password": "it takes the old one",
    "me-sessions": "it ends whatever there is",
    "review-reservations": "the desk is the caller's own",
}
"""Addresses whose PUT, PATCH or DELETE takes no If-Match, and why."""


def views() -> Iterator[tuple[str, Any]]:
    """Name and class of every view of the API."""
    (resolver,) = (each for each in get_resolver().url_patterns if getattr(each, "namespace", "") == "api")
    for pattern in resolver.url_patterns:
        if hasattr(pattern.callback, "cls") and pattern.callback.cls.__module__.split(".")[0] in {
            "archive",
            "restoration",
        }:
            yield pattern.name, pattern.callback.cls


def test_every_post_takes_a_key() -> None:
    without = {
        name
        for name, view in views()
        if hasattr(view, "post") and not keeps(Promise.IDEMPOTENCY_KEY, view.post)
    }
    assert without == WITHOUT_KEY.keys()


def test_every_change_can_be_tied_to_what_was_seen() -> None:
    without = {
        name
        for name, view in views()
        for method in ("put", "patch", "delete")
        if method in view.http_method_names
        and hasattr(view, method)
        and not (keeps(Promise.IF_MATCH, getattr(view, method)) and issubclass(view, HasETag))
    }
    assert without == WITHOUT_IF_MATCH.keys()


def test_every_detail_has_an_etag() -> None:
    assert not [
        name
        for name, view in views()
        if issubclass(view, generics.RetrieveAPIView) and not issubclass(view, HasETag)
    ]


def test_every_list_has_the_one_form_and_gives_the_fields_that_are_asked_for() -> None:
    assert api_settings.DEFAULT_PAGINATION_CLASS is ListPages
    lists = [
        (name, view)
        for name, view in views()
        if issubclass(view, generics.ListAPIView | generics.ListCreateAPIView)
    ]
    assert len(lists) > 20
    for name, view in lists:
        form = view.pagination_class().get_paginated_response_schema({})["required"]
        assert {"next", "previous", "results"} <= set(form), name
        assert issubclass(view.serializer_class, SparseFields), name


def test_every_detail_gives_the_fields_that_are_asked_for() -> None:
    assert not [
        name
        for name, view in views()
        if issubclass(view, generics.RetrieveAPIView) and not issubclass(view.serializer_class, SparseFields)
    ]
