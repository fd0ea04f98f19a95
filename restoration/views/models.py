"""Pages of the model registry: the list, one model, two of them side by side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archive.access.signed_in import SignedInRequest, signed_in_poll
from archive.errors import StateError
from archive.files.file_responses import inline_rendition
from archive.files.renditions import rendition_file
from archive.models import Rendition
from restoration.forms import PromotionForm
from restoration.models import ModelVersion, SamplePicture, SampleResult
from restoration.registry.curves import charts_of
from restoration.registry.figure_labels import shortfalls
from restoration.registry.figure_tables import difference_tables, method_tables, own_tables
from restoration.registry.figures import compare, data_name
from restoration.registry.model_comparison import SAMPLE_STATES, compare_samples, own_samples, sample_sha256
from restoration.services import compare_with_default, promote_model, refusal_of, request_samples

MODELS_PER_PAGE = 24


@login_required
@require_safe
def model_list(request: SignedInRequest) -> HttpResponse:
    """Every model with its figures, the default first."""
    models = ModelVersion.objects.visible_to(request.user).for_lists()
    page = Paginator(models, MODELS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "default": ModelVersion.objects.default().only("pk").first()}
    return render(request, "restoration/model_list.html", context)


@login_required
@require_safe
def model_detail(request: SignedInRequest, model_id: UUID) -> HttpResponse:
    """One model: figures, curves, card, what it is made of, when it was the default and why."""
    models = ModelVersion.objects.visible_to(request.user).with_promotions()
    model = get_object_or_404(models, pk=model_id)
    return render(request, "restoration/model_detail.html", _model_context(request, model))


@login_required
@require_POST
def model_promote(request: SignedInRequest, model_id: UUID) -> HttpResponse:
    """Makes a model the default; with a reason, whatever its figures say."""
    model = get_object_or_404(ModelVersion.objects.visible_to(request.user), pk=model_id)
    if not request.user.is_staff:
        raise PermissionDenied
    form = PromotionForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("restoration:model_detail", model.pk)
    try:
        promote_model(model_version=model, promoted_by=request.user, **form.cleaned_data)
    except StateError as error:
        messages.error(request, error.message)
    return redirect("restoration:model_detail", model.pk)


@login_required
@require_safe
def model_compare(request: SignedInRequest) -> HttpResponse:
    """Two models on the same pictures; which two stands in the address, else the default and the newest."""
    models = list(ModelVersion.objects.visible_to(request.user).for_lists())
    first, second = _chosen_pair(request, models)
    context: dict[str, Any] = {"models": models, "first": first, "second": second}
    if first and second:
        comparison = compare(second.benchmark, first.benchmark)
        context |= {
            "refusal": comparison.refusal,
            "decisive_tables": difference_tables(comparison, decisive=True),
            "other_tables": difference_tables(comparison, decisive=False),
            "measured_on": data_name(first.benchmark),
        } | _samples_context(first, second)
    return render(request, "restoration/model_compare.html", context)


@signed_in_poll
@require_http_methods(["GET", "HEAD", "POST"])
def model_samples(request: SignedInRequest) -> HttpResponse:
    """With POST, the sample pictures are queued for both models; with GET, it tells how far they are.

    Brings the state, and those of the pictures named by `pending` that have come in.
    """
    models = list(ModelVersion.objects.visible_to(request.user).for_lists())
    asked = request.POST if request.method == "POST" else request.GET
    first, second = (_named(models, asked.get(name)) for name in ("first", "second"))
    if first is None or second is None:
        return redirect("restoration:model_compare")
    if request.method == "POST":
        for model in (first, second):
            request_samples(model_version=model)
        if not request.htmx:
            query = urlencode({"first": str(first.pk), "second": str(second.pk)})
            return redirect(f"{reverse('restoration:model_compare')}?{query}")
    context = _samples_context(first, second)
    pending = set(request.GET.getlist("pending"))
    context["arrived"] = [each for each in context["samples"] if each.key in pending and each.is_complete]
    return render(request, "restoration/_samples_changes.html", context)


@login_required
@require_safe
def sample_rendition(request: SignedInRequest, sample_id: UUID, which: str) -> HttpResponseBase:
    """A sample picture for showing, before or after the damage."""
    if which not in SAMPLE_STATES:
        raise Http404
    sample = get_object_or_404(SamplePicture, pk=sample_id)
    return inline_rendition(request, rendition_file(sample_sha256(sample, which), Rendition.Kind.WEB))


@login_required
@require_safe
def sample_result_rendition(request: SignedInRequest, result_id: UUID) -> HttpResponseBase:
    """What a model made of a sample picture, for showing."""
    result = get_object_or_404(SampleResult, pk=result_id)
    return inline_rendition(request, rendition_file(result.result_sha256, Rendition.Kind.WEB))


def _model_context(request: SignedInRequest, model: ModelVersion) -> dict[str, Any]:
    """What restoration/model_detail.html speaks of."""
    default = ModelVersion.objects.default().defer("card", "training_log").first()
    may_promote = request.user.is_staff and not model.is_default
    comparison = compare_with_default(model, default)
    return {
        "model": model,
        "default": default,
        "tables": own_tables(model.benchmark),
        "method_tables": method_tables(model.benchmark, model_name=model.name),
        "measured_on": data_name(model.benchmark),
        "measured_at": model.benchmark.get("created", ""),
        "samples": own_samples(model),
        "charts": charts_of(model.training_log),
        "may_promote": may_promote,
        "refusal": refusal_of(comparison),
        "shortfalls": shortfalls(comparison.worse),
        "form": PromotionForm(),
    }


def _samples_context(first: ModelVersion, second: ModelVersion) -> dict[str, Any]:
    """What the templates of the sample pictures speak of."""
    state, samples = compare_samples(first, second)
    same_name = first.name == second.name
    return {
        "first": first,
        "second": second,
        "first_label": first.version if same_name else first.name,
        "second_label": second.version if same_name else second.name,
        "state": state,
        "samples": samples,
    }


def _chosen_pair(
    request: SignedInRequest, models: list[ModelVersion]
) -> tuple[ModelVersion | None, ModelVersion | None]:
    """Two different models: those in the address as far as they exist, else from the front of the list."""
    first = _named(models, request.GET.get("first"))
    second = _named(models, request.GET.get("second"))
    if second is not None and second == first:
        second = None
    first = first or next((model for model in models if model != second), None)
    second = second or next((model for model in models if model != first), None)
    return first, second


def _named(models: list[ModelVersion], pk: str | None) -> ModelVersion | None:
    return next((model for model in models if str(model.pk) == pk), None)
