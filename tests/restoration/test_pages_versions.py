"""The photo page's versions: choosing one; asking for others by settings, hand, strength; layers, report."""

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from archive.models import Membership, Original, Photo
from restoration.models import Restoration
from restoration.running.hands import PROTECT, REPAIR
from restoration.running.stored_files import Kept
from tests import pictures
from tests.factories import make_model_version, make_restoration, make_user
from tests.html_page import Page, get_page, page_of
from tests.stored import kept_path

pytestmark = pytest.mark.django_db

Status = Restoration.Status


def detail(photo: Photo, shown: Restoration | None = None) -> str:
    address = reverse("restoration:photo_detail", args=[photo.pk])
    return f"{address}?version={shown.pk}" if shown else address


def asking(photo: Photo) -> str:
    return reverse("restoration:request", args=[photo.pk])


def kept(restoration: Restoration, name: str) -> str:
    return reverse("restoration:kept", args=[restoration.pk, name])


def hand_png() -> bytes:
    """Of the shape of `pictures.portrait`: the left half is to be repaired, the rest protected."""
    values = np.full((160, 128), PROTECT, np.uint8)
    values[:, :64] = REPAIR
    return pictures.png(Image.fromarray(values))


class TestChoosing:
    def test_newest_is_shown_and_all_are_listed(self, signed_in: Client, photo: Photo) -> None:
        first = make_restoration(photo=photo)
        second = make_restoration(photo=photo, strength=60, quick=True, thorough=True, hand=hand_png())
        page = get_page(signed_in, detail(photo))
        links = page.all("a", class_="version__link")
        assert [(link.text, link["href"]) for link in links] == [
            ("Version 2", detail(photo, second)),
            ("Version 1", detail(photo, first)),
        ]
        assert [link.text for link in links if "aria-current" in link.attributes] == ["Version 2"]
        told = f"{second.model_version} · 60 % · marked by hand · quick · thorough"
        assert told in page.all("li", class_="version")[0].text
        assert page.one("a", id="download-restored")["href"].endswith(f"{second.pk}/result/")

    def test_address_chooses_a_version_and_says_so(self, signed_in: Client, photo: Photo) -> None:
        first = make_restoration(photo=photo)
        make_restoration(photo=photo)
        page = get_page(signed_in, detail(photo, first))
        assert page.one("a", id="download-restored")["href"].endswith(f"{first.pk}/result/")
        panel = page.one("section", id="restoration-status").text
        assert "You are looking at version 1. The newest is version 2" in panel

    @pytest.mark.parametrize("foreign", ["nonsense", "of another photo"])
    def test_what_is_no_version_of_this_photo_shows_the_newest(
        self, signed_in: Client, photo: Photo, foreign: str
    ) -> None:
        mine = make_restoration(photo=photo)
        wanted = foreign if foreign == "nonsense" else make_restoration().pk
        page = get_page(signed_in, f"{detail(photo)}?version={wanted}")
        assert page.one("a", id="download-restored")["href"].endswith(f"{mine.pk}/result/")

    def test_a_version_is_decided_about_by_itself(self, signed_in: Client, photo: Photo) -> None:
        first, second = make_restoration(photo=photo), make_restoration(photo=photo)
        form = get_page(signed_in, detail(photo, first)).one(
            "form", action=reverse("restoration:review", args=[first.pk])
        )
        response = signed_in.post(form["action"], {"decision": "approved"})
        assert response["Location"] == detail(photo, first)
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.review_state, second.review_state) == ("approved", "unreviewed")

    def test_older_version_is_left_alone_while_a_newer_one_is_made(
        self, signed_in: Client, photo: Photo
    ) -> None:
        first = make_restoration(photo=photo)
        newer = make_restoration(photo=photo, status=Status.RUNNING)
        page = get_page(signed_in, detail(photo, first))
        versions = page.one("section", id="versions")
        polled = f"{reverse('restoration:photo_versions', args=[photo.pk])}?version={first.pk}"
        assert (versions["hx-get"], versions["hx-swap"]) == (polled, "outerHTML")
        assert "hx-get" not in page.one("section", id="restoration-status").attributes
        assert page.all("restore-form") == page.all("damage-brush") == page.all("strength-slider") == []
        assert "another can be asked for" in page.one("div", id="again").text

        Restoration.objects.filter(pk=newer.pk).update(status=Status.FAILED, error_code="x")
        fragment = Page(signed_in.get(polled).content.decode())
        assert "hx-get" not in fragment.one("section", id="versions").attributes
        finished = fragment.one("div", id="again")
        assert finished["hx-swap-oob"] == "true"
        assert finished.text == "The new version has finished. Look at it"


