"""Models compared, tried and promoted over REST; pictures for showing."""

import pytest
from django.urls import reverse

from restoration.models import ModelVersion, SampleRun
from tests.benchmarks import FIGURES, better_by
from tests.factories import make_model_version, make_restoration, make_sample_results, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db

WORSE = better_by(-0.25)


def test_a_worse_model_becomes_the_default_with_a_reason_only():
    present = make_model_version(figures=FIGURES)
    worse = make_model_version(figures=WORSE)
    address = reverse("api:model-promotion", args=[worse.pk])
    assert client_of(make_user()).post(address, {}, format="json").status_code == 403
    client = client_of(make_user(is_staff=True))
    for body, code in (({}, "not-better"), ({"force": True}, "reason-missing")):
        answer = client.post(address, body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (409, f"restoration:model:{code}")
    answer = client.post(address, {"force": True, "reason": "It is quicker."}, format="json")
    assert (answer.status_code, answer.json()["is_default"]) == (200, True)
    assert answer.json()["promotions"][0]["reason"] == "It is quicker."
    assert ModelVersion.objects.get(is_default=True) == worse != present


def test_two_models_side_by_side():
    present, worse = make_model_version(figures=FIGURES), make_model_version(figures=WORSE)
    client = client_of(make_user())
    found = client.get(reverse("api:model-comparison", args=[present.pk, worse.pk])).json()
    assert found["code"] == "restoration:model:not-better"
    assert "heavy psnr" in found["message"]
    heavy = next(
        each for each in found["differences"] if (each["level"], each["measure"]) == ("heavy", "psnr")
    )
    assert (heavy["first"]["mean"], heavy["value"]) == (25.0, -0.25)
    back = client.get(reverse("api:model-comparison", args=[worse.pk, present.pk])).json()
    assert (back["code"], back["message"]) == ("", "")


def test_samples_are_asked_for_once_and_can_be_looked_at():
    model = make_model_version()
    client, address = client_of(make_user()), reverse("api:model-samples", args=[model.pk])
    assert client.get(address).json() == {"status": None, "code": "", "message": "", "samples": []}
    answers = [client.post(address) for _ in range(2)]
    assert {(each.status_code, each["Location"]) for each in answers} == {(202, address)}
    assert SampleRun.objects.count() == 1
    make_sample_results(model)
    samples = client.get(address).json()["samples"]
    assert samples[0]["measures"]["psnr"] == 30.0
    for name in ("clean_url", "degraded_url", "restored_url"):
        picture = client.get(samples[0][name])
        assert (picture.status_code, picture["Content-Type"]) == (200, "image/webp")
    wrong = reverse("api:model-sample", args=[samples[0]["clean_url"].split("/")[-3], "other"])
    assert client.get(wrong).status_code == 404


def test_pictures_for_showing():
    restoration = make_restoration()
    client = client_of(restoration.photo.uploaded_by)
    for name, key in (("photo-rendition", restoration.photo_id), ("restoration-rendition", restoration.pk)):
        picture = client.get(reverse(f"api:{name}", args=[key, "thumbnail"]))
        assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
        assert client.get(reverse(f"api:{name}", args=[key, "poster"])).status_code == 404
        stranger = client_of(make_user()).get(reverse(f"api:{name}", args=[key, "thumbnail"]))
        assert stranger.status_code == 404
