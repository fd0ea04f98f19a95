"""Photos over REST: list, upload, look at one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from archive.access.scopes import Scope
from archive.api.bin import DeletesPhoto
from archive.api.callers import signed_in
from archive.api.description_serializers import DescriptionSerializer
from archive.api.errors import ApiErrorSerializer
from archive.api.finding import FoundPagination, asked_criteria, finding_parameters
from archive.api.idempotency import AskedKey, asked_key, promised_key
from archive.api.preconditions import HasETag, if_unchanged
from archive.arrivals import begin_work
from archive.description.fields import PHOTO_FIELDS
from archive.errors import AlreadyThereError
from archive.models import Collection, Photo
from archive.services import AlreadyAnsweredError, describe_photo, ingest_photo
from restoration.api.serializers import RestoredPhotoSerializer, UploadSerializer
from restoration.models import GalleryPhoto
from restoration.querysets import GalleryPhotoQuerySet, photos_for_answers


class FoundPhotos(generics.ListAPIView[Photo]):
    """Photos that were found, each with its newest restoration."""

    serializer_class = RestoredPhotoSerializer
    pagination_class = FoundPagination
    queryset = GalleryPhoto.objects.none()

    def found(self, request: Request, collection: Collection | None = None) -> Response:
        """The page that the request asks for."""
        paginator = FoundPagination()
        keys = paginator.find(asked_criteria(request, collection), request)
        photos = photos_for_answers(request.user, keys)
        prefetch_related_objects(photos, "tags")
        return paginator.get_paginated_response(self.get_serializer(photos, many=True).data)


class Photos(FoundPhotos):
    """Photos of all collections that you may see."""

    @extend_schema(
        operation_id="photos_list",
        parameters=finding_parameters(within_one=False),
        responses={200: RestoredPhotoSerializer(many=True), 400: ApiErrorSerializer},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """By words and filters, in an order; all of them, newest first, without."""
        return self.found(request)


class CollectionPhotos(FoundPhotos):
    """A collection's photos."""

    scopes = {"GET": Scope.READ, "POST": Scope.UPLOAD}
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="collections_photos_list",
        parameters=finding_parameters(within_one=True),
        responses={200: RestoredPhotoSerializer(many=True), 400: ApiErrorSerializer},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """By words and filters, in an order; all of them, newest first, without."""
        return self.found(request, self._collection())

    @extend_schema(
        operation_id="collections_photos_upload",
        request={"multipart/form-data": UploadSerializer},
        responses={201: RestoredPhotoSerializer, 400: ApiErrorSerializer},
    )
    @promised_key
    def post(self, request: Request, collection_id: UUID) -> Response:
        """Upload one picture. Where the collection restores automatically, its restoration is queued."""
        asked = asked_key(request)
        if asked is not None and (earlier := asked.answer()) is not None:
            return earlier
        try:
            return self._taken(request, asked)
        except (AlreadyAnsweredError, AlreadyThereError):
            # The same request at the same time may have been quicker.
            earlier = asked.answer() if asked is not None else None
            if earlier is None:
                raise
            return earlier

    def _taken(self, request: Request, asked: AskedKey | None) -> Response:
        collection = self._collection()
        if not Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists():
            raise PermissionDenied
        upload = UploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        sent, answers = upload.validated_data, []

        def begin(photo: Photo) -> None:
            # In the transaction that makes the photo, the only part of all this work that is one: the answer
            # is kept when the photo is there, and only then.
            begin_work(photo)
            answers.append(self._answer(request, photo))
            if asked is not None:
                asked.keep(asked.reserve(), answers[0])

        ingest_photo(
            collection=collection,
            uploaded_by=signed_in(request),
            file=sent["file"],
            filename=sent["file"].name,
            folder=sent["folder"],
            sha256=sent["sha256"],
            in_same_transaction=begin,
        )
        return answers[0]

    def _answer(self, request: Request, photo: Photo) -> Response:
        shown = self.get_serializer(*photos_for_answers(request.user, [photo.pk])).data
        address = reverse("api:photo-detail", args=[photo.pk], request=request)
        return Response(shown, status=status.HTTP_201_CREATED, headers={"Location": address})

    def _collection(self) -> Collection:
        visible = Collection.objects.visible_to(self.request.user)
        return get_object_or_404(visible, pk=self.kwargs["collection_id"])


class PhotoDetail(HasETag, DeletesPhoto, generics.RetrieveAPIView[Photo]):
    """One photo with its newest restoration; curators may describe and delete it."""

    scopes = {"GET": Scope.READ, "PATCH": Scope.UPLOAD, "DELETE": Scope.ADMIN}
    serializer_class = RestoredPhotoSerializer
    queryset = GalleryPhoto.objects.none()
    described = ("collection", *PHOTO_FIELDS, "tags")

    def get_queryset(self) -> GalleryPhotoQuerySet:
        return GalleryPhoto.objects.visible_to(self.request.user).for_answers(self.request.user)

    @extend_schema(
        operation_id="photos_describe",
        request=DescriptionSerializer,
        responses={200: RestoredPhotoSerializer, 400: ApiErrorSerializer},
    )
    @if_unchanged
    def patch(self, request: Request, **kwargs: Any) -> Response:
        """Change what is said about the photo; every change is kept in its history."""
        photo = self.get_object()
        if not Photo.objects.curated_by(request.user).filter(pk=photo.pk).exists():
            raise PermissionDenied
        wanted = DescriptionSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        describe_photo(photo=photo, actor=signed_in(request), **wanted.validated_data)
        return Response(self.get_serializer(self.get_object()).data)