class TestAsking:
    def test_form_sends_model_strength_quick_thorough_and_hand(
        self, signed_in: Client, photo: Photo, curator: User
    ) -> None:
        make_restoration(photo=photo)
        other = make_model_version(name="other")
        form = get_page(signed_in, detail(photo)).one("form", id="again-form")
        assert (form["action"], form["enctype"]) == (asking(photo), "multipart/form-data")
        hand = SimpleUploadedFile("hand.png", hand_png(), "image/png")
        assert "three to four times as long" in form.text
        response = signed_in.post(
            asking(photo),
            {"model": other.pk, "strength": 40, "quick": "on", "thorough": "on", "hand": hand},
        )
        assert response["Location"] == detail(photo)
        asked = photo.restorations.get(status=Status.QUEUED)
        assert (asked.wanted_model, asked.strength, asked.quick, asked.thorough) == (other, 40, True, True)
        assert asked.requested_by == curator
        stored = kept_path(asked, Kept.HAND)
        assert stored is not None
        assert np.array_equal(
            np.asarray(Image.open(stored)), np.asarray(pictures.opened(hand_png()).convert("L"))
        )

    def test_everything_may_be_left_as_it_is(self, signed_in: Client, photo: Photo) -> None:
        signed_in.post(asking(photo))
        asked = photo.restorations.get()
        assert (asked.wanted_model, asked.strength, asked.hand_sha256) == (None, 100, "")
        assert (asked.quick, asked.thorough) == (False, False)

    def test_script_gets_the_address_to_go_on_with(self, signed_in: Client, photo: Photo) -> None:
        response = signed_in.post(asking(photo), headers={"X-Requested-With": "XMLHttpRequest"})
        assert (response.status_code, response.json()) == (202, {"address": detail(photo)})

    @pytest.mark.parametrize(
        ("sent", "status", "code"),
        [
            ({"strength": 101}, 400, "invalid"),
            ({"model": "nonsense"}, 400, "invalid"),
            ({"hand": b"no picture"}, 400, "restoration:hand:not-a-png"),
            ({"hand": pictures.png(Image.new("L", (160, 20)))}, 400, "restoration:hand:proportions"),
        ],
    )
    def test_refusal_tells_code_and_sentence_and_queues_nothing(
        self, signed_in: Client, photo: Photo, sent: dict[str, object], status: int, code: str
    ) -> None:
        fields = {
            name: SimpleUploadedFile("hand.png", value) if isinstance(value, bytes) else value
            for name, value in sent.items()
        }
        response = signed_in.post(asking(photo), fields, headers={"X-Requested-With": "XMLHttpRequest"})
        assert response.status_code == status
        assert response.json()["code"] == code
        assert response.json()["message"]
        assert not photo.restorations.exists()

    def test_second_request_is_told_to_a_script_too(self, signed_in: Client, photo: Photo) -> None:
        make_restoration(photo=photo, status=Status.RUNNING)
        response = signed_in.post(asking(photo), headers={"X-Requested-With": "XMLHttpRequest"})
        assert (response.status_code, response.json()["code"]) == (409, "restoration:request:already-active")


