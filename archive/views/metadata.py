"""Pages of tables with descriptions: out as CSV, in again after a look at what would change."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

from archive.access.signed_in import SignedInRequest, signed_in_poll
from archive.description.history import shown_changes
from archive.description.metadata_csv import metadata_csv_response
from archive.errors import InputError, StateError
from archive.forms.descriptions import TableForm
from archive.models import Collection, MetadataImport, MetadataRow, Photo
from archive.services import apply_metadata, receive_metadata

ROWS_PER_PAGE = 200


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def descriptions(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Where the table is downloaded and handed in; then the page that says what it would change."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    may_describe = Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists()
    if request.method == "POST" and not may_describe:
        raise PermissionDenied
    form = TableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = receive_metadata(
                collection=collection,
                uploaded_by=request.user,
                content=file.read(),
                filename=file.name,
                key=form.cleaned_data["key"],
                clear_empty=form.cleaned_data["clear_empty"],
            )
        except InputError as error:
            form.add_error("file", error.message)
        else:
            return redirect("archive:metadata_import", kept.pk)
    handed_in = collection.metadata_imports.select_related("uploaded_by")
    context = {
        "collection": collection,
        "form": form,
        "may_describe": may_describe,
        "handed_in": (handed_in if may_describe else handed_in.filter(state=MetadataImport.State.DONE))[:20],
    }
    return render(request, "archive/descriptions.html", context)


@login_required
@require_safe
def descriptions_csv(request: SignedInRequest, collection_id: UUID) -> StreamingHttpResponse:
    """The table of everything in and below the collection."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    return metadata_csv_response(Photo.objects.visible_to(request.user).within(collection))


@login_required
@require_safe
def metadata_import(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    """What a table would change, row by row; what it has changed, once it has been applied."""
    return render(request, "archive/metadata_import.html", _context(request, _own(request, import_id)))


@signed_in_poll
@require_safe
def metadata_import_progress(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    """How far the table is; polling ends with it."""
    kept = _own(request, import_id)
    response = render(request, "archive/_metadata_import.html", _context(request, kept))
    return response if kept.is_active else HttpResponseStopPolling(response.content)


@login_required
@require_POST
def metadata_import_apply(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    """Has the rows applied that fit."""
    kept = _own(request, import_id)
    try:
        apply_metadata(metadata_import=kept, actor=request.user)
    except StateError as error:
        messages.error(request, error.message)
    return redirect("archive:metadata_import", kept.pk)


def _own(request: SignedInRequest, import_id: UUID) -> MetadataImport:
    """An import of a collection in which this person may describe: 404 where he may not see it, else 403."""
    visible = MetadataImport.objects.filter(collection__in=Collection.objects.visible_to(request.user))
    kept = get_object_or_404(visible.select_related("collection", "uploaded_by", "applied_by"), pk=import_id)
    if not Collection.objects.curated_by(request.user).filter(pk=kept.collection_id).exists():
        raise PermissionDenied
    return kept


def _context(request: SignedInRequest, kept: MetadataImport) -> dict[str, object]:
    """The table, and a page of the rows that people have to look at: the refused first, then what changes."""
    outcomes = MetadataRow.Outcome
    shown = kept.rows.filter(outcome__in=[outcomes.REFUSED, outcomes.CHANGED]).select_related("photo")
    page = Paginator(shown.order_by("-outcome", "number"), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    rows = [] if kept.is_active else page.object_list
    return {
        "import": kept,
        "collection": kept.collection,
        "page": page,
        "rows": [{"row": row, "fields": shown_changes({"changes": row.changes})} for row in rows],
    }
