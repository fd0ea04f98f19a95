"""Addresses of the restoration pages and of results."""

from django.urls import path

from restoration import file_views, guest_views, model_views, photo_views, views

app_name = "restoration"
urlpatterns = [
    path("search/", views.search, name="search"),
    path("collections/<uuid:collection_id>/", views.collection_detail, name="collection_detail"),
    path("collections/<uuid:collection_id>/changes/", views.gallery_changes, name="gallery_changes"),
    path("photos/<uuid:photo_id>/", photo_views.photo_detail, name="photo_detail"),
    path("photos/<uuid:photo_id>/card/", views.photo_card, name="photo_card"),
    path("photos/<uuid:photo_id>/status/", photo_views.photo_status, name="photo_status"),
    path("photos/<uuid:photo_id>/versions/", photo_views.photo_versions, name="photo_versions"),
    path("photos/<uuid:photo_id>/restore/", photo_views.restoration_request, name="request"),
    path("restorations/<uuid:restoration_id>/review/", photo_views.restoration_review, name="review"),
    path("restorations/<uuid:restoration_id>/strength/", photo_views.restoration_strength, name="strength"),
    path("restorations/<uuid:restoration_id>/kept/<slug:name>/", file_views.kept, name="kept"),
    path("restorations/<uuid:restoration_id>/result/", file_views.result, name="result"),
    path(
        "restorations/<uuid:restoration_id>/renditions/<rendition_kind:kind>/",
        file_views.result_rendition,
        name="result_rendition",
    ),
    path("models/", model_views.model_list, name="model_list"),
    path("models/compare/", model_views.model_compare, name="model_compare"),
    path("models/compare/samples/", model_views.model_samples, name="model_samples"),
    path("models/<uuid:model_id>/", model_views.model_detail, name="model_detail"),
    path("models/<uuid:model_id>/promote/", model_views.model_promote, name="model_promote"),
    path(
        "models/samples/<uuid:sample_id>/<slug:which>/", model_views.sample_rendition, name="sample_rendition"
    ),
    path(
        "models/sample-results/<uuid:result_id>/",
        model_views.sample_result_rendition,
        name="sample_result_rendition",
    ),
    path("public/collections/<uuid:collection_id>/", guest_views.guest_collection, name="guest_collection"),
    path("public/photos/<uuid:photo_id>/", guest_views.guest_photo, name="guest_photo"),
    path(
        "public/restorations/<uuid:restoration_id>/renditions/<rendition_kind:kind>/",
        guest_views.guest_result_rendition,
        name="guest_result_rendition",
    ),
    path("public/restorations/<uuid:restoration_id>/result/", guest_views.guest_result, name="guest_result"),
]
