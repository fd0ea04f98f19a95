"""Who waits for whom: one upload does not stand behind another collection's thousands."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from archive.models import Collection, Photo
from archive.queue.message_order import InOrder
from restoration.models import Restoration
from restoration.services import request_restoration
from restoration.services.requests import FIRST_FEW
from tests.factories import make_collection, make_photo

pytestmark = pytest.mark.django_db(transaction=True)


def line() -> list[str]:
    """Ids in the order in which a worker takes them."""
    return [message.args()[0] for message in InOrder.get_connection()]


def ask(collection: Collection, number: int, **options: bool) -> list[str]:
    asked = []
    for _ in range(number):
        photo = make_photo(collection=collection)
        asked.append(str(request_restoration(photo=photo, requested_by=photo.uploaded_by, **options).pk))
    return asked


@pytest.fixture
def long_line() -> list[str]:
    ask(make_collection(), 9)
    return line()


def test_another_collections_photo_stands_behind_the_first_few(long_line: list[str]) -> None:
    (asked,) = ask(make_collection(), 1)
    assert line() == [*long_line[:FIRST_FEW], asked, *long_line[FIRST_FEW:]]


def test_the_first_few_of_a_collection_only(long_line: list[str]) -> None:
    asked = ask(make_collection(), FIRST_FEW + 2)
    few, rest = long_line[:FIRST_FEW], long_line[FIRST_FEW:]
    assert line() == [*few, *asked[:FIRST_FEW], *rest, *asked[FIRST_FEW:]]
    # Once nothing of it waits, others of the collection may come forward.
    Restoration.objects.filter(pk__in=asked).update(status=Restoration.Status.CANCELLED)
    (later,) = ask(Photo.objects.get(restorations=asked[0]).collection, 1)
    assert line()[2 * FIRST_FEW] == later


def test_whoever_asks_on_a_photos_page_is_served_promptly(client: Client, long_line: list[str]) -> None:
    full = make_collection()
    waiting = ask(full, FIRST_FEW + 3)
    photo = make_photo(collection=full)
    client.force_login(full.owner)
    client.post(reverse("restoration:request", args=[photo.pk]), {"strength": "100"})
    assert line()[2 * FIRST_FEW] == str(photo.restorations.get().pk)
    assert line()[-3:] == waiting[FIRST_FEW:]
