"""The Image API 3.0, level 2: https://iiif.io/api/image/3.0/"""

from __future__ import annotations

import hashlib
import logging

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from archive.access.visitors import Visitor
from archive.files.file_responses import RENDITION_MAX_AGE
from archive.iiif.addresses import image_address, info_address
from archive.iiif.image_information import LEVEL_2, image_information
from archive.iiif.parameters import MEDIA_TYPES, read_request
from archive.iiif.pictures import ServedPicture, find_picture
from archive.iiif.rendering import NotYetError, prepare, render
from archive.iiif.views import IIIFView, json_ld
from archive.iiif.visitors import note_caching, seen_by
from archive.messages import MESSAGES

logger = logging.getLogger(__name__)


class BusyError(APIException):
    """503: to be asked again in a few seconds."""

    status_code = 503
    default_code = "archive:iiif:busy"
    default_detail = _(MESSAGES[default_code])
    wait = 3  # seconds


class ImageService(IIIFView):
    """A picture's base address: it leads to what is known of the picture."""

    def get(self, request: Request, identifier: str) -> HttpResponseBase:
        _visitor, picture = _seen(request, identifier)
        response = redirect(info_address(picture, request))
        response.status_code = 303
        return response


class ImageInformation(IIIFView):
    """A picture's size, and what can be asked of it."""

    def get(self, request: Request, identifier: str) -> HttpResponseBase:
        visitor, picture = _seen(request, identifier)
        prepare(picture)
        response = json_ld(request, image_information(picture, request))
        note_caching(response, visitor, max_age=RENDITION_MAX_AGE)
        return response


class ImagePart(IIIFView):
    """A picture or a part of it, in the size, rotation, quality and format that are asked for."""

    def get(
        self,
        request: Request,
        *,
        identifier: str,
        region: str,
        size: str,
        rotation: str,
        quality: str,
        format: str,
    ) -> HttpResponseBase:
        visitor, picture = _seen(request, identifier)
        asked = read_request(
            picture=(picture.width, picture.height),
            region=region,
            size=size,
            rotation=rotation,
            quality=quality,
            format=format,
        )
        # A picture never changes, so that its name and the request tell one answer from all others.
        digest = hashlib.sha256(f"{picture.shown.name}/{asked.canonical}".encode()).hexdigest()
        etag = quote_etag(digest[:32])
        response: HttpResponseBase | None = get_conditional_response(request._request, etag=etag)
        if response is None:
            try:
                response = HttpResponse(render(picture, asked), content_type=MEDIA_TYPES[asked.format])
            except NotYetError as error:
                raise BusyError from error
            except OSError as error:
                logger.warning("no picture for IIIF: %s", error)
                raise Http404 from error
        response["ETag"] = etag
        response["X-Content-Type-Options"] = "nosniff"
        canonical = image_address(picture, asked.canonical, request)
        response["Link"] = f'<{canonical}>;rel="canonical", <{LEVEL_2}>;rel="profile"'
        note_caching(response, visitor, max_age=RENDITION_MAX_AGE, private_max_age=RENDITION_MAX_AGE)
        return response


def _seen(request: Request, identifier: str) -> tuple[Visitor, ServedPicture]:
    return seen_by(request, lambda visitor: find_picture(visitor, identifier))
