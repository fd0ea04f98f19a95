"""Fills what 0002 added, from the rows that were there before. Going back needs nothing: 0002 takes it away."""

import hashlib

from django.db import migrations

from archive.events.chain import GENESIS, digest_of, link_hash
from archive.events.records import content_of


def place_collections(apps, schema_editor):
    """Every collection of before stands at the top: it has itself as its only ancestor."""
    Collection = apps.get_model("archive", "Collection")
    Lineage = apps.get_model("archive", "Lineage")
    rows = (
        Lineage(descendant_id=pk, ancestor_id=pk, distance=0)
        for pk in Collection.objects.values_list("pk", flat=True).iterator()
    )
    Lineage.objects.bulk_create(rows, batch_size=500)


def chain_events(apps, schema_editor):
    """Events of before get the names of those who acted, and their places in the chain, oldest first."""
    Event = apps.get_model("archive", "Event")
    ChainLink = apps.get_model("archive", "ChainLink")
    sequence, previous_hash, links = 0, GENESIS, []
    events = list(Event.objects.select_related("actor").order_by("created_at", "id"))
    for event in events:
        event.agent = event.actor.username if event.actor else ""
        event.digest = digest_of(content_of(event))
        sequence += 1
        link = ChainLink(
            sequence=sequence,
            event_id=event.pk,
            previous_hash=previous_hash,
            hash=link_hash(previous_hash=previous_hash, sequence=sequence, digest=event.digest),
        )
        previous_hash = link.hash
        links.append(link)
    Event.objects.bulk_update(events, ["agent", "digest"], batch_size=500)
    ChainLink.objects.bulk_create(links, batch_size=500)


def make_owners(apps, schema_editor):
    """Whoever is responsible for a collection was its curator before there were owners."""
    Collection = apps.get_model("archive", "Collection")
    Membership = apps.get_model("archive", "Membership")
    for collection in Collection.objects.only("pk", "owner_id").iterator():
        Membership.objects.update_or_create(
            collection=collection, user_id=collection.owner_id, defaults={"role": "owner"}
        )


def keep_earlier_tokens(apps, schema_editor):
    """Tokens of rest_framework.authtoken go on working, for everything; their keys in clear text go."""
    connection = schema_editor.connection
    if "authtoken_token" not in connection.introspection.table_names():
        return
    ApiToken = apps.get_model("archive", "ApiToken")
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, user_id FROM authtoken_token")
        rows = cursor.fetchall()
    scopes = ["read", "upload", "restore", "review", "export", "admin"]
    ApiToken.objects.bulk_create(
        ApiToken(
            user_id=user_id,
            name="API",
            scopes=scopes,
            key_digest=hashlib.sha256(key.encode()).hexdigest(),
        )
        for key, user_id in rows
    )
    schema_editor.execute("DROP TABLE authtoken_token")


class Migration(migrations.Migration):
    dependencies = [("archive", "0002_archive")]

    operations = [
        migrations.RunPython(make_owners, migrations.RunPython.noop),
        migrations.RunPython(keep_earlier_tokens, migrations.RunPython.noop),
        migrations.RunPython(place_collections, migrations.RunPython.noop),
        migrations.RunPython(chain_events, migrations.RunPython.noop),
    ]
