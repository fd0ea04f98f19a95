"""Resumable uploads over REST: a server for tus 1.0, for browsers and programs alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from archive.access.operators import is_operator
from archive.access.scopes import Scope
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.api.import_serializers import ImportRunSerializer, ResumableUploadSerializer
from archive.api.pages import ListPages
from archive.errors import PulihError
from archive.files.upload_limit import largest_upload
from archive.messages import state_error
from archive.models import Collection, ImportRun, Upload
from archive.services import begin_upload, cancel_upload, finish_upload
from archive.tus import protocol
from archive.tus.protocol import ProtocolError
from archive.tus.receiving import receive_part

_RETRY_SECONDS = 30
_OVERRIDABLE = {"PATCH", "DELETE", "HEAD"}
# Where the protocol has a status of its own for what is an error like others elsewhere.
_STATUSES = {
    "archive:file:too-large": status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    "archive:upload:too-long": status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    "archive:upload:gone": status.HTTP_410_GONE,
    "archive:upload:no-room": status.HTTP_507_INSUFFICIENT_STORAGE,
    "archive:upload:too-many": status.HTTP_429_TOO_MANY_REQUESTS,
}


def _header(name: str, what: str, *, required: bool = True, **schema: Any) -> OpenApiParameter:
    kind = {"type": "string"} | schema
    return OpenApiParameter(name, kind, "header", required=required, description=what)


_NUMBER = "^[0-9]{1,18}$"
_VERSION = _header("Tus-Resumable", "Version of the protocol.", enum=[protocol.VERSION])
_LENGTH = _header("Upload-Length", "Size of the whole file in bytes.", pattern=_NUMBER)
_METADATA = _header(
    "Upload-Metadata",
    "Pairs of a key and a base64 value: `filename`, and if wanted `relativePath` (with its folders) and "
    "`sha256` (hex) of the whole file. A name in .zip begins an import.",
    required=False,
)
_OFFSET = _header("Upload-Offset", "The byte at which this part begins.", pattern=_NUMBER)
_CHECKSUM = _header("Upload-Checksum", "`sha256`, `sha1` or `md5`, and the part's digest.", required=False)

_OTHER_VERSION = OpenApiResponse(ApiErrorSerializer, "`Tus-Resumable` is missing or names another version.")


class TusView(APIView):
    """What every answer of the protocol has, and every request must have."""

    scopes: ClassVar[Mapping[str, Scope]] = {}
    # What has a body besides the parts is of no interest; a browser's may be an empty form.
    parser_classes = (JSONParser, FormParser, MultiPartParser)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        # For senders whose network knows only GET and POST.
        override = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and override in _OVERRIDABLE:
            request.method = override
        return super().initialize_request(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, ProtocolError):
            body = {"code": "archive:upload:protocol", "message": exc.reason, "fields": {}}
            return Response(body, status=exc.status)
        response = super().handle_exception(exc)
        if isinstance(exc, PulihError):
            response.status_code = _STATUSES.get(exc.code, response.status_code)
            if response.status_code == status.HTTP_429_TOO_MANY_REQUESTS:
                # Until some upload has been finished, which nobody can tell; not at once, anyway.
                response["Retry-After"] = str(_RETRY_SECONDS)
        return response

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Tus-Resumable"] = protocol.VERSION
        answer["Cache-Control"] = "no-store"
        if answer.status_code == status.HTTP_412_PRECONDITION_FAILED:
            answer["Tus-Version"] = protocol.VERSION
        return answer

    def check_version(self, request: Request) -> None:
        """Raises ProtocolError. Asked once it is clear that the caller may know of what he asks for."""
        if request.headers.get("Tus-Resumable") != protocol.VERSION:
            raise ProtocolError("This server speaks tus 1.0.0.", status=status.HTTP_412_PRECONDITION_FAILED)

    @extend_schema(exclude=True)
    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]  # as a view's own
        """What this server is capable of."""
        return Response(
            status=status.HTTP_204_NO_CONTENT,
            headers={
                "Tus-Version": protocol.VERSION,
                "Tus-Extension": protocol.EXTENSIONS,
                "Tus-Max-Size": str(largest_upload()),
                "Tus-Checksum-Algorithm": ",".join(protocol.CHECKSUM_ALGORITHMS),
            },
        )

    def begun(self, request: Request, collection: Collection | None) -> Response:
        """The answer to whoever begins an upload into `collection`; without one, of a bag."""
        self.check_version(request)
        if "Upload-Defer-Length" in request.headers:
            raise ProtocolError("The length of an upload must be known from its beginning.")
        length = protocol.read_number("Upload-Length", request.headers.get("Upload-Length"))
        given = request.headers.get("Upload-Metadata", "")
        words = protocol.read_metadata(given)
        path = words.get("relativePath", "").replace("\\", "/")
        upload = begin_upload(
            collection=collection,
            uploaded_by=signed_in(request),
            filename=words.get("filename") or words.get("name") or path,
            folder=path.rpartition("/")[0],
            length=length,
            sha256=words.get("sha256", ""),
            metadata=given,
            as_bag=collection is None,
        )
        # Without host and scheme: a proxy in front may have changed both.
        headers = {"Location": reverse("api:upload-detail", args=[upload.pk])} | _state_headers(upload)
        return Response(
            ResumableUploadSerializer(upload).data, status=status.HTTP_201_CREATED, headers=headers
        )


class CollectionUploads(TusView):
    """Where uploads into a collection begin."""

    scopes: ClassVar[Mapping[str, Scope]] = {"POST": Scope.UPLOAD}

    @extend_schema(
        operation_id="uploads_begin",
        request=None,
        parameters=[_VERSION, _LENGTH, _METADATA],
        responses={
            201: OpenApiResponse(ResumableUploadSerializer, "`Location` is the upload's address."),
            400: ApiErrorSerializer,
            412: _OTHER_VERSION,
            413: ApiErrorSerializer,
            429: ApiErrorSerializer,
            507: ApiErrorSerializer,
        },
    )
    @once_per_key
    def post(self, request: Request, collection_id: UUID) -> Response:
        """Begin a resumable upload (tus 1.0), of a picture or of a ZIP of pictures."""
        collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
        if not Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists():
            raise PermissionDenied
        return self.begun(request, collection)


class BagUploads(TusView):
    """Where bags of whole collections come in, for those who run the platform."""

    scopes: ClassVar[Mapping[str, Scope]] = {"GET": Scope.ADMIN, "POST": Scope.ADMIN}
    pagination_class = ListPages

    @extend_schema(operation_id="bags_imports", responses=ImportRunSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Your imports of bags, the newest first: how far each is, and what became of its photos."""
        self._check_operator(request)
        runs = ImportRun.objects.visible_to(request.user).of_bags().with_counts().select_related("started_by")
        pages = ListPages()
        rows = pages.paginate_queryset(runs, request, self)
        shown = ImportRunSerializer(rows, many=True, context={"request": request})
        return pages.get_paginated_response(shown.data)

    @extend_schema(
        operation_id="bags_upload",
        request=None,
        parameters=[_VERSION, _LENGTH, _METADATA],
        responses={
            201: OpenApiResponse(ResumableUploadSerializer, "`Location` is the upload's address."),
            400: ApiErrorSerializer,
            412: _OTHER_VERSION,
            413: ApiErrorSerializer,
            429: ApiErrorSerializer,
            507: ApiErrorSerializer,
        },
    )
    @once_per_key
    def post(self, request: Request) -> Response:
        """Begin a resumable upload (tus 1.0) of a zipped bag that Pulih exported for keeping.

        Whole, it is verified and taken in by the queue: `import_run` of the upload tells which import it is.
        """
        self._check_operator(request)
        return self.begun(request, None)

    def _check_operator(self, request: Request) -> None:
        if not is_operator(signed_in(request)):
            raise PermissionDenied


