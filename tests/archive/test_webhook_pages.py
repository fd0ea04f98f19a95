"""The pages on which an owner looks after webhooks."""

import pytest
from django.test import Client
from django.urls import reverse

from archive.access.roles import Role
from archive.models import Collection, Webhook, WebhookDelivery
from archive.services import add_member, create_webhook
from archive.webhooks.signing import secret_of
from tests.archive.hook_receiver import told
from tests.factories import make_collection, make_user

pytestmark = pytest.mark.django_db

ASKED = {"url": "https://reader.example.org/hook", "name": "Reader", "kinds": ["photo.added"]}


@pytest.fixture
def collection() -> Collection:
    return make_collection(owner=make_user("sri"), auto_restore=False)


@pytest.fixture
def signed_in(client: Client, collection: Collection) -> Client:
    client.force_login(collection.owner)
    return client


@pytest.fixture
def webhook(collection: Collection) -> Webhook:
    return create_webhook(owner=collection.owner, collection=collection, **ASKED)[0]


@pytest.mark.parametrize("of_collection", [True, False])
def test_one_is_made_and_its_secret_shown_this_once(signed_in, collection, of_collection) -> None:
    args = [collection.pk] if of_collection else []
    address = reverse("archive:collection_webhooks" if of_collection else "archive:webhooks", args=args)
    assert "photo.added" in signed_in.get(address).content.decode()
    made = signed_in.post(address, ASKED)
    assert made.status_code == 201
    webhook = Webhook.objects.get()
    assert webhook.collection == (collection if of_collection else None)
    assert secret_of(webhook) in made.content.decode()
    page = signed_in.get(reverse("archive:webhook", args=[webhook.pk])).content.decode()
    assert secret_of(webhook) not in page
    assert "Reader" in signed_in.get(address).content.decode()


def test_what_is_wrong_stands_at_its_field(signed_in, collection, webhook) -> None:
    for address in (
        reverse("archive:collection_webhooks", args=[collection.pk]),
        reverse("archive:webhook", args=[webhook.pk]),
    ):
        answer = signed_in.post(address, ASKED | {"url": "https://192.168.0.1/"})
        assert answer.status_code == 400
        assert "private network" in answer.context["form"].errors["url"][0]
        assert signed_in.post(address, ASKED | {"kinds": []}).context["form"].errors["kinds"]


def test_it_is_changed_paused_resumed_and_deleted(signed_in, collection, webhook) -> None:
    signed_in.post(reverse("archive:webhook", args=[webhook.pk]), ASKED | {"name": "Other"})
    webhook.refresh_from_db()
    assert webhook.name == "Other"
    signed_in.post(reverse("archive:webhook_pause", args=[webhook.pk]))
    webhook.refresh_from_db()
    assert webhook.state == Webhook.State.PAUSED
    page = signed_in.post(reverse("archive:webhook_test", args=[webhook.pk]), follow=True)
    assert "paused or switched off" in page.content.decode()
    signed_in.post(reverse("archive:webhook_resume", args=[webhook.pk]))
    before = secret_of(webhook)
    page = signed_in.post(reverse("archive:webhook_secret", args=[webhook.pk]))
    webhook.refresh_from_db()
    assert secret_of(webhook) != before
    assert secret_of(webhook) in page.content.decode()
    gone = signed_in.post(reverse("archive:webhook_delete", args=[webhook.pk]))
    assert gone.url == reverse("archive:collection_webhooks", args=[collection.pk])
    assert not Webhook.objects.exists()


def test_the_log_shows_every_attempt_and_sends_again(
    signed_in, collection, webhook, django_assert_max_num_queries
) -> None:
    for number in range(3):
        delivery = told(collection, filename="<b>.jpg")
        delivery.log.create(number=1, error_code="archive:webhook:timeout", duration_ms=10_000)
        delivery.log.create(number=2, status=500, duration_ms=7, answer=f"<script>{number}</script>")
    WebhookDelivery.objects.update(state="failed", next_attempt_at=None)
    address = reverse("archive:webhook", args=[webhook.pk])
    with django_assert_max_num_queries(16):
        page = signed_in.get(address).content.decode()
    assert "No answer came in time." in page
    assert "Answer 500" in page
    assert "&lt;script&gt;2&lt;/script&gt;" in page
    assert "<script>" not in page.replace('<script type="module"', "").replace("<script src", "")
    assert page.count("Photo added") == 3 + 1  # and in the form
    signed_in.post(reverse("archive:webhook_redeliver", args=[delivery.pk]))
    delivery.refresh_from_db()
    assert delivery.state == WebhookDelivery.State.WAITING


def test_curators_see_none_of_it(client, collection, webhook) -> None:
    curator = make_user("curator")
    add_member(collection=collection, user=curator, role=Role.CURATOR)
    client.force_login(curator)
    assert client.get(reverse("archive:collection_webhooks", args=[collection.pk])).status_code == 403
    assert client.get(reverse("archive:webhook", args=[webhook.pk])).status_code == 404
