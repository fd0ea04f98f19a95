"""Who may come in: members, invitations and share links of a collection, as its owners see them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from archive.access.invitation_mail import send_invitation
from archive.access.members import members_above, public_above
from archive.access.roles import Role
from archive.access.signed_in import SignedInRequest
from archive.errors import PulihError
from archive.forms.access import InvitationForm, PublicationForm, RoleForm, ShareLinkForm
from archive.models import Collection, Invitation, Membership, ShareLink
from archive.services import (
    change_role,
    create_share_link,
    invite_member,
    publish_collection,
    remove_member,
    revoke_invitation,
    revoke_share_link,
    transfer_collection,
)


@login_required
@require_safe
def access(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Members, invitations, share links, and whether everybody may look."""
    return _page(request, _owned(request, collection_id))


@never_cache
@login_required
@require_POST
def invitation_create(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Invites somebody; the answer shows the address, this once, in case that no mail arrives."""
    collection = _owned(request, collection_id)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, collection, status=400, invitation_form=form)

    def address_of(key: str) -> str:
        return request.build_absolute_uri(reverse("archive:invitation_open", args=[key]))

    outcome: dict[str, bool] = {}

    def deliver(invitation: Invitation, key: str) -> None:
        outcome["sent"] = send_invitation(invitation, address=address_of(key))

    try:
        invitation, key = invite_member(
            collection=collection,
            email=form.cleaned_data["email"],
            role=Role(form.cleaned_data["role"]),
            actor=request.user,
            deliver=deliver,
        )
    except PulihError as error:
        form.add_error("email", error.message)
        return _page(request, collection, status=400, invitation_form=form)
    return _page(
        request,
        collection,
        status=201,
        new_invitation=invitation,
        new_address=address_of(key),
        mail_failed=not outcome.get("sent", True),
    )


@login_required
@require_POST
def invitation_revoke(request: SignedInRequest, invitation_id: UUID) -> HttpResponse:
    """Closes an invitation."""
    invitation = _of_owned(request, Invitation, invitation_id)
    revoke_invitation(invitation=invitation, actor=request.user)
    return redirect("archive:access", invitation.collection_id)


@login_required
@require_POST
def member_change(request: SignedInRequest, membership_id: UUID) -> HttpResponse:
    """Gives a member another role."""
    membership = _of_owned(request, Membership, membership_id)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            change_role(membership=membership, role=Role(form.cleaned_data["role"]), actor=request.user)
        except PulihError as error:
            messages.error(request, error.message)
    return redirect("archive:access", membership.collection_id)


@login_required
@require_POST
def member_remove(request: SignedInRequest, membership_id: UUID) -> HttpResponse:
    """Takes a member's role away."""
    membership = _of_owned(request, Membership, membership_id)
    try:
        remove_member(membership=membership, actor=request.user)
    except PulihError as error:
        messages.error(request, error.message)
    return redirect("archive:access", membership.collection_id)


@login_required
@require_POST
def member_transfer(request: SignedInRequest, membership_id: UUID) -> HttpResponse:
    """Makes a member the person responsible."""
    membership = _of_owned(request, Membership, membership_id)
    transfer_collection(collection=membership.collection, to=membership.user, actor=request.user)
    name = membership.user.get_username()
    messages.success(request, _("%(name)s is responsible now. You stay an owner.") % {"name": name})
    return redirect("archive:access", membership.collection_id)


@never_cache
@login_required
@require_POST
def share_link_create(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Makes a link for guests; the answer shows its address, this once."""
    collection = _owned(request, collection_id)
    form = ShareLinkForm(request.POST)
    if not form.is_valid():
        return _page(request, collection, status=400, share_link_form=form)
    link, key = create_share_link(
        collection=collection,
        actor=request.user,
        expires_at=form.expires_at(),
        label=form.cleaned_data["label"],
        with_downloads=form.cleaned_data["with_downloads"],
    )
    address = request.build_absolute_uri(reverse("archive:share_link", args=[key]))
    return _page(request, collection, status=201, new_link=link, new_address=address)


@login_required
@require_POST
def share_link_revoke(request: SignedInRequest, link_id: UUID) -> HttpResponse:
    """Closes a link, also for guests who are inside."""
    link = _of_owned(request, ShareLink, link_id)
    revoke_share_link(link=link, actor=request.user)
    return redirect("archive:access", link.collection_id)


@login_required
@require_POST
def publication_change(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Opens the collection to everybody, or closes it."""
    collection = _owned(request, collection_id)
    form = PublicationForm(request.POST)
    if form.is_valid():
        publish_collection(collection=collection, actor=request.user, **form.cleaned_data)
    return redirect("archive:access", collection.pk)


def _page(
    request: SignedInRequest, collection: Collection, *, status: int = 200, **context: Any
) -> HttpResponse:
    memberships = collection.memberships.select_related("user").order_by("user__username")
    links = ShareLink.objects.valid().filter(collection=collection).select_related("created_by")
    shown = {
        "collection": collection,
        "memberships": sorted(memberships, key=lambda each: Role(each.role).rank),
        "members_above": members_above(collection),
        "public_above": public_above(collection),
        "roles": Role.choices,
        "invitations": Invitation.objects.valid().filter(collection=collection),
        "share_links": links,
        "invitation_form": InvitationForm(),
        "share_link_form": ShareLinkForm(),
        "publication_form": PublicationForm(
            initial={
                "is_public": collection.is_public,
                "public_downloads": collection.public_downloads,
            }
        ),
    }
    return render(request, "archive/access.html", shown | context, status=status)


def _owned(request: SignedInRequest, collection_id: UUID) -> Collection:
    """404 where this person may not see the collection, 403 where only an owner may do this."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    _check_owned(request, collection.pk)
    return collection


def _of_owned(request: SignedInRequest, model: Any, pk: UUID) -> Any:
    """Something of a collection in which this person decides; 404 and 403 as above."""
    visible = model.objects.filter(collection__in=Collection.objects.visible_to(request.user))
    found = get_object_or_404(visible.select_related("collection"), pk=pk)
    _check_owned(request, found.collection_id)
    return found


def _check_owned(request: SignedInRequest, collection_id: UUID) -> None:
    if not Collection.objects.owned_by(request.user).filter(pk=collection_id).exists():
        raise PermissionDenied
