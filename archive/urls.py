"""Addresses of the archive's pages and files."""

from django.urls import path, register_converter

from archive import views
from archive.converters import RenditionKindConverter

register_converter(RenditionKindConverter, "rendition_kind")

app_name = "archive"
urlpatterns = [
    path("", views.collection_list, name="collection_list"),
    path("collections/new/", views.collection_create, name="collection_create"),
    path("photos/<uuid:photo_id>/original/", views.original, name="original"),
    path("photos/<uuid:photo_id>/renditions/<rendition_kind:kind>/", views.rendition, name="rendition"),
]
