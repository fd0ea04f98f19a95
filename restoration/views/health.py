"""For probes and monitoring: is this process alive, is the platform ready, how are things going."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from archive.health.callers import may_see_inside
from archive.health.findings import Grade, worst
from restoration.health.readiness import readiness
from restoration.monitoring.exposition import exposition


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """This process answers. Nothing else is asked: a database that is down is no reason to restart it."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Whether requests should be sent here: 200, or 503 with what is wrong.

    {"status": "ready" | "not ready", "checks": {name: "ok" | "warning" | "broken"}}; whoever may see inside
    also gets "findings", a list of {"name", "grade", "found", "mend"}.
    """
    found = readiness()
    is_ready = worst(each for _name, findings in found.items() for each in findings) is not Grade.BROKEN
    answer: dict[str, object] = {
        "status": "ready" if is_ready else "not ready",
        "checks": {name: worst(findings) for name, findings in found.items()},
    }
    if may_see_inside(request):
        answer["findings"] = [
            {"name": each.name, "grade": each.grade, "found": each.found, "mend": each.mend}
            for findings in found.values()
            for each in findings
        ]
    return JsonResponse(answer, status=200 if is_ready else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for whoever may see inside; 403 for all others."""
    if not may_see_inside(request):
        return HttpResponse("These figures are for operators.\n", status=403, content_type="text/plain")
    content, content_type = exposition(accept=request.headers.get("Accept", ""))
    return HttpResponse(content, content_type=content_type)
