"""Pages and lists about a whole collection take as many queries for much as for little."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from archive.models import Collection, FixityFinding, FixityRun
from archive.services import create_collection
from restoration.services import review_restoration
from tests.factories import make_collection, make_photo, make_restoration, make_user

pytestmark = pytest.mark.django_db

MOST_QUERIES = 18
OF_COLLECTION = (
    "archive:collection_keeping",
    "archive:collection_edit",
    "restoration:review_summary",
    "api:collection-restorations",
    "api:collection-events",
    "api:collection-fixity",
    "api:collection-review-figures",
)


@pytest.fixture
def owner(client: Client) -> User:
    owner = make_user(is_staff=True)
    client.force_login(owner)
    return owner


@pytest.fixture
def fonds(owner: User) -> Collection:
    return make_collection(owner=owner, auto_restore=False)


def test_queries_do_not_grow_with_the_rows(client: Client, fonds: Collection) -> None:
    fill(fonds, 1)
    addresses = [reverse(name, args=[fonds.pk]) for name in OF_COLLECTION]
    addresses += [
        f"{addresses[0]}?page=last",
        f"{addresses[4]}?kind=photo-ingested",
        f"{addresses[3]}?state=rejected",
    ]
    addresses += [reverse("api:fixity-runs"), reverse("api:fixity")]
    addresses += [reverse("api:fixity-run-detail", args=[FixityRun.objects.earliest("started_at").pk])]
    few = [queries_of(client, address) for address in addresses]
    fill(fonds, 3)
    assert [queries_of(client, address) for address in addresses] == few
    assert max(few) <= MOST_QUERIES


def fill(fonds: Collection, number: int) -> None:
    """So many parts, each with a changed file; so many rejected restorations in them and in the fonds."""
    for _ in range(number):
        part = create_collection(owner=fonds.owner, title="Part", parent=fonds)
        for home in (fonds, part):
            restoration = make_restoration(photo=make_photo(collection=home))
            review_restoration(
                restoration=restoration, reviewer=fonds.owner, decision="rejected", reason="seams"
            )
        run = FixityRun.objects.create(scope=FixityRun.Scope.COLLECTION, collection=part)
        finding = FixityFinding.objects.create(
            run=run, kind=FixityFinding.Kind.CHANGED, path=str(part.pk), seen_at=timezone.now()
        )
        finding.photos.add(restoration.photo)


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
