"""Addresses of the archive's pages and files."""

from django.urls import path, register_converter

from archive.converters import RenditionKindConverter
from archive.views import (
    access,
    collections,
    deletion,
    descriptions,
    exports,
    guests,
    ingest,
    invitations,
    keeping,
    metadata,
    tokens,
    tree,
)

register_converter(RenditionKindConverter, "rendition_kind")

app_name = "archive"
urlpatterns = [
    path("", collections.collection_list, name="collection_list"),
    path("collections/new/", tree.collection_create, name="collection_create"),
    path("collections/<uuid:collection_id>/edit/", tree.collection_edit, name="collection_edit"),
    path("collections/<uuid:collection_id>/move/", tree.collection_move, name="collection_move"),
    path(
        "collections/<uuid:collection_id>/describe/",
        descriptions.photos_description,
        name="photos_description",
    ),
    path("collections/<uuid:collection_id>/descriptions/", metadata.descriptions, name="descriptions"),
    path(
        "collections/<uuid:collection_id>/descriptions.csv",
        metadata.descriptions_csv,
        name="descriptions_csv",
    ),
    path("descriptions/<uuid:import_id>/", metadata.metadata_import, name="metadata_import"),
    path(
        "descriptions/<uuid:import_id>/apply/",
        metadata.metadata_import_apply,
        name="metadata_import_apply",
    ),
    path("photos/<uuid:photo_id>/describe/", descriptions.photo_description, name="photo_description"),
    path("photos/<uuid:photo_id>/original/", collections.original, name="original"),
    path("photos/<uuid:photo_id>/renditions/<rendition_kind:kind>/", collections.rendition, name="rendition"),
    path("collections/<uuid:collection_id>/access/", access.access, name="access"),
    path(
        "collections/<uuid:collection_id>/access/invitations/",
        access.invitation_create,
        name="invitation_create",
    ),
    path("collections/<uuid:collection_id>/access/links/", access.share_link_create, name="link_create"),
    path(
        "collections/<uuid:collection_id>/access/public/",
        access.publication_change,
        name="publication_change",
    ),
    path("members/<uuid:membership_id>/role/", access.member_change, name="member_change"),
    path("members/<uuid:membership_id>/remove/", access.member_remove, name="member_remove"),
    path("members/<uuid:membership_id>/transfer/", access.member_transfer, name="member_transfer"),
    path("invitations/<uuid:invitation_id>/revoke/", access.invitation_revoke, name="invitation_revoke"),
    path("links/<uuid:link_id>/revoke/", access.share_link_revoke, name="link_revoke"),
    path("invited/", invitations.invitation, name="invitation"),
    path("invited/account/", invitations.invitation_account, name="invitation_account"),
    path("invited/<str:key>/", invitations.invitation_open, name="invitation_open"),
    path("shared/<str:key>/", guests.share_link, name="share_link"),
    path("public/", guests.public_collections, name="public_collections"),
    path(
        "public/photos/<uuid:photo_id>/renditions/<rendition_kind:kind>/",
        guests.guest_rendition,
        name="guest_rendition",
    ),
    path("public/photos/<uuid:photo_id>/original/", guests.guest_original, name="guest_original"),
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<uuid:token_id>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("collections/<uuid:collection_id>/export/", exports.collection_export, name="collection_export"),
    path("collections/<uuid:collection_id>/photos/", ingest.photo_upload, name="photo_upload"),
    path("collections/<uuid:collection_id>/imports/", ingest.import_list, name="import_list"),
    path("imports/<uuid:run_id>/", ingest.import_detail, name="import_detail"),
    path("imports/<uuid:run_id>/progress/", ingest.import_progress, name="import_progress"),
    path("imports/<uuid:run_id>/refused.csv", ingest.import_refusals, name="import_refusals"),
    path("bin/", deletion.bin_list, name="bin"),
    path("photos/<uuid:photo_id>/delete/", deletion.photo_delete, name="photo_delete"),
    path("photos/<uuid:photo_id>/take-back/", deletion.photo_take_back, name="photo_take_back"),
    path("collections/<uuid:collection_id>/delete/", deletion.collection_delete, name="collection_delete"),
    path(
        "collections/<uuid:collection_id>/take-back/",
        deletion.collection_take_back,
        name="collection_take_back",
    ),
    path("keeping/", keeping.archive_keeping, name="archive_keeping"),
    path("keeping/fixity/", keeping.archive_fixity, name="archive_fixity"),
    path("photos/<uuid:photo_id>/fixity/", keeping.photo_fixity, name="photo_fixity"),
    path(
        "collections/<uuid:collection_id>/keeping/",
        keeping.collection_keeping,
        name="collection_keeping",
    ),
    path("collections/<uuid:collection_id>/fixity/", keeping.collection_fixity, name="collection_fixity"),
    path("collections/<uuid:collection_id>/hold/", keeping.hold_set, name="hold_set"),
    path("collections/<uuid:collection_id>/hold/lift/", keeping.hold_lift, name="hold_lift"),
]
