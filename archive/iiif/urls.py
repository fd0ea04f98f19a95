"""Addresses of IIIF, below /iiif/. They stand in other houses' catalogues: none is ever changed."""

from django.urls import path

from archive.iiif.image_views import ImageInformation, ImagePart, ImageService
from archive.iiif.presentation_views import (
    CollectionOfPhotos,
    CollectionPage,
    PhotoManifest,
    RootCollection,
)

app_name = "iiif"
urlpatterns = [
    path("collection", RootCollection.as_view(), name="root"),
    path("collections/<uuid:collection_id>", CollectionOfPhotos.as_view(), name="collection"),
    path(
        "collections/<uuid:collection_id>/photos/<int:number>",
        CollectionPage.as_view(),
        name="collection_page",
    ),
    path("photos/<uuid:photo_id>/manifest", PhotoManifest.as_view(), name="manifest"),
    path("image/<str:identifier>", ImageService.as_view(), name="image"),
    path("image/<str:identifier>/info.json", ImageInformation.as_view(), name="image_info"),
    path(
        "image/<str:identifier>/<str:region>/<str:size>/<str:rotation>/<str:quality>.<str:format>",
        ImagePart.as_view(),
        name="image_part",
    ),
]
