"""What is not there, said so that it helps."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from archive.errors import EndedError


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for 404. What an EndedError says is for its reader; other errors speak to programmers."""
    told = str(exception) if isinstance(exception, EndedError) else ""
    return render(request, "404.html", {"told": told}, status=404)
