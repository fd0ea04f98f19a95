"""Addresses of the restoration pages and of results."""

from django.urls import path

from restoration.views import collections, files, guests, models, photos

app_name = "restoration"
urlpatterns = [
    path("search/", collections.search, name="search"),
    path("collections/<uuid:collection_id>/", collections.collection_detail, name="collection_detail"),
    path("collections/<uuid:collection_id>/changes/", collections.gallery_changes, name="gallery_changes"),
    path("photos/<uuid:photo_id>/", photos.photo_detail, name="photo_detail"),
    path("photos/<uuid:photo_id>/card/", collections.photo_card, name="photo_card"),
    path("photos/<uuid:photo_id>/status/", photos.photo_status, name="photo_status"),
    path("photos/<uuid:photo_id>/versions/", photos.photo_versions, name="photo_versions"),
    path("photos/<uuid:photo_id>/restore/", photos.restoration_request, name="request"),
    path("restorations/<uuid:restoration_id>/review/", photos.restoration_review, name="review"),
    path("restorations/<uuid:restoration_id>/strength/", photos.restoration_strength, name="strength"),
    path("restorations/<uuid:restoration_id>/kept/<slug:name>/", files.kept, name="kept"),
    path("restorations/<uuid:restoration_id>/result/", files.result, name="result"),
    path(
        "restorations/<uuid:restoration_id>/renditions/<rendition_kind:kind>/",
        files.result_rendition,
        name="result_rendition",
    ),
    path("models/", models.model_list, name="model_list"),
    path("models/compare/", models.model_compare, name="model_compare"),
    path("models/compare/samples/", models.model_samples, name="model_samples"),
    path("models/<uuid:model_id>/", models.model_detail, name="model_detail"),
    path("models/<uuid:model_id>/promote/", models.model_promote, name="model_promote"),
    path("models/samples/<uuid:sample_id>/<slug:which>/", models.sample_rendition, name="sample_rendition"),
    path(
        "models/sample-results/<uuid:result_id>/",
        models.sample_result_rendition,
        name="sample_result_rendition",
    ),
    path("public/collections/<uuid:collection_id>/", guests.guest_collection, name="guest_collection"),
    path("public/photos/<uuid:photo_id>/", guests.guest_photo, name="guest_photo"),
    path(
        "public/restorations/<uuid:restoration_id>/renditions/<rendition_kind:kind>/",
        guests.guest_result_rendition,
        name="guest_result_rendition",
    ),
    path("public/restorations/<uuid:restoration_id>/result/", guests.guest_result, name="guest_result"),
]
