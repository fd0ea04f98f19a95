"""Pages of training runs, for those who administer the platform: the list, and one run followed live."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive.access.signed_in import SignedInRequest
from archive.views.keeping import for_operators
from restoration.registry import training_runs
from restoration.registry.curves import charts_of

NOTHING_NEW = 204
"""htmx then leaves the page as it is."""


@for_operators
@require_safe
def training_run_list(request: SignedInRequest) -> HttpResponse:
    """Every run whose folder lies in PULIH_RUNS_DIR, the newest first."""
    return render(request, "restoration/training_run_list.html", {"runs": training_runs.training_runs()})


@for_operators
@require_safe
def training_run_detail(request: SignedInRequest, name: str) -> HttpResponse:
    """One run: how far, curves, contact sheet. Asked again by the page with the `mark` of what it shows."""
    run = training_runs.training_run(name)
    if run is None:
        raise Http404
    if request.htmx and request.GET.get("mark") == run.mark:
        return HttpResponse(status=NOTHING_NEW)
    template = "restoration/_training_run.html" if request.htmx else "restoration/training_run_detail.html"
    return render(request, template, {"run": run, "charts": charts_of(run.log)})


@for_operators
@require_safe
def training_run_sheet(request: SignedInRequest, name: str, epoch: int) -> HttpResponseBase:
    """What the run restored of its validation pictures after an epoch, as PNG."""
    path = training_runs.contact_sheet(name, epoch)
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/png")
