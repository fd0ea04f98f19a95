"""Where a bag of another archive comes in, for those who run the platform."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from archive.access.signed_in import SignedInRequest
from archive.errors import PulihError
from archive.forms.ingest import BagForm
from archive.models import ImportRun
from archive.services import upload_zip
from archive.views.keeping import for_operators

RUNS_SHOWN = 30


@for_operators
@require_http_methods(["GET", "HEAD", "POST"])
def bag_import(request: SignedInRequest) -> HttpResponse:
    """Takes a zipped bag from a plain form, and tells of earlier ones. Scripts send it over the API, where it
    can go on after an interruption.
    """
    form = BagForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file: UploadedFile = form.cleaned_data["file"]
        try:
            upload = upload_zip(
                collection=None,
                uploaded_by=request.user,
                file=file,
                filename=file.name or "bag.zip",
                as_bag=True,
            )
        except PulihError as error:
            form.add_error("file", error.message)
        else:
            return redirect("archive:import_detail", upload.import_run_id)
    runs = ImportRun.objects.visible_to(request.user).of_bags().with_counts().select_related("started_by")
    return render(request, "archive/bag_import.html", {"form": form, "runs": runs[:RUNS_SHOWN]})