class TestHand:
    def test_brush_begins_with_the_shown_versions_hand_and_its_found_damage(
        self, signed_in: Client, photo: Photo
    ) -> None:
        plain = make_restoration(photo=photo)
        marked = make_restoration(photo=photo, hand=hand_png())
        page = get_page(signed_in, detail(photo))
        assert page.one("damage-brush")["data-hand"] == kept(marked, "hand")
        found = [button for button in page.all("button") if "data-found" in button.attributes]
        assert [button["data-found"] for button in found] == [kept(marked, "mask")]
        page = get_page(signed_in, detail(photo, plain))
        assert "data-hand" not in page.one("damage-brush").attributes

    def test_hand_of_a_failed_version_is_not_lost(self, signed_in: Client, photo: Photo) -> None:
        failed = make_restoration(photo=photo, hand=hand_png(), status=Status.FAILED)
        assert get_page(signed_in, detail(photo)).one("damage-brush")["data-hand"] == kept(failed, "hand")
        response = signed_in.get(kept(failed, "hand"))
        assert (response["Content-Type"], response.status_code) == ("image/png", 200)

    def test_of_a_file_with_several_pages_it_says_which_one_is_marked(
        self, signed_in: Client, photo: Photo
    ) -> None:
        def brush() -> str:
            return get_page(signed_in, detail(photo)).one("damage-brush").text

        assert "Marks hold for the first page" not in brush()
        Original.objects.update(page_count=3)
        assert "Marks hold for the first page" in brush()

    def test_keys_of_the_brush_are_told(self, signed_in: Client, photo: Photo) -> None:
        page = get_page(signed_in, detail(photo))
        canvas = page.one("canvas", class_="brush__marks")
        assert (canvas["role"], canvas["tabindex"]) == ("application", "0")
        assert "brush-keys" in canvas["aria-describedby"]
        assert "Space paint where the brush stands" in page.one("dl", id="brush-keys").text


class TestStrength:
    def test_slider_previews_with_the_strongest_rendering_of_the_same_repair(
        self, signed_in: Client, photo: Photo
    ) -> None:
        full = make_restoration(photo=photo)
        Restoration.objects.filter(pk=full.pk).update(repair_sha256="a" * 64)
        other = make_restoration(photo=photo, strength=40)
        Restoration.objects.filter(pk=other.pk).update(repair_sha256="a" * 64)
        slider = get_page(signed_in, detail(photo)).one("strength-slider")
        assert (slider["data-strength"], slider["data-preview-strength"]) == ("40", "100")
        assert slider["data-preview-picture"] == reverse(
            "restoration:result_rendition", args=[full.pk, "web"]
        )

    def test_kept_strength_is_a_new_version_without_a_network(self, signed_in: Client, photo: Photo) -> None:
        base = make_restoration(photo=photo)
        page = get_page(signed_in, detail(photo))
        form = page.one("form", action=reverse("restoration:strength", args=[base.pk]))
        number = page.one("input", id="strength-number")
        assert (number["min"], number["max"], number["value"], number["name"]) == (
            "0",
            "100",
            "100",
            "strength",
        )
        response = signed_in.post(form["action"], {"strength": "35"})
        assert response["Location"] == detail(photo)
        asked = photo.restorations.get(status=Status.QUEUED)
        assert (asked.based_on, asked.strength, asked.repair_sha256) == (base, 35, base.repair_sha256)

    @pytest.mark.parametrize("strength", ["101", "-1", "much", ""])
    def test_what_is_no_strength_is_told_and_queues_nothing(
        self, signed_in: Client, photo: Photo, strength: str
    ) -> None:
        base = make_restoration(photo=photo)
        address = reverse("restoration:strength", args=[base.pk])
        response = signed_in.post(address, {"strength": strength}, follow=True)
        assert page_of(response).one(class_="notices").text
        assert photo.restorations.count() == 1

    def test_strength_of_what_kept_no_repair_is_not_offered(self, signed_in: Client, photo: Photo) -> None:
        base = make_restoration(photo=photo)
        Restoration.objects.filter(pk=base.pk).update(repair_sha256="")
        assert get_page(signed_in, detail(photo)).all("strength-slider") == []
        response = signed_in.post(
            reverse("restoration:strength", args=[base.pk]), {"strength": 50}, follow=True
        )
        assert "was not kept" in page_of(response).one(class_="notices").text


