"""The one address of OAI-PMH."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from archive.oai.documents import answer, refusal
from archive.oai.requests import HarvestRequest, OAIError
from archive.oai.verbs import perform
from archive.presentation.addresses import absolute


# Harvesters may post, and what they ask for changes nothing.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def harvest(request: HttpRequest) -> HttpResponse:
    """Answer one request of the protocol; its errors are answers, too."""
    parameters = request.POST if request.method == "POST" else request.GET
    base = absolute(reverse("oai"), request)
    try:
        asked = HarvestRequest.of(parameters)
        document = answer(parameters.dict(), perform(asked, request, base), base)
    except OAIError as error:
        document = refusal(parameters.dict(), error, base)
    return HttpResponse(document, content_type="text/xml; charset=utf-8")
