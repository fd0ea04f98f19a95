"""Members, invitations, share links and publication over REST: what a collection's owners decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.invitation_mail import send_invitation
from archive.access.roles import Role
from archive.access.scopes import Scope
from archive.api.access_serializers import (
    InvitationKeySerializer,
    InvitationSerializer,
    MembershipSerializer,
    NewInvitationSerializer,
    NewShareLinkSerializer,
    OwnerSerializer,
    PublicationSerializer,
    RoleSerializer,
    ShareLinkSerializer,
)
from archive.api.authentication import NotByToken
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.api.preconditions import HasETag, if_unchanged
from archive.models import Collection, Invitation, Membership, ShareLink
from archive.services import (
    accept_invitation,
    change_role,
    create_share_link,
    invite_member,
    publish_collection,
    remove_member,
    revoke_invitation,
    revoke_share_link,
    transfer_collection,
)

_EVERY_METHOD = dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), Scope.ADMIN)


class _OfCollection(generics.GenericAPIView[Any]):
    """Something of a collection, for its owners alone."""

    scopes = _EVERY_METHOD

    def owned_collection(self) -> Collection:
        """404 where the caller may not see the collection, 403 where only an owner may do this."""
        visible = Collection.objects.visible_to(self.request.user)
        collection = get_object_or_404(visible, pk=self.kwargs["collection_id"])
        _check_owned(self.request, collection.pk)
        return collection


class _OfOwned(generics.GenericAPIView[Any]):
    """A row that belongs to a collection, for the collection's owners alone."""

    scopes = _EVERY_METHOD
    http_method_names = ["patch", "delete", "options"]

    def owned(self, rows: QuerySet[Any]) -> Any:
        visible = rows.filter(collection__in=Collection.objects.visible_to(self.request.user))
        found = get_object_or_404(visible.select_related("collection"), pk=self.kwargs["pk"])
        _check_owned(self.request, found.collection_id)
        return found


class CollectionMembers(_OfCollection, generics.ListAPIView[Membership]):
    """Who holds which role in the collection itself. Roles from further up are listed there."""

    serializer_class = MembershipSerializer
    queryset = Membership.objects.none()

    def get_queryset(self) -> QuerySet[Membership]:
        memberships = Membership.objects.filter(collection=self.owned_collection())
        return memberships.select_related("user").order_by("user__username")


