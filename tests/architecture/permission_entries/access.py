"""Members, invitations, links, tokens, and what guests see."""

from datetime import timedelta

from django.utils import timezone

from archive.access.roles import Role
from archive.models import Membership
from archive.services import create_api_token, create_share_link, invite_member
from tests.architecture.permission_levels import (
    ANYBODY,
    GUEST,
    NOBODY,
    NOBODY_ELSE,
    OWNER,
    PUBLIC,
    SIGNED_IN,
    Entry,
)


def member(world):
    return [Membership.objects.get(collection=world.fonds, user=world.people["viewer"]).pk]


def invitation(world):
    return [_invited(world)[0].pk]


def link(world):
    ends = timezone.now() + timedelta(days=1)
    return [create_share_link(collection=world.collection, actor=world.owner, expires_at=ends)[0].pk]


def token(world):
    return [create_api_token(user=world.owner, name="of the owner", scopes=["read"])[0].pk]


def _invited(world):
    return invite_member(
        collection=world.collection, email="new@example.org", role=Role.VIEWER, actor=world.owner
    )


DECIDE = Entry(post=OWNER)
ADMIN = (OWNER, "admin")

ENTRIES = {
    "archive:access": Entry(get=OWNER),
    "archive:invitation_create": DECIDE,
    "archive:invitation_revoke": Entry(post=OWNER, args=invitation),
    "archive:member_change": Entry(post=OWNER, args=member),
    "archive:member_remove": Entry(post=OWNER, args=member),
    "archive:member_transfer": Entry(post=OWNER, args=member),
    "archive:link_create": DECIDE,
    "archive:link_revoke": Entry(post=OWNER, args=link),
    "archive:publication_change": DECIDE,
    # Whoever has the key gets in, and is asked who he is afterwards.
    "archive:invitation_open": Entry(get=ANYBODY, args=lambda world: [_invited(world)[1]]),
    "archive:invitation": Entry(get=NOBODY, post=NOBODY),
    "archive:invitation_account": Entry(post=NOBODY),
    "archive:share_link": Entry(get=ANYBODY, args=lambda world: [world.share_link_key]),
    "archive:tokens": Entry(get=SIGNED_IN, post=SIGNED_IN),
    "archive:token_revoke": Entry(post=NOBODY_ELSE, args=token),
    "archive:public_collections": Entry(get=ANYBODY),
    "archive:guest_rendition": Entry(get=GUEST),
    "archive:guest_original": Entry(get=GUEST),
    "restoration:guest_collection": Entry(get=GUEST),
    "restoration:guest_photo": Entry(get=GUEST),
    "restoration:guest_choice": Entry(post=ANYBODY),
    # Of what is public only; what a share link opens tells nobody of itself.
    "restoration:guest_share_picture": Entry(get=PUBLIC),
    "restoration:robots": Entry(get=ANYBODY),
    "restoration:sitemap": Entry(get=ANYBODY),
    "restoration:sitemap_of": Entry(get=ANYBODY, args=lambda world: ["photos"]),
    "restoration:guest_result": Entry(get=GUEST),
    "restoration:guest_result_rendition": Entry(get=GUEST),
    "api:collection-members": Entry(get=ADMIN),
    "api:collection-owner": Entry(get=ADMIN, put=ADMIN),
    "api:collection-invitations": Entry(get=ADMIN, post=ADMIN),
    "api:collection-share-links": Entry(get=ADMIN, post=ADMIN),
    "api:collection-publication": Entry(get=ADMIN, put=ADMIN),
    "api:member-detail": Entry(get=ADMIN, patch=ADMIN, delete=ADMIN, args=member),
    "api:invitation-detail": Entry(get=ADMIN, delete=ADMIN, args=invitation),
    "api:share-link-detail": Entry(get=ADMIN, delete=ADMIN, args=link),
    "api:invitation-acceptance": Entry(post=(SIGNED_IN, None)),
    "api:token-list": Entry(get=(SIGNED_IN, None), post=(SIGNED_IN, None)),
    "api:token-detail": Entry(get=(NOBODY_ELSE, None), delete=(NOBODY_ELSE, None), args=token),
}
