"""What guests may see: public collections and share links."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from archive.access.keys import digest_of, new_key
from archive.events.kinds import AccessEvent
from archive.messages import input_error
from archive.models import Collection, ShareLink
from archive.services.events import record_event


@transaction.atomic
def publish_collection(
    *, collection: Collection, actor: User, is_public: bool, public_downloads: bool = False
) -> Collection:
    """Show a collection and what is below it to everybody, or no longer; with downloads or without."""
    collection.is_public = is_public
    collection.public_downloads = is_public and public_downloads
    collection.save(update_fields=["is_public", "public_downloads"])
    record_event(
        collection=collection,
        kind=AccessEvent.PUBLICATION_CHANGED,
        actor=actor,
        details={"public": collection.is_public, "downloads": collection.public_downloads},
    )
    return collection


@transaction.atomic
def create_share_link(
    *,
    collection: Collection,
    actor: User,
    expires_at: datetime,
    label: str = "",
    with_downloads: bool = False,
) -> tuple[ShareLink, str]:
    """Make a link for guests and its key, of which only a digest is kept: it is returned this once.

    Raises InputError archive:access:past when `expires_at` is not in the future.
    """
    if expires_at <= timezone.now():
        raise input_error("archive:access:past")
    key = new_key()
    link = ShareLink.objects.create(
        collection=collection,
        label=label,
        with_downloads=with_downloads,
        created_by=actor,
        key_digest=digest_of(key),
        expires_at=expires_at,
    )
    record_event(
        collection=collection,
        kind=AccessEvent.SHARE_LINK_CREATED,
        actor=actor,
        details={
            "link": str(link.pk),
            "label": label,
            "downloads": with_downloads,
            "expires_at": expires_at.isoformat(),
        },
    )
    return link, key


@transaction.atomic
def revoke_share_link(*, link: ShareLink, actor: User) -> None:
    """Close a link, also for guests who are inside; revoking it again changes nothing."""
    if ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record_event(
            collection=link.collection,
            kind=AccessEvent.SHARE_LINK_REVOKED,
            actor=actor,
            details={"link": str(link.pk), "label": link.label},
        )


@transaction.atomic
def count_visit(*, link: ShareLink) -> None:
    """Count somebody who came by this link."""
    ShareLink.objects.filter(pk=link.pk).update(
        visit_count=F("visit_count") + 1, last_visit_at=timezone.now()
    )