class MemberDetail(HasETag, _OfOwned):
    """One role that somebody holds."""

    serializer_class = MembershipSerializer
    queryset = Membership.objects.none()
    http_method_names = ["get", "patch", "delete", "head", "options"]

    @extend_schema(operation_id="members_retrieve")
    def get(self, request: Request, pk: UUID) -> Response:
        """Who holds which role."""
        return Response(self.get_serializer(self.owned(Membership.objects.select_related("user"))).data)

    @extend_schema(request=RoleSerializer, responses={200: MembershipSerializer, 409: ApiErrorSerializer})
    @if_unchanged
    def patch(self, request: Request, pk: UUID) -> Response:
        """Another role. 409 for the person responsible, who stays owner."""
        membership = self.owned(Membership.objects.all())
        asked = RoleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        role = Role(asked.validated_data["role"])
        changed = change_role(membership=membership, role=role, actor=signed_in(request))
        return Response(self.get_serializer(changed).data)

    @extend_schema(responses={204: None, 409: ApiErrorSerializer})
    @if_unchanged
    def delete(self, request: Request, pk: UUID) -> Response:
        """Take the role away. 409 for the person responsible."""
        remove_member(membership=self.owned(Membership.objects.all()), actor=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CollectionOwner(HasETag, _OfCollection):
    """The person responsible."""

    serializer_class = OwnerSerializer

    def locked_rows(self, request: Request, **kwargs: Any) -> QuerySet[Any]:
        return Collection.objects.filter(pk=kwargs["collection_id"])

    @extend_schema(operation_id="collections_owner")
    def get(self, request: Request, collection_id: UUID) -> Response:
        """By user name."""
        return Response({"username": self.owned_collection().owner.get_username()})

    @extend_schema(responses={200: OwnerSerializer, 409: ApiErrorSerializer})
    @if_unchanged
    def put(self, request: Request, collection_id: UUID) -> Response:
        """Hand the collection over to a member. 409 for somebody who is none."""
        collection = self.owned_collection()
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = asked.validated_data["username"]
        transfer_collection(collection=collection, to=user, actor=signed_in(request))
        return Response({"username": user.get_username()})


class CollectionInvitations(_OfCollection, generics.ListAPIView[Invitation]):
    """Invitations that nobody has accepted yet."""

    serializer_class = InvitationSerializer
    queryset = Invitation.objects.none()

    def get_queryset(self) -> QuerySet[Invitation]:
        return Invitation.objects.valid().filter(collection=self.owned_collection()).order_by("-created_at")

    @extend_schema(
        operation_id="collections_invitations_create",
        request=InvitationSerializer,
        responses={201: NewInvitationSerializer, 400: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request, collection_id: UUID) -> Response:
        """Invite somebody by mail, for two weeks."""
        collection = self.owned_collection()
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)

        def address_of(key: str) -> str:
            return request.build_absolute_uri(reverse("archive:invitation_open", args=[key]))

        def deliver(invitation: Invitation, key: str) -> None:
            send_invitation(invitation, address=address_of(key))

        invitation, key = invite_member(
            collection=collection,
            email=asked.validated_data["email"],
            role=Role(asked.validated_data["role"]),
            actor=signed_in(request),
            deliver=deliver,
        )
        shown = self.get_serializer(invitation).data | {"url": address_of(key)}
        return Response(shown, status=status.HTTP_201_CREATED)


class InvitationDetail(HasETag, _OfOwned):
    """One open invitation."""

    serializer_class = InvitationSerializer
    queryset = Invitation.objects.none()
    http_method_names = ["get", "delete", "head", "options"]

    @extend_schema(operation_id="invitations_retrieve")
    def get(self, request: Request, pk: UUID) -> Response:
        """Who is invited as what, until when."""
        return Response(self.get_serializer(self.owned(Invitation.objects.valid())).data)

    @extend_schema(responses={204: None})
    @if_unchanged
    def delete(self, request: Request, pk: UUID) -> Response:
        """Revoke it."""
        revoke_invitation(invitation=self.owned(Invitation.objects.all()), actor=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationAcceptance(generics.GenericAPIView[Any]):
    """Accept an invitation that you were sent."""

    # A token acts within the roles that there are; new ones are for the person.
    permission_classes = (*generics.GenericAPIView.permission_classes, NotByToken)
    serializer_class = InvitationKeySerializer

    @extend_schema(responses={201: MembershipSerializer, 404: ApiErrorSerializer, 409: ApiErrorSerializer})
    @once_per_key
    def post(self, request: Request) -> Response:
        """Become a member. 404 for a key that opens nothing (any more)."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found = Invitation.objects.opened_by(asked.validated_data["key"])
        invitation = found.filter(collection__in=Collection.objects.present()).first()
        if invitation is None:
            raise NotFound
        membership = accept_invitation(invitation=invitation, user=signed_in(request))
        return Response(MembershipSerializer(membership).data, status=status.HTTP_201_CREATED)


class CollectionShareLinks(_OfCollection, generics.ListAPIView[ShareLink]):
    """Links for guests that are open."""

    serializer_class = ShareLinkSerializer
    queryset = ShareLink.objects.none()

    def get_queryset(self) -> QuerySet[ShareLink]:
        return ShareLink.objects.valid().filter(collection=self.owned_collection()).order_by("-created_at")

    @extend_schema(
        operation_id="collections_share_links_create",
        request=ShareLinkSerializer,
        responses={201: NewShareLinkSerializer, 400: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request, collection_id: UUID) -> Response:
        """Make a link."""
        collection = self.owned_collection()
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        link, key = create_share_link(collection=collection, actor=signed_in(request), **asked.validated_data)
        address = request.build_absolute_uri(reverse("archive:share_link", args=[key]))
        return Response(self.get_serializer(link).data | {"url": address}, status=status.HTTP_201_CREATED)


class ShareLinkDetail(HasETag, _OfOwned):
    """One link for guests."""

    serializer_class = ShareLinkSerializer
    queryset = ShareLink.objects.none()
    http_method_names = ["get", "delete", "head", "options"]
    described = ("label", "with_downloads", "expires_at")

    @extend_schema(operation_id="share_links_retrieve")
    def get(self, request: Request, pk: UUID) -> Response:
        """What it opens, until when, and how often it was used."""
        return Response(self.get_serializer(self.owned(ShareLink.objects.valid())).data)

    @extend_schema(responses={204: None})
    @if_unchanged
    def delete(self, request: Request, pk: UUID) -> Response:
        """Revoke it, also for guests who are inside."""
        revoke_share_link(link=self.owned(ShareLink.objects.all()), actor=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CollectionPublication(HasETag, _OfCollection):
    """Whether everybody may look at the collection and what is below it."""

    serializer_class = PublicationSerializer

    def locked_rows(self, request: Request, **kwargs: Any) -> QuerySet[Any]:
        return Collection.objects.filter(pk=kwargs["collection_id"])

    @extend_schema(operation_id="collections_publication")
    def get(self, request: Request, collection_id: UUID) -> Response:
        """As it is."""
        return Response(self.get_serializer(self.owned_collection()).data)

    @if_unchanged
    def put(self, request: Request, collection_id: UUID) -> Response:
        """Open or close it."""
        collection = self.owned_collection()
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        published = publish_collection(
            collection=collection, actor=signed_in(request), **asked.validated_data
        )
        return Response(self.get_serializer(published).data)


def _check_owned(request: Request, collection_id: UUID) -> None:
    if not Collection.objects.owned_by(request.user).filter(pk=collection_id).exists():
        raise PermissionDenied
