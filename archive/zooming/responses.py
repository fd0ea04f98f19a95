"""How tiles leave the house. Callers decide who may see the picture; here it is only handed over."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag

from archive.files.further_pages import page_sizes
from archive.files.page_responses import asked_page
from archive.files.renditions import page_mark
from archive.files.storage import StoredFile
from archive.zooming.orders import TilesState, wanted_tiles
from archive.zooming.pyramids import tiles_file
from archive.zooming.reading import NoSuchTileError, read_descriptor, read_tile

TILE_MAX_AGE = 30 * 24 * 60 * 60  # seconds
ASK_AGAIN_AFTER = 2  # seconds


def descriptor_response(request: HttpRequest, source: StoredFile) -> HttpResponseBase:
    """The Deep Zoom descriptor of the page that is asked for; 202 while its tiles are being made.

    Raises Http404 when they cannot be made.
    """
    page = asked_page(request)
    if page > 1 and page > len(page_sizes(source)):
        raise Http404
    state = wanted_tiles(source, page)
    if state is TilesState.FAILED:
        raise Http404
    if state is TilesState.WAITING:
        waiting = JsonResponse({"state": state.value}, status=202)
        waiting["Retry-After"] = str(ASK_AGAIN_AFTER)
        patch_cache_control(waiting, private=True, no_store=True)
        return waiting
    try:
        response = HttpResponse(
            read_descriptor(tiles_file(source.sha256, page)), content_type="application/xml; charset=utf-8"
        )
    except NoSuchTileError as error:
        raise Http404 from error
    # Asked for each time: the tiles may have been removed, to be made again when somebody looks.
    patch_cache_control(response, private=True, no_cache=True)
    return response


def tile_response(
    request: HttpRequest, source: StoredFile, *, level: int, column: int, row: int
) -> HttpResponseBase:
    """One tile of the page that is asked for, kept by the asking browser only, for the asking person only, as
    long as it likes.

    Raises Http404 where there is none.
    """
    page = asked_page(request)
    etag = quote_etag(f"{source.sha256}{page_mark(page)}-{level}-{column}-{row}")
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            tile = read_tile(tiles_file(source.sha256, page), level=level, column=column, row=row)
        except NoSuchTileError as error:
            raise Http404 from error
        response = HttpResponse(tile, content_type="image/jpeg")
    response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    # Neither an original nor a result ever changes.
    patch_cache_control(response, private=True, immutable=True, max_age=TILE_MAX_AGE)
    # With the cookie in the key, the next person at this computer does not get it from the browser's cache.
    patch_vary_headers(response, ["Cookie"])
    return response
