"""One of everything, with payloads in every text that people, files or other servers can write."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import CharField, Field, Model, TextField

from archive.access.scopes import Scope
from archive.models import MetadataImport, Original
from archive.services import (
    create_api_token,
    create_collection,
    create_webhook,
    describe_photo,
    set_legal_hold,
    update_collection,
)
from restoration.models import Review
from restoration.services import review_restoration
from tests.architecture.permission_world import World
from tests.security.payloads import PAYLOADS
from tests.training_runs import write_training_run

APPS = ("archive", "restoration", "auth")

WRITTEN_BY_US = {
    # Sums, keys, digests and codes of ours; kinds and states from lists.
    *("sha256", "found_sha256", "clean_sha256", "degraded_sha256", "weights_sha256", "hand_sha256"),
    *("original_sha256", "result_sha256", "repair_sha256", "key_digest", "request_digest", "digest"),
    *("hash", "previous_hash", "who", "place_digest", "code", "error_code", "refusal_code", "kind", "state"),
    *("media_type", "result_media_type", "damage_level", "level", "limit", "codename", "password"),
    *("key", "name_key", "colour", "folder_key", "weights_path", "code_version", "software", "host"),
    # EDTF, which is read before it is kept: tests/archive/test_edtf.py.
    "date_edtf",
    # Sent by us and read by machines; an answer's beginning is shown and stays in.
    "body",
    # Addresses: of mails and of webhooks, which are checked before they are kept.
    *("email", "url"),
}
WRITTEN_BY_US_IN = {
    # Rows that the log never changes: what they say comes from the services below.
    "archive.event",
    "archive.chainlink",
    # Counts under digests, signs of life, answers that are sealed.
    "archive.attempts",
    "archive.clusterbeat",
    "archive.keptanswer",
    # Words of the search index and of Django.
    "archive.catalogueentry",
    "auth.permission",
    "auth.group",
}
ALL = "\n".join(PAYLOADS)


class HostileWorld(World):
    """A World whose texts were written by somebody who means harm; events tell of it, too."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.payloads = itertools.cycle(PAYLOADS)
        self._make_more()
        self._make_events()
        for model in written_models():
            for row in model._default_manager.all():
                self._fill(row)
        # No row holds them: what is in the files, and folders of training runs.
        for original in Original.objects.all():
            block = {f"Name{number} {text}": text for number, text in enumerate(PAYLOADS)}
            original.embedded = {"exif": block, "iptc": block, "xmp": {"dc:title": PAYLOADS}}
            original.save()
        write_training_run(settings.PULIH_RUNS_DIR / "<img src=x onerror=hurt()>")
        for row in (*self.people.values(), self.collection, self.fonds, self.photo, self.other_collection):
            row.refresh_from_db()

    def _make_more(self) -> None:
        describe_photo(
            photo=self.photo, actor=self.owner, tags=[f"tag {number}" for number in range(len(PAYLOADS))]
        )
        create_api_token(user=self.owner, name="x", scopes=[Scope.READ])
        create_webhook(owner=self.owner, url="https://hooks.example.org/", kinds=["collection.changed"])
        MetadataImport.objects.create(collection=self.collection, uploaded_by=self.owner, filename="x")

    def _make_events(self) -> None:
        """What the log tells about: names, reasons and comments of hostile people."""
        text = next(self.payloads)
        update_collection(collection=self.collection, actor=self.owner, title=text, description=ALL)
        described = {"title": next(self.payloads), "description": ALL, "notes": ALL}
        describe_photo(photo=self.photo, actor=self.owner, **described)
        set_legal_hold(collection=self.other_collection, actor=self.people["other owner"], reason=text)
        create_collection(owner=self.owner, title=next(self.payloads), parent=self.fonds)
        review_restoration(
            restoration=self.restoration, reviewer=self.owner, decision=Review.Decision.APPROVED, comment=ALL
        )

    def _fill(self, row: Model) -> None:
        values = {field.name: self._text(field, row) for field in written_fields(type(row))}
        # Past the services and the models' own checks, which would refuse some of it.
        type(row)._base_manager.filter(pk=row.pk).update(**values)

    def _text(self, field: Field[Any, Any], row: Model) -> str:
        if isinstance(field, TextField):
            return ALL
        # SQLite minds no length; each text begins with another payload, for where it is cut off.
        whole = connection.vendor == "sqlite"
        room = len(ALL) if whole else field.max_length or 0
        text = next(text for text in self.payloads if len(text) <= room)
        if whole:
            start = PAYLOADS.index(text)
            text = " ".join((*PAYLOADS[start:], *PAYLOADS[:start]))
        return f"{row.pk}{text}" if field.name == "username" else text


def written_models() -> Iterator[type[Model]]:
    """Models with texts that others write."""
    for model in apps.get_models():
        mine = model._meta.app_label in APPS and model._meta.label_lower not in WRITTEN_BY_US_IN
        if mine and written_fields(model):
            yield model


def written_fields(model: type[Model]) -> list[Field[Any, Any]]:
    """Fields of text that is no choice from a list and not of our own making."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, (CharField, TextField)) and not field.choices and field.name not in WRITTEN_BY_US
    ]
