"""Asking for a restoration in one's own way: model, strength, quick, thorough, the curator's hand; and for a
blend.
"""

import numpy as np
import pytest
from PIL import Image

from archive.errors import InputError, StateError
from archive.models import Event
from restoration.models import Restoration
from restoration.running.stored_files import Kept
from restoration.services import request_restoration, request_strength
from tests import pictures
from tests.factories import make_model_version, make_photo, make_restoration
from tests.stored import kept_path

pytestmark = pytest.mark.django_db

QUEUED, RUNNING, DONE, FAILED, _CANCELLED = Restoration.Status.values


def hand(width: int = 128, height: int = 160) -> bytes:
    return pictures.png(Image.fromarray(np.full((height, width), 255, np.uint8)))


def test_by_default_the_model_of_the_day_at_full_strength():
    restoration = request_restoration(photo=make_photo(), requested_by=None)
    restoration.refresh_from_db()
    assert (restoration.wanted_model, restoration.strength) == (None, 100)
    assert (restoration.quick, restoration.thorough) == (False, False)
    assert (restoration.hand_sha256, restoration.based_on) == ("", None)


def test_everything_asked_for_is_kept():
    make_model_version()
    model, photo = make_model_version(), make_photo()
    restoration = request_restoration(
        photo=photo,
        requested_by=None,
        model_version=model,
        strength=0,
        quick=True,
        thorough=True,
        hand=hand(),
    )
    restoration.refresh_from_db()
    assert (restoration.wanted_model, restoration.strength) == (model, 0)
    assert (restoration.quick, restoration.thorough) == (True, True)
    with Image.open(kept_path(restoration, Kept.HAND)) as kept:
        assert (kept.size, np.unique(kept).tolist()) == ((128, 160), [255])


@pytest.mark.parametrize("strength", [-1, 101])
def test_a_strength_is_a_percentage(strength):
    with pytest.raises(InputError) as refused:
        request_restoration(photo=make_photo(), requested_by=None, strength=strength)
    assert refused.value.code == "restoration:strength:out-of-range"
    with pytest.raises(InputError) as refused:
        request_strength(restoration=make_restoration(), requested_by=None, strength=strength)
    assert refused.value.code == "restoration:strength:out-of-range"


def test_a_hand_that_is_refused_asks_for_nothing(media_root):
    photo = make_photo()
    with pytest.raises(InputError) as refused:
        request_restoration(photo=photo, requested_by=None, hand=hand(160, 128))
    assert refused.value.code == "restoration:hand:proportions"
    assert Restoration.objects.count() == 0


def test_a_hand_for_a_photo_that_is_busy_is_not_left_behind(media_root):
    busy = make_restoration(status=QUEUED)
    with pytest.raises(StateError):
        request_restoration(photo=busy.photo, requested_by=None, hand=hand())
    assert not (media_root / "layers").exists()


def test_an_empty_hand_is_none(media_root):
    nothing = pictures.png(Image.new("L", (128, 160)))
    restoration = request_restoration(photo=make_photo(), requested_by=None, hand=nothing)
    assert restoration.hand_sha256 == ""
    assert not (media_root / "layers").exists()


def test_a_blend_has_everything_of_its_base_but_the_strength():
    model = make_model_version()
    base = make_restoration(hand=hand(), quick=True, thorough=True)
    user = base.photo.uploaded_by
    version = request_strength(restoration=base, requested_by=user, strength=40)
    version.refresh_from_db()
    assert (version.status, version.photo, version.based_on, version.strength) == (
        QUEUED,
        base.photo,
        base,
        40,
    )
    assert (version.wanted_model, version.requested_by) == (model, user)
    assert (version.quick, version.thorough) == (True, True)
    for field in (
        "original_sha256",
        "seed",
        "hand_sha256",
        "repair_sha256",
        "repair_byte_size",
        "layers",
        "invention",
        "warnings",
    ):
        assert getattr(version, field) == getattr(base, field), field
    assert Event.objects.filter(kind="restoration-requested", actor=user).count() == 1
    base.refresh_from_db()
    assert (base.status, base.strength) == (DONE, 100)


@pytest.mark.parametrize("status", [QUEUED, RUNNING, FAILED])
def test_only_what_is_done_can_be_blended_again(status):
    with pytest.raises(StateError) as refused:
        request_strength(restoration=make_restoration(status=status), requested_by=None, strength=40)
    assert refused.value.code == "restoration:strength:not-done"


def test_what_was_made_before_repairs_were_kept_cannot_be_blended_again():
    old = make_restoration()
    Restoration.objects.update(repair_sha256="")
    with pytest.raises(StateError) as refused:
        request_strength(restoration=old, requested_by=None, strength=40)
    assert refused.value.code == "restoration:strength:no-repair"


def test_a_blend_waits_its_turn_as_well():
    done = make_restoration()
    make_restoration(photo=done.photo, status=QUEUED)
    with pytest.raises(StateError) as refused:
        request_strength(restoration=done, requested_by=None, strength=40)
    assert refused.value.code == "restoration:request:already-active"


def test_a_restoration_that_was_deleted_meanwhile_cannot_be_blended():
    done = make_restoration()
    Restoration.objects.all().delete()
    with pytest.raises(StateError) as refused:
        request_strength(restoration=done, requested_by=None, strength=40)
    assert refused.value.code == "restoration:strength:not-done"
