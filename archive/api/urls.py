"""Addresses of the archive's part of the REST API, below /api/v1/; restoration.api.urls takes them in."""

from django.urls import path

from archive.api.access import (
    CollectionInvitations,
    CollectionMembers,
    CollectionOwner,
    CollectionPublication,
    CollectionShareLinks,
    InvitationAcceptance,
    InvitationDetail,
    MemberDetail,
    ShareLinkDetail,
)
from archive.api.bin import (
    Bin,
    BinCollections,
    BinPhotos,
    CollectionTakeBack,
    PhotosDeletion,
    PhotosTakeBack,
    PhotoTakeBack,
)
from archive.api.descriptions import PhotoDescriptions, PhotoEmbedded
from archive.api.exports import CollectionExport
from archive.api.imports import CollectionImports, ImportDetail, ImportItems, PhotoAlike
from archive.api.keeping import (
    ArchiveFixity,
    CollectionEvents,
    CollectionFixity,
    CollectionHold,
    FixityRunDetail,
    FixityRuns,
    PhotoEvents,
    PhotoFixity,
)
from archive.api.me import Me, MyEmail, MyEmailConfirmation, MyPassword, MySessions
from archive.api.metadata_imports import (
    CollectionDescriptions,
    CollectionMetadataImports,
    MetadataImportApplication,
    MetadataImportDetail,
    MetadataImportRows,
)
from archive.api.renditions import PhotoRendition
from archive.api.sign_in import SignIn
from archive.api.tokens import TokenDetail, TokenList
from archive.api.tree import CollectionMove
from archive.api.uploads import BagUploads, CollectionUploads, UploadDetail
from archive.api.users import UserDetail, UserRoles, Users
from archive.api.views import CollectionDetail, CollectionList, PhotoOriginal
from archive.api.webhook_urls import webhook_urls

archive_urls = [
    *webhook_urls,
    path("token/", SignIn.as_view(), name="token"),
    path("collections/", CollectionList.as_view(), name="collection-list"),
    path("collections/<uuid:pk>/", CollectionDetail.as_view(), name="collection-detail"),
    path("collections/<uuid:pk>/move/", CollectionMove.as_view(), name="collection-move"),
    path(
        "collections/<uuid:collection_id>/descriptions/",
        CollectionDescriptions.as_view(),
        name="collection-descriptions",
    ),
    path(
        "collections/<uuid:collection_id>/descriptions/imports/",
        CollectionMetadataImports.as_view(),
        name="collection-metadata-imports",
    ),
    path("descriptions/<uuid:pk>/", MetadataImportDetail.as_view(), name="metadata-import-detail"),
    path("descriptions/<uuid:pk>/rows/", MetadataImportRows.as_view(), name="metadata-import-rows"),
    path(
        "descriptions/<uuid:pk>/apply/",
        MetadataImportApplication.as_view(),
        name="metadata-import-application",
    ),
    path("collections/<uuid:collection_id>/export/", CollectionExport.as_view(), name="collection-export"),
    path("photos/describe/", PhotoDescriptions.as_view(), name="photo-descriptions"),
    path("photos/<uuid:pk>/embedded/", PhotoEmbedded.as_view(), name="photo-embedded"),
    path("photos/<uuid:pk>/renditions/<slug:kind>/", PhotoRendition.as_view(), name="photo-rendition"),
    path("photos/<uuid:pk>/original/", PhotoOriginal.as_view(), name="photo-original"),
    path("collections/<uuid:collection_id>/uploads/", CollectionUploads.as_view(), name="collection-uploads"),
    path("bags/", BagUploads.as_view(), name="bag-uploads"),
    path("uploads/<uuid:pk>/", UploadDetail.as_view(), name="upload-detail"),
    path("collections/<uuid:collection_id>/imports/", CollectionImports.as_view(), name="collection-imports"),
    path("imports/<uuid:pk>/", ImportDetail.as_view(), name="import-detail"),
    path("imports/<uuid:pk>/items/", ImportItems.as_view(), name="import-items"),
    path("photos/<uuid:pk>/alike/", PhotoAlike.as_view(), name="photo-alike"),
    path("collections/<uuid:collection_id>/members/", CollectionMembers.as_view(), name="collection-members"),
    path("collections/<uuid:collection_id>/owner/", CollectionOwner.as_view(), name="collection-owner"),
    path(
        "collections/<uuid:collection_id>/invitations/",
        CollectionInvitations.as_view(),
        name="collection-invitations",
    ),
    path(
        "collections/<uuid:collection_id>/share-links/",
        CollectionShareLinks.as_view(),
        name="collection-share-links",
    ),
    path(
        "collections/<uuid:collection_id>/publication/",
        CollectionPublication.as_view(),
        name="collection-publication",
    ),
    path("members/<uuid:pk>/", MemberDetail.as_view(), name="member-detail"),
    path("invitations/accept/", InvitationAcceptance.as_view(), name="invitation-acceptance"),
    path("invitations/<uuid:pk>/", InvitationDetail.as_view(), name="invitation-detail"),
    path("share-links/<uuid:pk>/", ShareLinkDetail.as_view(), name="share-link-detail"),
    path("users/", Users.as_view(), name="user-list"),
    path("users/<int:pk>/", UserDetail.as_view(), name="user-detail"),
    path("users/<int:pk>/roles/", UserRoles.as_view(), name="user-roles"),
    path("me/", Me.as_view(), name="me"),
    path("me/email/", MyEmail.as_view(), name="me-email"),
    path("me/email/confirmation/", MyEmailConfirmation.as_view(), name="me-email-confirmation"),
    path("me/password/", MyPassword.as_view(), name="me-password"),
    path("me/sessions/", MySessions.as_view(), name="me-sessions"),
    path("tokens/", TokenList.as_view(), name="token-list"),
    path("tokens/<uuid:pk>/", TokenDetail.as_view(), name="token-detail"),
    path("bin/", Bin.as_view(), name="bin"),
    path("bin/photos/", BinPhotos.as_view(), name="bin-photos"),
    path("bin/collections/", BinCollections.as_view(), name="bin-collections"),
    path("photos/delete/", PhotosDeletion.as_view(), name="photos-deletion"),
    path("photos/take-back/", PhotosTakeBack.as_view(), name="photos-take-back"),
    path("photos/<uuid:photo_id>/take-back/", PhotoTakeBack.as_view(), name="photo-take-back"),
    path(
        "collections/<uuid:collection_id>/take-back/",
        CollectionTakeBack.as_view(),
        name="collection-take-back",
    ),
    path("photos/<uuid:photo_id>/events/", PhotoEvents.as_view(), name="photo-events"),
    path("photos/<uuid:photo_id>/fixity/", PhotoFixity.as_view(), name="photo-fixity"),
    path("collections/<uuid:collection_id>/events/", CollectionEvents.as_view(), name="collection-events"),
    path("collections/<uuid:collection_id>/fixity/", CollectionFixity.as_view(), name="collection-fixity"),
    path("collections/<uuid:collection_id>/hold/", CollectionHold.as_view(), name="collection-hold"),
    path("fixity/", ArchiveFixity.as_view(), name="fixity"),
    path("fixity/runs/", FixityRuns.as_view(), name="fixity-runs"),
    path("fixity/runs/<uuid:pk>/", FixityRunDetail.as_view(), name="fixity-run-detail"),
]
