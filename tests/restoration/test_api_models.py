"""The registry over REST: to read, for whoever has a token."""

import pytest
from django.urls import reverse

from tests.benchmarks import FIGURES
from tests.factories import make_model_version, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db

LIST = reverse("api:model-list")


def test_the_list_holds_every_model_with_its_figures(django_assert_num_queries):
    measured = make_model_version(name="faces", version="1", figures=FIGURES, data_licence="CC0")
    make_model_version(name="faces", version="2")
    client = client_of(make_user())
    with django_assert_num_queries(3):  # token, its use, models
        rows = client.get(LIST).json()["results"]
    assert [(row["version"], row["is_default"]) for row in rows] == [("1", True), ("2", False)]
    assert rows[1]["figures"] is None
    assert rows[0]["weights_sha256"] == measured.weights_sha256
    assert rows[0]["data_licence"] == "CC0"
    assert rows[0]["figures"]["measured_on"] == "faces-val"
    heavy = rows[0]["figures"]["levels"]["heavy"]["psnr"]
    assert heavy == {"mean": 25.0, "low": 24.75, "high": 25.25, "n": 4}
    assert "card" not in rows[0]


def test_one_model_has_card_log_and_promotions():
    log = [{"epoch": 1, "phase": "find", "losses": {"G_mask": 1.0}, "validation": {}}]
    model = make_model_version(card="# Faces", training_log=log)
    client = client_of(make_user())
    url = client.get(LIST).json()["results"][0]["url"]
    row = client.get(url).json()
    assert (row["id"], row["card"], row["training_log"]) == (str(model.pk), "# Faces", log)
    (promotion,) = row["promotions"]
    assert (promotion["forced"], promotion["promoted_by"], promotion["replaced"]) == (False, None, None)


def test_without_a_token_there_is_nothing():
    model = make_model_version()
    for address in (LIST, reverse("api:model-detail", args=[model.pk])):
        assert client_of(None).get(address).status_code == 401


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_here(method):
    model = make_model_version()
    client = client_of(make_user(is_staff=True, is_superuser=True))
    for address in (LIST, reverse("api:model-detail", args=[model.pk])):
        assert getattr(client, method)(address, {}, format="json").status_code == 405
