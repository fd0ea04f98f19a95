"""The review room: one picture after the other, decisions, taking them back; what was decided and why."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archive.access.signed_in import SignedInRequest
from archive.errors import InputError, StateError
from archive.finding.counts import count_found
from archive.finding.pages import AFTER
from archive.models import Collection
from restoration.forms import RestorationForm
from restoration.models import ModelVersion, Restoration, Review, ReviewRule
from restoration.presentation.change_reports import report_of
from restoration.reviewing.figures import review_figures
from restoration.reviewing.forms import DeskForm, ReviewRuleForm, UndoForm, VerdictForm
from restoration.reviewing.queue import ASKED, ReviewQueue, queue_of
from restoration.reviewing.reasons import Reason
from restoration.reviewing.rules import Rule, rules_over
from restoration.services import (
    RESERVED_FOR,
    Reserved,
    release_reservations,
    renew_reservations,
    reserve_next,
    reserve_photo,
    reserve_restoration,
    review_restoration,
    set_review_rule,
    undo_reviews,
)

PHOTO, DECIDED = "photo", "decided"
"""In addresses: the picture to show, and the restoration about which one has just decided."""


@never_cache
@login_required
@require_safe
def review_queue(request: SignedInRequest, collection_id: UUID | None = None) -> HttpResponse:
    """The room: of a collection and what lies below it, or of everything that one may review.

    With `?fragment` only the next picture is answered, for the script that loads it in advance; 204 at the
    end of the queue.
    """
    collection = _reviewable(request, collection_id) if collection_id else None
    queue = queue_of(request.user, request.GET, collection)
    address = reverse("restoration:collection_review", args=[collection_id]) if collection_id else _room()
    shown = _shown(request, queue)
    context: dict[str, Any] = {
        "collection": collection,
        "queue": queue,
        "address": address,
        "reasons": list(Reason),
    }
    context |= _item_context(queue, shown, address)
    if "fragment" in request.GET:
        if shown is None:
            return HttpResponse(status=204)
        return render(request, "restoration/_review_item.html", context)
    fields = [queue.form[name] for name in ASKED if name in queue.form.fields]
    own = [queue.queue_form[name] for name in queue.queue_form.fields]
    offered = {field.name for field in (*fields, *own)} | {"sort"}
    context |= {
        "total": count_found(queue),
        "fields": [*fields, *own],
        "kept": {name: value for name, value in queue.parameters.items() if name not in offered},
        "query": queue.address_query(),
        "restoration_form": RestorationForm(models=_models(request)),
        "decided": _decided(request),
        "renew_seconds": int(RESERVED_FOR.total_seconds() // 5),
    }
    return render(request, "restoration/review_room.html", context)


@login_required
@require_POST
def review_decide(request: SignedInRequest) -> HttpResponse:
    """Decides about one restoration, if nobody has meanwhile, and leads to the next.

    A script gets `{"state", "label"}`, or `{"code", "message"}` (400, 409).
    """
    form = VerdictForm(request.POST)
    if not form.is_valid():
        return _refused(request, 400, "invalid", form.sentences(), form.cleaned_data.get("next"))
    wanted = form.cleaned_data
    restoration = _restoration(request, wanted["restoration"])
    try:
        review = review_restoration(
            restoration=restoration,
            reviewer=request.user,
            decision=wanted["decision"],
            reason=wanted["reason"],
            comment=wanted["comment"],
            expected_state=Restoration.ReviewState.UNREVIEWED,
        )
    except (InputError, StateError) as error:
        status = 400 if isinstance(error, InputError) else 409
        return _refused(request, status, error.code, error.message, wanted["next"])
    if _by_script(request):
        return JsonResponse({"state": restoration.review_state, "label": review.get_decision_display()})
    return redirect(_with(_safe(request, wanted["next"]), DECIDED, restoration.pk))


@login_required
@require_POST
def review_undo(request: SignedInRequest) -> HttpResponse:
    """Takes back one's own newest decisions about the restorations that are named.

    A script gets `{"undone": [...], "refused": [{"restoration", "code", "message"}]}`, 409 where none was.
    """
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _refused(request, 400, "invalid", form.sentences(), None)
    results = undo_reviews(restorations=form.cleaned_data["restoration"], actor=request.user)
    undone = [each.review.restoration for each in results if each.review]
    refused = [each for each in results if each.error]
    if len(undone) == 1:
        reserve_photo(photo=undone[0].photo_id, reviewer=request.user)
    if _by_script(request):
        told = [
            {"restoration": str(each.restoration), "code": each.error.code, "message": each.error.message}
            for each in refused
            if each.error
        ]
        body = {"undone": [str(each.pk) for each in undone], "refused": told}
        return JsonResponse(body, status=200 if undone else 409)
    for sentence in {each.error.message for each in refused if each.error}:
        messages.error(request, sentence)
    address = _safe(request, form.cleaned_data["next"])
    in_room = len(undone) == 1 and urlsplit(address).path.endswith(_room())
    return redirect(_with(address, PHOTO, undone[0].photo_id) if in_room else address)


@login_required
@require_POST
def review_desk(request: SignedInRequest) -> HttpResponse:
    """Goes on holding photos, takes one back on the desk, or clears them from it.

    Answers `{"held": [...]}`, the photos that are the reviewer's now.
    """
    form = DeskForm(request.POST)
    if not form.is_valid():
        return _refused(request, 400, "invalid", form.sentences(), None)
    photos, held = form.cleaned_data["photo"], []
    if form.cleaned_data["action"] == "release":
        release_reservations(reviewer=request.user, photos=photos)
    elif form.cleaned_data["action"] == "take":
        queue = queue_of(request.user, {})
        held = [photo for photo in photos if reserve_restoration(queue=queue, photo=photo)]
    else:
        held = renew_reservations(photos=photos, reviewer=request.user)
    return JsonResponse({"held": [str(photo) for photo in held]})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review_summary(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Decisions and reasons by model, and the rule of four eyes, which owners set."""
    collection = _reviewable(request, collection_id)
    owns = Collection.objects.owned_by(request.user).filter(pk=collection.pk).exists()
    own = ReviewRule.objects.filter(collection=collection).first()
    form = ReviewRuleForm(request.POST or None, initial={"rule": own.rule if own else Rule.NONE})
    if request.method == "POST":
        if not owns:
            raise PermissionDenied
        if form.is_valid():
            set_review_rule(collection=collection, actor=request.user, rule=form.cleaned_data["rule"])
            return redirect("restoration:review_summary", collection.pk)
    figures = review_figures(request.user, collection)
    by_reason = zip(*(each.in_order for each in figures), strict=True)
    labels = [*Reason.labels, gettext("Without a reason")]
    context = {
        "collection": collection,
        "figures": figures,
        "rows": list(zip(labels, by_reason, strict=False)),
        "rules": sorted(rules_over([collection.pk])[collection.pk]),
        "rule_form": form if owns else None,
    }
    return render(request, "restoration/review_summary.html", context)


