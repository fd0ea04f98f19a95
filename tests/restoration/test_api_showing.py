"""Rows are shown as REST framework would show them, only sooner."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import set_script_prefix
from django.utils import timezone, translation
from rest_framework import serializers
from rest_framework.request import Request

from archive.api.addresses import address_of
from archive.api.showing import ShownModelSerializer
from archive.models import Photo
from archive.services import describe_photo
from restoration.api.serializers import RestoredPhotoSerializer
from restoration.models import Restoration
from restoration.querysets import photos_for_answers
from tests.factories import make_photo, make_restoration


def as_rest_framework_does(serializer: Any) -> Any:
    """The representation by REST framework's own method, also of what is inside."""
    serializer.to_representation = lambda row: serializers.Serializer.to_representation(serializer, row)
    for field in serializer.fields.values():
        if isinstance(field, ShownModelSerializer):
            as_rest_framework_does(field)
    return serializer


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Jakarta"])
def test_the_same_is_shown(media_root: object, language: str, zone: str) -> None:
    photo = make_photo()
    owner = photo.collection.owner
    describe_photo(photo=photo, actor=owner, title="Pasar", tags=["Solo", "1945"], date_edtf="194X")
    make_restoration(photo=photo, requested_by=owner, status=Restoration.Status.DONE)
    bare = make_photo(collection=photo.collection)
    context = {"request": Request(RequestFactory().get("/"))}
    rows = photos_for_answers(owner, [photo.pk, bare.pk])
    with translation.override(language), timezone.override(zone):
        for row in rows:
            shown = RestoredPhotoSerializer(row, context=context).data
            assert shown == as_rest_framework_does(RestoredPhotoSerializer(row, context=context)).data
            assert list(shown) == RestoredPhotoSerializer.Meta.fields
        many = RestoredPhotoSerializer(rows, many=True, context=context).data
    assert [sorted(each["tags"]) for each in many] == [["1945", "Solo"], []]
    assert [bool(each["latest_restoration"]) for each in many] == [True, False]


def test_what_writes_is_none_of_them() -> None:
    class Writes(ShownModelSerializer[Photo]):
        class Meta:
            model = Photo
            fields = ["title"]

    with pytest.raises(AssertionError, match="writes"):
        _ = Writes().fields


def test_addresses_are_those_of_the_request(db: None) -> None:
    photo = Photo()
    here = {"request": RequestFactory().get("/", headers={"host": "localhost"})}
    address = f"/api/v1/photos/{photo.pk}/original/"
    assert address_of(here, "api:photo-original", photo.pk) == f"http://localhost{address}"
    there = {"request": RequestFactory(SERVER_NAME="127.0.0.1").get("/", secure=True)}
    set_script_prefix("/archive/")
    try:
        assert address_of(there, "api:photo-original", photo.pk) == f"https://127.0.0.1/archive{address}"
    finally:
        set_script_prefix("/")
