"""Addresses of the archive's pages and files."""

from django.urls import path, register_converter

from archive import (
    access_views,
    bin_views,
    description_views,
    export_views,
    guest_views,
    ingest_views,
    invitation_views,
    keeping_views,
    metadata_views,
    token_views,
    tree_views,
    views,
)
from archive.converters import RenditionKindConverter

register_converter(RenditionKindConverter, "rendition_kind")

app_name = "archive"
urlpatterns = [
    path("", views.collection_list, name="collection_list"),
    path("collections/new/", tree_views.collection_create, name="collection_create"),
    path("collections/<uuid:collection_id>/edit/", tree_views.collection_edit, name="collection_edit"),
    path("collections/<uuid:collection_id>/move/", tree_views.collection_move, name="collection_move"),
    path(
        "collections/<uuid:collection_id>/describe/",
        description_views.photos_description,
        name="photos_description",
    ),
    path("collections/<uuid:collection_id>/descriptions/", metadata_views.descriptions, name="descriptions"),
    path(
        "collections/<uuid:collection_id>/descriptions.csv",
        metadata_views.descriptions_csv,
        name="descriptions_csv",
    ),
    path("descriptions/<uuid:import_id>/", metadata_views.metadata_import, name="metadata_import"),
    path(
        "descriptions/<uuid:import_id>/apply/",
        metadata_views.metadata_import_apply,
        name="metadata_import_apply",
    ),
    path("photos/<uuid:photo_id>/describe/", description_views.photo_description, name="photo_description"),
    path("photos/<uuid:photo_id>/original/", views.original, name="original"),
    path("photos/<uuid:photo_id>/renditions/<rendition_kind:kind>/", views.rendition, name="rendition"),
    path("collections/<uuid:collection_id>/access/", access_views.access, name="access"),
    path(
        "collections/<uuid:collection_id>/access/invitations/",
        access_views.invitation_create,
        name="invitation_create",
    ),
    path(
        "collections/<uuid:collection_id>/access/links/", access_views.share_link_create, name="link_create"
    ),
    path(
        "collections/<uuid:collection_id>/access/public/",
        access_views.publication_change,
        name="publication_change",
    ),
    path("members/<uuid:membership_id>/role/", access_views.member_change, name="member_change"),
    path("members/<uuid:membership_id>/remove/", access_views.member_remove, name="member_remove"),
    path("members/<uuid:membership_id>/transfer/", access_views.member_transfer, name="member_transfer"),
    path(
        "invitations/<uuid:invitation_id>/revoke/", access_views.invitation_revoke, name="invitation_revoke"
    ),
    path("links/<uuid:link_id>/revoke/", access_views.share_link_revoke, name="link_revoke"),
    path("invited/", invitation_views.invitation, name="invitation"),
    path("invited/account/", invitation_views.invitation_account, name="invitation_account"),
    path("invited/<str:key>/", invitation_views.invitation_open, name="invitation_open"),
    path("shared/<str:key>/", guest_views.share_link, name="share_link"),
    path("public/", guest_views.public_collections, name="public_collections"),
    path(
        "public/photos/<uuid:photo_id>/renditions/<rendition_kind:kind>/",
        guest_views.guest_rendition,
        name="guest_rendition",
    ),
    path("public/photos/<uuid:photo_id>/original/", guest_views.guest_original, name="guest_original"),
    path("account/tokens/", token_views.tokens, name="tokens"),
    path("account/tokens/<uuid:token_id>/revoke/", token_views.token_revoke, name="token_revoke"),
    path(
        "collections/<uuid:collection_id>/export/", export_views.collection_export, name="collection_export"
    ),
    path("collections/<uuid:collection_id>/photos/", ingest_views.photo_upload, name="photo_upload"),
    path("collections/<uuid:collection_id>/imports/", ingest_views.import_list, name="import_list"),
    path("imports/<uuid:run_id>/", ingest_views.import_detail, name="import_detail"),
    path("imports/<uuid:run_id>/progress/", ingest_views.import_progress, name="import_progress"),
    path("imports/<uuid:run_id>/refused.csv", ingest_views.import_refusals, name="import_refusals"),
    path("bin/", bin_views.bin_list, name="bin"),
    path("photos/<uuid:photo_id>/delete/", bin_views.photo_delete, name="photo_delete"),
    path("photos/<uuid:photo_id>/take-back/", bin_views.photo_take_back, name="photo_take_back"),
    path("collections/<uuid:collection_id>/delete/", bin_views.collection_delete, name="collection_delete"),
    path(
        "collections/<uuid:collection_id>/take-back/",
        bin_views.collection_take_back,
        name="collection_take_back",
    ),
    path("keeping/", keeping_views.archive_keeping, name="archive_keeping"),
    path("keeping/fixity/", keeping_views.archive_fixity, name="archive_fixity"),
    path("photos/<uuid:photo_id>/fixity/", keeping_views.photo_fixity, name="photo_fixity"),
    path(
        "collections/<uuid:collection_id>/keeping/",
        keeping_views.collection_keeping,
        name="collection_keeping",
    ),
    path(
        "collections/<uuid:collection_id>/fixity/", keeping_views.collection_fixity, name="collection_fixity"
    ),
    path("collections/<uuid:collection_id>/hold/", keeping_views.hold_set, name="hold_set"),
    path("collections/<uuid:collection_id>/hold/lift/", keeping_views.hold_lift, name="hold_lift"),
]
