"""The registry's pages: who sees them, what they say, and what staff may do."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from restoration.models import ModelPromotion, ModelVersion, SamplePicture, SampleResult, SampleRun
from restoration.registry.sample_pictures import SAMPLES
from restoration.services import promote_model
from tests.benchmarks import FIGURES, better_by
from tests.factories import make_model_version, make_sample_results, make_user
from tests.html_page import Page, get_page, page_of

pytestmark = pytest.mark.django_db

LIST, COMPARE, SAMPLES_STATE = (
    reverse(f"restoration:{name}") for name in ("model_list", "model_compare", "model_samples")
)
LOG = [
    {
        "epoch": epoch,
        "phase": "find" if epoch < 3 else "1:1",
        "losses": {"G_L1": 1 / epoch, "G_GAN": 0.5, "D_real": 0.6, "G_mask": 0.2},
        "validation": {"light": {"psnr": 30.0 + epoch, "ssim": 0.9}, "mean": {"psnr": 29.5, "ssim": 0.8}},
    }
    for epoch in range(1, 6)
]
CARD = "# Faces\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n\n<script>alert(1)</script> [x](javascript:alert(2))"


def address(model: ModelVersion, name: str = "model_detail") -> str:
    return reverse(f"restoration:{name}", args=[model.pk])


def compare_address(first: ModelVersion, second: ModelVersion, base: str = COMPARE) -> str:
    return f"{base}?first={first.pk}&second={second.pk}"


@pytest.fixture
def user_client(client: Client) -> Client:
    client.force_login(make_user("siti"))
    return client


@pytest.fixture
def staff_client() -> Client:
    client = Client()
    client.force_login(make_user("budi", is_staff=True))
    return client


class TestList:
    def test_empty_says_what_to_do(self, user_client):
        page = get_page(user_client, LIST)
        assert page.one("h2").text == "No models yet"
        assert "register_model" in page.one(class_="empty").text

    def test_each_model_has_its_figures_and_the_default_is_marked(self, user_client):
        default = make_model_version(name="old", figures=FIGURES)
        make_model_version(name="new", figures=better_by(1.5))
        make_model_version(name="unmeasured")
        page = get_page(user_client, LIST)
        old, *others = page.all("li", class_="panel")
        assert "old" in old.text
        assert "Heavy damage 25.00 dB 0.8600" in old.text
        assert [badge.text for badge in page.all(class_="badge")] == ["Default"]
        assert old["id"] == f"model-{default.pk}"
        assert "Nothing has been measured" in others[0].text
        assert "Heavy damage 26.50 dB 0.8600" in others[1].text

    def test_the_navigation_leads_there(self, user_client):
        page = get_page(user_client, reverse("archive:collection_list"))
        assert page.one("a", href=LIST).text == "Models"

    @pytest.mark.parametrize("number", [1, 6])
    def test_queries_do_not_grow_with_the_models(self, user_client, django_assert_num_queries, number):
        for _ in range(number):
            make_model_version(figures=FIGURES)
        with django_assert_num_queries(5):  # session, user, count, models, default
            user_client.get(LIST)


class TestModelPage:
    def test_everything_that_is_known_is_there(self, user_client):
        make_model_version()
        model = make_model_version(
            name="faces",
            version="2",
            figures=FIGURES,
            card=CARD,
            training_log=LOG,
            data_licence="CC BY 4.0",
            architecture={
                "generator": "unet_256",
                "options": {"base_channels": 64},
                "parameters": {"encoder": 1234567, "total": 1234567},
            },
        )
        page = get_page(user_client, address(model))
        assert page.one("h1").text == "faces"
        text = page.one("main").text
        for told in (
            model.weights_sha256,
            "unet_256",
            "base_channels 64",
            "1,234,567",
            "CC BY 4.0",
            "Measured on faces-val.",
            "33.00 dB [32.67; 33.33]",
            "It has never been the default.",
        ):
            assert told in text, told

    def test_the_card_does_no_harm(self, user_client):
        page = get_page(user_client, address(make_model_version(card=CARD)))
        assert page.one("h3").text == "Faces"
        assert page.one("td", class_="number").text == "2"
        assert "<script>alert(1)</script>" in page.one("main").text
        assert all("alert" not in script.text for script in page.all("script"))
        assert not [link for link in page.all("a") if link["href"].startswith("javascript")]

    def test_curves_can_be_read_as_picture_as_words_and_as_table(self, user_client):
        page = get_page(user_client, address(make_model_version(training_log=LOG)))
        titles = [figure.text for figure in page.all("figcaption")]
        assert titles == [
            *("PSNR by epoch (dB)", "SSIM by epoch", "Adversarial losses", "Loss G_L1", "Loss G_mask")
        ]
        assert "Light damage: 31.00 dB at epoch 1, 35.00 dB at epoch 5." in page.all("desc")[0].text
        assert len(page.all("polyline", class_="chart__line")) == 2 + 2 + 2 + 1 + 1
        styles = {line["class"] for line in page.all("polyline")[:2]}
        assert len(styles) == 2
        table = page.all("table")[0].text
        assert table.startswith("Epoch Light damage Mean of the levels 1 31.00 29.50 2 32.00 29.50")

    def test_contact_sheet_shows_every_sample_before_and_after(self, user_client):
        model = make_model_version()
        assert get_page(user_client, address(model)).all("ul", class_="sheet") == []
        make_sample_results(model)
        page = get_page(user_client, address(model))
        assert len(page.all("li", class_="sheet__row")) == len(SAMPLES)
        images = [
            image for image in page.all("img") if "/samples/" in image["src"] or "results" in image["src"]
        ]
        assert len(images) == 3 * len(SAMPLES)
        assert {user_client.get(image["src"]).status_code for image in images} == {200}
        assert "PSNR 30.00 dB, SSIM 0.9000" in page.one("ul", class_="sheet").text

    def test_a_model_of_which_nothing_is_known_says_so(self, user_client):
        text = get_page(user_client, address(make_model_version())).one("main").text
        for told in ("Nothing has been measured", "has no card", "No training log", "Not stated"):
            assert told in text

    def test_other_methods_stand_beside_it(self, user_client):
        model = make_model_version(name="faces", figures=FIGURES)
        page = get_page(user_client, address(model))
        rows = [row.text for row in page.all("tr", class_="table__own")]
        assert len(rows) == 3
        assert rows[0].startswith("faces 33.00 dB")
        assert any("Do nothing 20.00 dB" in row.text for row in page.all("tr"))

    def test_queries_do_not_grow_with_the_promotions(self, user_client, django_assert_num_queries):
        first, second = make_model_version(figures=FIGURES), make_model_version(figures=FIGURES)
        for _ in range(3):
            promote_model(model_version=second, promoted_by=make_user(is_staff=True))
            promote_model(model_version=first)
        with django_assert_num_queries(6):  # session, user, model, promotions, default, samples
            user_client.get(address(first))


class TestPromoting:
    def test_staff_promote_a_model_as_good_by_one_button(self, staff_client):
        make_model_version(figures=FIGURES)
        model = make_model_version(figures=FIGURES)
        page = get_page(staff_client, address(model))
        assert page.one("form", action=address(model, "model_promote"))
        assert page.all("textarea") == []
        response = staff_client.post(address(model, "model_promote"), follow=True)
        assert page_of(response).one(class_="badge").text == "Default"
        assert model.promotions.get().promoted_by.username == "budi"

    def test_a_worse_one_asks_for_the_reason(self, staff_client):
        default = make_model_version(figures=FIGURES)
        model = make_model_version(figures=better_by(-1.0))
        page = get_page(staff_client, address(model))
        assert "Heavy damage: PSNR 24.00 dB, the default 25.00 dB" in page.one(class_="notice").text
        assert page.one("textarea", name="reason")
        response = staff_client.post(address(model, "model_promote"), {"force": "on"}, follow=True)
        assert "Overruling the figures needs a reason" in page_of(response).all(class_="notice")[0].text
        assert ModelVersion.objects.default().get() == default
        staff_client.post(address(model, "model_promote"), {"force": "on", "reason": "Smaller <b>"})
        assert ModelVersion.objects.default().get() == model
        page = get_page(staff_client, address(model))
        assert page.one("blockquote").text == "Smaller <b>"
        assert "in spite of its figures · budi" in page.one(class_="history").text

    def test_without_the_box_a_worse_one_is_refused_with_the_sentence(self, staff_client):
        make_model_version(figures=FIGURES)
        model = make_model_version(figures=better_by(-1.0))
        response = staff_client.post(address(model, "model_promote"), {"reason": "please"}, follow=True)
        assert "is worse than the present default" in page_of(response).all(class_="notice")[0].text
        assert not model.promotions.exists()

    def test_others_see_no_button_and_are_refused(self, user_client):
        make_model_version(figures=FIGURES)
        model = make_model_version(figures=FIGURES)
        assert get_page(user_client, address(model)).all("form", action=address(model, "model_promote")) == []
        assert user_client.post(address(model, "model_promote")).status_code == 403
        assert ModelPromotion.objects.count() == 1

    def test_a_get_promotes_nobody(self, staff_client):
        model = make_model_version()
        assert staff_client.get(address(model, "model_promote")).status_code == 405


class TestComparing:
    def test_one_model_is_not_enough(self, user_client):
        make_model_version()
        assert get_page(user_client, COMPARE).one("h2").text == "It takes two"

    def test_without_a_choice_the_default_meets_the_newest(self, user_client):
        default = make_model_version()
        make_model_version()
        newest = make_model_version()
        chosen = [
            o["value"] for o in get_page(user_client, COMPARE).all("option") if "selected" in o.attributes
        ]
        assert chosen == [str(default.pk), str(newest.pk)]

    def test_figures_stand_side_by_side_with_their_differences_in_words(self, user_client):
        first = make_model_version(figures=FIGURES)
        figures = better_by(1.5)
        figures["light"]["ssim"] -= 0.01
        second = make_model_version(figures=figures)
        page = get_page(user_client, compare_address(first, second))
        rows = [row.text for row in page.all("tr")]
        assert "PSNR 25.00 dB [24.75; 25.25] 26.50 dB [26.23; 26.77] +1.50 dB better" in rows
        assert any(row.endswith("\N{MINUS SIGN}0.0100 worse") for row in rows)
        assert any(row.endswith("+0.00 dB equal") for row in rows)

    def test_what_was_measured_on_other_pictures_is_not_compared(self, user_client):
        first = make_model_version(figures=FIGURES)
        second = make_model_version(figures=better_by(1.5), measured={"manifest": "c" * 64})
        page = get_page(user_client, compare_address(first, second))
        assert "different pictures" in page.one(class_="notice").text
        assert page.all(class_="verdict") == []

    @pytest.mark.parametrize("query", ["?first=x&second=y", "?first=&second=", "?first=1"])
    def test_nonsense_in_the_address_chooses_nothing(self, user_client, query):
        make_model_version()
        make_model_version()
        assert len(get_page(user_client, COMPARE + query).all("option")) == 2 * 2 + 3  # and the theme's

    def test_a_model_is_not_compared_with_itself(self, user_client):
        first, second = make_model_version(), make_model_version()
        page = get_page(user_client, compare_address(second, second))
        chosen = [option["value"] for option in page.all("option") if "selected" in option.attributes]
        assert chosen == [str(second.pk), str(first.pk)]


class TestSamplePictures:
    def test_looking_queues_nothing_and_the_page_asks_by_post(
        self, user_client, django_capture_on_commit_callbacks
    ):
        first, second = make_model_version(), make_model_version()
        page = get_page(user_client, compare_address(first, second))
        assert SampleRun.objects.count() == 0
        form = page.one("form", id="samples-request")
        assert (form["hx-trigger"], form["hx-post"]) == ("load, submit", SAMPLES_STATE)
        assert [each["value"] for each in page.all("input", name="pending")] == [
            f"{name}-{level}" for name, level in SAMPLES
        ]
        asked = {"first": first.pk, "second": second.pk}
        with django_capture_on_commit_callbacks(execute=True):
            answer = user_client.post(SAMPLES_STATE, asked, headers={"HX-Request": "true"})
        assert SampleRun.objects.filter(status="queued").count() == OrmQ.objects.count() == 2
        state = Page(answer.content.decode()).one(id="samples-state")
        assert (state["hx-swap-oob"], state["hx-trigger"]) == ("true", "every 2s")
        assert "0 of 10 restored" in state.text

    def test_without_script_the_button_comes_back_to_the_page(self, user_client):
        first, second = make_model_version(), make_model_version()
        response = user_client.post(SAMPLES_STATE, {"first": first.pk, "second": second.pk})
        assert (response.status_code, response["Location"]) == (302, compare_address(first, second))

    def test_a_poll_brings_what_has_come_in_and_ends(self, user_client):
        first, second = make_model_version(), make_model_version()
        make_sample_results(first)
        name, level = SAMPLES[0]
        waiting = compare_address(first, second, SAMPLES_STATE) + f"&pending={name}-{level}"
        assert Page(user_client.get(waiting).content.decode()).all("li", class_="sample") == []
        make_sample_results(second)
        answer = Page(user_client.get(waiting).content.decode())
        assert [card["id"] for card in answer.all("li", class_="sample")] == [f"sample-{name}-{level}"]
        state = answer.one(id="samples-state")
        assert "hx-get" not in state.attributes
        assert state["data-announce"] == "All pictures are restored."

    def test_both_results_lie_over_each_other_beside_the_damage(self, user_client):
        first, second = make_model_version(name="old"), make_model_version(name="new")
        make_sample_results(first, second)
        page = get_page(user_client, compare_address(first, second))
        assert len(page.all("before-after")) == len(SAMPLES)
        labels = [label.text for label in page.all(class_="stage-label")[:2]]
        assert labels == ["new", "old"]
        assert "PSNR 30.00 dB, SSIM 0.9000" in page.all("li", class_="sample")[0].text
        for image in page.all("img"):
            if image["src"].startswith("/models/"):
                response = user_client.get(image["src"])
                assert (response.status_code, response["Content-Type"]) == (200, "image/webp")

    def test_a_run_that_failed_says_why_and_can_be_tried_again(self, user_client):
        first, second = make_model_version(), make_model_version()
        make_sample_results(first)
        SampleRun.objects.create(
            model_version=second, status="failed", error_code="restoration:model:missing"
        )
        page = get_page(user_client, compare_address(first, second))
        assert "weights file is missing" in page.one(class_="notice--error").text
        assert "Try again" in [button.text for button in page.all("button")]

    def test_queries_do_not_grow_with_the_samples(self, user_client, django_assert_num_queries):
        first, second = make_model_version(), make_model_version()
        make_sample_results(first, second)
        with django_assert_num_queries(6):  # session, user, models, samples, results, runs
            user_client.get(compare_address(first, second))


class TestVisibility:
    def test_whoever_is_not_signed_in_sees_nothing(self, client):
        result = make_sample_results(make_model_version())[0]
        model = result.model_version
        addresses = [
            *(LIST, COMPARE, SAMPLES_STATE, address(model)),
            reverse("restoration:sample_rendition", args=[result.sample_id, "clean"]),
            reverse("restoration:sample_result_rendition", args=[result.pk]),
        ]
        for each in addresses:
            response = client.get(each)
            assert response.status_code == 302
            assert response["Location"].startswith(reverse("sign_in"))
        assert client.post(address(model, "model_promote")).status_code == 302
        assert list(ModelVersion.objects.visible_to(AnonymousUser())) == []

    def test_what_is_not_there_is_not_found(self, user_client):
        sample = make_sample_results(make_model_version())[0].sample
        nobody = SamplePicture().pk
        for missing in (
            reverse("restoration:model_detail", args=[nobody]),
            reverse("restoration:sample_rendition", args=[nobody, "clean"]),
            reverse("restoration:sample_rendition", args=[sample.pk, "other"]),
            reverse("restoration:sample_result_rendition", args=[SampleResult().pk]),
        ):
            assert user_client.get(missing).status_code == 404


@pytest.mark.parametrize(
    ("name", "heading"),
    [("model_list", "Model"), ("model_compare", "Bandingkan dua model")],
)
def test_pages_speak_indonesian(user_client, name, heading):
    make_model_version(figures=FIGURES)
    make_model_version(figures=better_by(1.0))
    user_client.cookies["django_language"] = "id"
    page = get_page(user_client, reverse(f"restoration:{name}"))
    assert page.one("h1").text == heading
    text = page.one("main").text
    assert "Kerusakan berat" in text
    assert "26,00 dB" in text