def _room() -> str:
    return reverse("restoration:review_queue")


def _shown(request: SignedInRequest, queue: ReviewQueue) -> Reserved | None:
    """The picture that the address asks for, while it awaits a decision; else the next after its place."""
    try:
        photo = UUID(request.GET.get(PHOTO, ""))
    except ValueError:
        return reserve_next(queue=queue, after=request.GET.get(AFTER, ""))
    restoration = reserve_restoration(queue=queue_of(request.user, {}), photo=photo)
    if restoration is None:
        return reserve_next(queue=queue, after=request.GET.get(AFTER, ""))
    return Reserved(restoration, request.GET.get(AFTER, ""))


def _item_context(queue: ReviewQueue, shown: Reserved | None, address: str) -> dict[str, Any]:
    """What restoration/_review_item.html speaks of."""
    if shown is None:
        return {"restoration": None}
    restoration = shown.restoration
    return {
        "restoration": restoration,
        "photo": restoration.photo,
        "report": report_of(restoration),
        "place": shown.place,
        "next_address": f"{address}?{queue.address_query(**{AFTER: shown.place} if shown.place else {})}",
    }


def _reviewable(request: SignedInRequest, collection_id: UUID) -> Collection:
    """404 where the person may not see the collection, 403 where he may not decide in it."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    if not Collection.objects.reviewable_by(request.user).filter(pk=collection.pk).exists():
        raise PermissionDenied
    return collection


def _restoration(request: SignedInRequest, key: UUID) -> Restoration:
    visible = Restoration.objects.visible_to(request.user).select_related("photo__collection")
    restoration = get_object_or_404(visible, pk=key)
    if not Restoration.objects.reviewable_by(request.user).filter(pk=restoration.pk).exists():
        raise PermissionDenied
    return restoration


def _decided(request: SignedInRequest) -> Review | None:
    """The decision of which the address tells, for a page without script to offer its undoing."""
    try:
        key = UUID(request.GET.get(DECIDED, ""))
    except ValueError:
        return None
    mine = Review.objects.filter(restoration=key, reviewer=request.user).select_related("restoration__photo")
    return mine.exclude(decision=Review.UNDONE).first()


def _models(request: SignedInRequest) -> Any:
    return ModelVersion.objects.visible_to(request.user).for_lists().defer("benchmark")


def _refused(
    request: SignedInRequest, status: int, code: str, message: str, address: str | None
) -> HttpResponse:
    if _by_script(request):
        return JsonResponse({"code": code, "message": message}, status=status)
    messages.error(request, message)
    return redirect(_safe(request, address or ""))


def _by_script(request: SignedInRequest) -> bool:
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def _safe(request: SignedInRequest, address: str) -> str:
    """The address if it is one of ours, else the room."""
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if address and ours else _room()


def _with(address: str, name: str, value: UUID) -> str:
    return f"{address}{'&' if '?' in address else '?'}{name}={value}"
