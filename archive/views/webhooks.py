"""Webhooks: of one's account or of a collection, each with its log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from archive.access.signed_in import SignedInRequest
from archive.errors import InputError, StateError
from archive.forms.webhooks import WebhookForm
from archive.models import Collection, Webhook, WebhookDelivery
from archive.services import (
    change_webhook,
    change_webhook_secret,
    create_webhook,
    delete_webhook,
    pause_webhook,
    redeliver,
    resume_webhook,
    test_webhook,
)

DELIVERIES_PER_PAGE = 25


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account_webhooks(request: SignedInRequest) -> HttpResponse:
    """One's own, for all collections that one owns, and a form for another."""
    return _list(request, None)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def collection_webhooks(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """A collection's, whoever of its owners made them, and a form for another."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    if not Collection.objects.owned_by(request.user).filter(pk=collection.pk).exists():
        raise PermissionDenied
    return _list(request, collection)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: SignedInRequest, webhook_id: UUID) -> HttpResponse:
    """One webhook: what it is, which is changed here, and what became of what it was to tell."""
    found = _visible(request, webhook_id)
    if request.method != "POST":
        return _page(request, found, WebhookForm.of(found))
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            change_webhook(webhook=found, actor=request.user, **form.cleaned_data)
        except InputError as error:
            _blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("archive:webhook", found.pk)
    return _page(request, found, form, status=400)


@login_required
@require_POST
def webhook_pause(request: SignedInRequest, webhook_id: UUID) -> HttpResponse:
    """Sends nothing until it is resumed."""
    found = pause_webhook(webhook=_visible(request, webhook_id), actor=request.user)
    return redirect("archive:webhook", found.pk)


@login_required
@require_POST
def webhook_resume(request: SignedInRequest, webhook_id: UUID) -> HttpResponse:
    """Goes on with what waits."""
    found = resume_webhook(webhook=_visible(request, webhook_id), actor=request.user)
    return redirect("archive:webhook", found.pk)


@never_cache
@login_required
@require_POST
def webhook_secret(request: SignedInRequest, webhook_id: UUID) -> HttpResponse:
    """Makes another secret; the answer shows it, this once."""
    found = _visible(request, webhook_id)
    secret = change_webhook_secret(webhook=found, actor=request.user)
    return _page(request, found, WebhookForm.of(found), new_secret=secret, is_changed=True)


@login_required
@require_POST
def webhook_test(request: SignedInRequest, webhook_id: UUID) -> HttpResponse:
    """Sends a test."""
    found = _visible(request, webhook_id)
    try:
        test_webhook(webhook=found)
    except StateError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("A test is on its way; the log tells how it went."))
    return redirect("archive:webhook", found.pk)


@login_required
@require_POST
def webhook_delete(request: SignedInRequest, webhook_id: UUID) -> HttpResponse:
    """Removes it with its log."""
    found = _visible(request, webhook_id)
    delete_webhook(webhook=found, actor=request.user)
    messages.success(request, _("The webhook was deleted."))
    if found.collection_id is None:
        return redirect("archive:webhooks")
    return redirect("archive:collection_webhooks", found.collection_id)


@login_required
@require_POST
def webhook_redeliver(request: SignedInRequest, delivery_id: UUID) -> HttpResponse:
    """Sends something again."""
    visible = WebhookDelivery.objects.visible_to(request.user)
    delivery = get_object_or_404(visible.select_related("webhook"), pk=delivery_id)
    try:
        redeliver(delivery=delivery)
    except StateError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("It is sent again; the log tells how it went."))
    return redirect("archive:webhook", delivery.webhook_id)


def _list(request: SignedInRequest, collection: Collection | None) -> HttpResponse:
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = create_webhook(owner=request.user, collection=collection, **form.cleaned_data)
        except (InputError, StateError) as error:
            _blame(form, error)
        else:
            return _page(request, made, WebhookForm.of(made), status=201, new_secret=secret)
    visible = Webhook.objects.visible_to(request.user).filter(collection=collection)
    context = {
        "collection": collection,
        "webhooks": visible.select_related("owner"),
        "form": form,
    }
    status = 400 if form.is_bound else 200
    return render(request, "archive/webhook_list.html", context, status=status)


def _page(
    request: SignedInRequest, found: Webhook, form: WebhookForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    pages = Paginator(found.deliveries.for_lists(), DELIVERIES_PER_PAGE)
    shown = {
        "webhook": found,
        "collection": found.collection,
        "form": form,
        "page": pages.get_page(request.GET.get("page")),
    }
    return render(request, "archive/webhook.html", shown | context, status=status)


def _visible(request: SignedInRequest, webhook_id: UUID) -> Webhook:
    visible = Webhook.objects.visible_to(request.user).select_related("owner", "collection")
    return get_object_or_404(visible, pk=webhook_id)


def _blame(form: WebhookForm, error: InputError | StateError) -> None:
    """Put the sentence at the field that it is about."""
    fields = {"archive:webhook:kinds": "kinds"}
    field = "url" if isinstance(error, InputError) else None
    form.add_error(fields.get(error.code, field), error.message)
