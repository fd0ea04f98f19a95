"""Pages of what comes in: the plain upload form, and imports with what became of each file."""

from __future__ import annotations

import csv
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

from archive.access.signed_in import SignedInRequest, signed_in_poll
from archive.arrivals import begin_work
from archive.description.metadata_csv import neutralised
from archive.errors import PulihError
from archive.forms.ingest import UploadForm
from archive.models import Collection, ImportItem, ImportRun
from archive.services import ingest_photo, upload_zip

RUNS_PER_PAGE = 24
ITEMS_PER_PAGE = 100


@login_required
@require_POST
def photo_upload(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Takes files and ZIPs from a plain form, any number, and comes back to the gallery. Scripts upload over
    the API, where they can go on after an interruption.
    """
    collection = _curated(request, collection_id)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["file"])))
        return redirect("restoration:collection_detail", collection.pk)
    for file in form.cleaned_data["file"]:
        try:
            _take(request, collection, file)
        except PulihError as error:
            messages.error(request, f"{file.name}: {error.message}")
    return redirect("restoration:collection_detail", collection.pk)


@login_required
@require_safe
def import_list(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """The imports into a collection, newest first."""
    collection = _curated(request, collection_id)
    runs = ImportRun.objects.visible_to(request.user).filter(collection=collection).with_counts()
    page = Paginator(runs.select_related("started_by"), RUNS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "archive/import_list.html", {"collection": collection, "page": page})


@login_required
@require_safe
def import_detail(request: SignedInRequest, run_id: UUID) -> HttpResponse:
    """One import with its files, or those with one outcome."""
    return render(request, "archive/import_detail.html", _import_context(request, run_id))


@signed_in_poll
@require_safe
def import_progress(request: SignedInRequest, run_id: UUID) -> HttpResponse:
    """How far the import is; polling ends with it."""
    context = _import_context(request, run_id)
    response = render(request, "archive/_import_progress.html", context)
    return response if context["run"].is_active else HttpResponseStopPolling(response.content)


@login_required
@require_safe
def import_refusals(request: SignedInRequest, run_id: UUID) -> HttpResponse:
    """The files that did not come in, and why, as CSV."""
    run = get_object_or_404(ImportRun.objects.visible_to(request.user), pk=run_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="refused.csv"'
    response.write("\ufeff")  # tells spreadsheets that this is UTF-8
    writer = csv.writer(response)
    writer.writerow(["path", "outcome", "code", "reason"])
    refused = run.items.filter(outcome__in=[ImportItem.Outcome.REFUSED, ImportItem.Outcome.PASSED_OVER])
    for item in refused.iterator():
        told = (item.path, item.outcome, item.code, item.message)
        writer.writerow([neutralised(cell) for cell in told])
    return response


def _take(request: SignedInRequest, collection: Collection, file: UploadedFile) -> None:
    name = file.name or ""
    if not name.lower().endswith(".zip"):
        ingest_photo(
            collection=collection,
            uploaded_by=request.user,
            file=file,
            filename=name,
            in_same_transaction=begin_work,
        )
        return
    upload_zip(collection=collection, uploaded_by=request.user, file=file, filename=name)
    messages.success(request, _("%(name)s has arrived and is being unpacked.") % {"name": name})


def _curated(request: HttpRequest, collection_id: UUID) -> Collection:
    """A collection that this person curates: 404 where he may not see it, 403 where only that."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    if not Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists():
        raise PermissionDenied
    return collection


def _import_context(request: SignedInRequest, run_id: UUID) -> dict[str, Any]:
    visible = ImportRun.objects.visible_to(request.user).with_counts()
    run = get_object_or_404(visible.select_related("collection", "started_by"), pk=run_id)
    chosen = request.GET.get("outcome")
    items = run.items.select_related("photo")
    if chosen in ImportItem.Outcome.values:
        items = items.filter(outcome=chosen)
    counts = {outcome: getattr(run, outcome.value.replace("-", "_")) for outcome in ImportItem.Outcome}
    return {
        "run": run,
        "chosen": chosen if chosen in ImportItem.Outcome.values else "",
        "counts": [(outcome.value, outcome.label, count) for outcome, count in counts.items()],
        "ended": sum(counts.values()),
        "outcome_query": f"outcome={chosen}&" if chosen in ImportItem.Outcome.values else "",
        "page": Paginator(items, ITEMS_PER_PAGE).get_page(request.GET.get("page")),
    }