class UploadDetail(TusView):
    """One upload: of whoever began it, as long as he may add to the collection."""

    scopes: ClassVar[Mapping[str, Scope]] = {
        "GET": Scope.UPLOAD,
        "PATCH": Scope.UPLOAD,
        "DELETE": Scope.UPLOAD,
    }

    @extend_schema(operation_id="uploads_state", responses=ResumableUploadSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        """How far an upload is, and what became of it: the photo, the import, or why it was refused."""
        return Response(ResumableUploadSerializer(self._checked(self._upload(pk))).data)

    @extend_schema(exclude=True)
    def head(self, request: Request, pk: UUID) -> Response:
        """How many bytes have arrived."""
        upload = self._checked(self._upload(pk))
        self.check_version(request)
        if upload.state == Upload.State.REFUSED:
            raise state_error("archive:upload:gone")
        headers = {"Upload-Length": str(upload.length)} | _state_headers(upload)
        if upload.metadata:
            headers["Upload-Metadata"] = upload.metadata
        return Response(headers=headers)

    @extend_schema(
        operation_id="uploads_continue",
        request={protocol.PART_MEDIA_TYPE: OpenApiTypes.BINARY},
        parameters=[_VERSION, _OFFSET, _CHECKSUM],
        responses={
            204: OpenApiResponse(description="`Upload-Offset` is the byte at which to go on."),
            400: ApiErrorSerializer,
            409: ApiErrorSerializer,
            410: ApiErrorSerializer,
            412: _OTHER_VERSION,
            413: ApiErrorSerializer,
            415: ApiErrorSerializer,
            460: OpenApiResponse(ApiErrorSerializer, "The part did not arrive as it was sent."),
            507: ApiErrorSerializer,
        },
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Send the next bytes. The last ones bring the file in, or a refusal with its code."""
        upload = self._upload(pk)
        self.check_version(request)
        if request.content_type != protocol.PART_MEDIA_TYPE:
            raise ProtocolError(
                f"A part is of type {protocol.PART_MEDIA_TYPE}.",
                status=status.HTTP_415_UNSUPPORTED_MEDIA_TYPE,
            )
        offset = protocol.read_number("Upload-Offset", request.headers.get("Upload-Offset"))
        size = protocol.read_number("Content-Length", request.headers.get("Content-Length"))
        if upload.state == Upload.State.REFUSED:
            raise state_error("archive:upload:gone")
        if offset != upload.offset:
            raise state_error("archive:upload:offset", offset=upload.offset)
        if offset + size > upload.length:
            raise ProtocolError(
                "More bytes than the upload was said to have.",
                status=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
            )
        checksum = protocol.read_checksum(request.headers.get("Upload-Checksum"))
        upload.offset = receive_part(upload, request, offset=offset, checksum=checksum)
        upload = self._checked(upload)
        if upload.state == Upload.State.REFUSED:
            body = {"code": upload.error_code, "message": upload.error_message, "fields": {}}
            return Response(body, status=status.HTTP_400_BAD_REQUEST, headers=_state_headers(upload))
        return Response(status=status.HTTP_204_NO_CONTENT, headers=_state_headers(upload))

    @extend_schema(
        operation_id="uploads_cancel",
        request=None,
        parameters=[_VERSION],
        responses={204: None, 409: ApiErrorSerializer, 412: _OTHER_VERSION},
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        """Forget an upload and its bytes."""
        upload = self._upload(pk)
        self.check_version(request)
        cancel_upload(upload=upload)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _upload(self, pk: UUID) -> Upload:
        mine = Upload.objects.visible_to(self.request.user).select_related("collection", "uploaded_by")
        return get_object_or_404(mine, pk=pk)

    def _checked(self, upload: Upload) -> Upload:
        """The upload, taken in if it has arrived whole and nobody has done so."""
        if upload.is_whole and upload.state in {Upload.State.ARRIVING, Upload.State.CHECKING}:
            return finish_upload(upload=upload)
        return upload


def _state_headers(upload: Upload) -> dict[str, str]:
    return {
        "Upload-Offset": str(upload.offset),
        "Upload-Expires": http_date(upload.expires_at.timestamp()),
    }