class TestLayersAndFiles:
    def test_every_layer_can_be_laid_over_and_has_a_key(self, signed_in: Client, photo: Photo) -> None:
        restoration = make_restoration(photo=photo)
        page = get_page(signed_in, detail(photo))
        assert [box["id"] for box in page.all("input", type="checkbox") if "layer" in box["id"]] == [
            "layer-mask",
            "layer-change",
            "layer-invention",
        ]
        drawn = {layer["class"]: layer["data-kind"] for layer in page.all("picture-layer")}
        assert drawn == {
            "layer layer--mask": "outline",
            "layer layer--change": "heat",
            "layer layer--invention": "heat",
        }
        assert len(page.all("p", class_="layers__key")) == 3
        assert page.one("img", alt="Invention")["src"] == kept(restoration, "invention")

    def test_layer_whose_file_is_gone_is_not_offered(self, signed_in: Client, photo: Photo) -> None:
        restoration = make_restoration(photo=photo)
        gone = kept_path(restoration, Kept.CHANGE)
        assert gone is not None
        gone.unlink()
        page = get_page(signed_in, detail(photo))
        assert [box["id"] for box in page.all("input", type="checkbox") if "layer" in box["id"]] == [
            "layer-mask",
            "layer-invention",
        ]
        assert signed_in.get(kept(restoration, "change")).status_code == 404

    def test_layers_are_shown_inline_and_saved_under_the_photos_name(
        self, signed_in: Client, photo: Photo
    ) -> None:
        restoration = make_restoration(photo=photo)
        shown = signed_in.get(kept(restoration, "mask"))
        assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
        assert "Content-Disposition" not in shown or "attachment" not in shown["Content-Disposition"]
        saved = signed_in.get(kept(restoration, "mask") + "?download")
        assert saved["Content-Disposition"] == 'attachment; filename="Bibi Sri-mask.png"'
        repair = signed_in.get(kept(restoration, "repair"))
        assert repair["Content-Disposition"] == 'attachment; filename="Bibi Sri-repair.tif"'
        assert repair["Content-Type"] == "image/tiff"

    def test_what_is_not_kept_is_not_found(self, signed_in: Client, photo: Photo) -> None:
        restoration = make_restoration(photo=photo)
        for name in ("hand", "nonsense"):
            assert signed_in.get(kept(restoration, name)).status_code == 404


class TestPermissions:
    def test_viewer_looks_at_everything_and_asks_for_nothing(self, client: Client, photo: Photo) -> None:
        base = make_restoration(photo=photo, hand=hand_png())
        viewer = make_user()
        Membership.objects.create(collection=photo.collection, user=viewer, role=Membership.Role.VIEWER)
        client.force_login(viewer)
        page = get_page(client, detail(photo))
        assert len(page.all("picture-layer")) == 3
        assert page.all("strength-slider") == page.all("damage-brush") == page.all("restore-form") == []
        assert client.get(kept(base, "hand")).status_code == 200
        strength = reverse("restoration:strength", args=[base.pk])
        assert client.post(strength, {"strength": 50}).status_code == 403
        assert client.post(asking(photo)).status_code == 403
        assert photo.restorations.count() == 1

    def test_stranger_finds_nothing(self, client: Client, photo: Photo) -> None:
        base = make_restoration(photo=photo)
        client.force_login(make_user(is_staff=True, is_superuser=True))
        versions = reverse("restoration:photo_versions", args=[photo.pk])
        assert client.get(versions).status_code == 404
        assert client.get(kept(base, "mask")).status_code == 404
        strength = reverse("restoration:strength", args=[base.pk])
        assert client.post(strength, {"strength": 50}).status_code == 404
