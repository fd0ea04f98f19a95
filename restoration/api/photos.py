"""Photos over REST: list, upload, look at one."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from archive.api.callers import signed_in
from archive.models import Collection, Photo
from restoration.api.serializers import ApiErrorSerializer, RestoredPhotoSerializer, UploadSerializer
from restoration.models import GalleryPhoto
from restoration.querysets import GalleryPhotoQuerySet, photos_for_gallery
from restoration.services import ingest_and_restore


class CollectionPhotos(generics.ListAPIView[Photo]):
    """A collection's photos, newest first, each with its newest restoration."""

    serializer_class = RestoredPhotoSerializer
    parser_classes = [MultiPartParser]
    queryset = GalleryPhoto.objects.none()

    def get_queryset(self) -> GalleryPhotoQuerySet:
        return photos_for_gallery(self.request.user, self._collection())

    @extend_schema(
        operation_id="collections_photos_upload",
        request={"multipart/form-data": UploadSerializer},
        responses={201: RestoredPhotoSerializer, 400: ApiErrorSerializer},
    )
    def post(self, request: Request, collection_id: UUID) -> Response:
        """Upload one picture. Where the collection restores automatically, its restoration is queued."""
        collection = self._collection()
        if not Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists():
            raise PermissionDenied
        upload = UploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        file = upload.validated_data["file"]
        photo = ingest_and_restore(
            collection=collection, uploaded_by=signed_in(request), file=file, filename=file.name
        )
        answer = self.get_serializer(photos_for_gallery(request.user, collection).get(pk=photo.pk))
        return Response(answer.data, status=status.HTTP_201_CREATED)

    def _collection(self) -> Collection:
        visible = Collection.objects.visible_to(self.request.user)
        return get_object_or_404(visible, pk=self.kwargs["collection_id"])


class PhotoDetail(generics.RetrieveAPIView[Photo]):
    """One photo with its newest restoration."""

    serializer_class = RestoredPhotoSerializer
    queryset = GalleryPhoto.objects.none()

    def get_queryset(self) -> GalleryPhotoQuerySet:
        return GalleryPhoto.objects.visible_to(self.request.user).with_latest_restoration()
