"""One of everything that an address can name, and somebody in every position towards it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from archive.access.roles import Role
from archive.access.scopes import Scope
from archive.models import Collection, ImportRun, Photo
from archive.services import begin_import, create_api_token, create_share_link, publish_collection
from restoration.models import ModelVersion, Restoration, Review, SampleResult
from restoration.services import review_restoration
from tests import pictures
from tests.architecture.permission_levels import MEMBERS, PEOPLE
from tests.factories import make_collection, make_photo, make_restoration, make_sample_results, make_user


@dataclass
class World:
    """All roles are held in the fonds; what is asked for lies below it, which proves inheritance, too."""

    people: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.people = {name: make_user(name.replace(" ", "-")) for name in ("owner", *MEMBERS[:3])}
        self.people |= {"outsider": make_user("outsider"), "other owner": make_user("other-owner")}
        self.people["staff"] = make_user("staff", is_staff=True, is_superuser=True)
        members = {self.people[role]: Role(role) for role in MEMBERS}
        self.owner = self.people["owner"]
        self.fonds: Collection = make_collection(owner=self.owner, members=members, auto_restore=False)
        self.collection: Collection = make_collection(owner=self.owner, parent=self.fonds, auto_restore=False)
        self.photo: Photo = make_photo(collection=self.collection)
        everywhere = pictures.png(Image.new("L", (128, 160), 255))
        self.restoration: Restoration = make_restoration(photo=self.photo, hand=everywhere)
        review_restoration(
            restoration=self.restoration, reviewer=self.owner, decision=Review.Decision.APPROVED
        )
        self.model_version: ModelVersion = self.restoration.model_version
        self.other_collection: Collection = make_collection(
            owner=self.people["other owner"], auto_restore=False
        )
        self.other_photo: Photo = make_photo(collection=self.other_collection)
        self.sample_result: SampleResult = make_sample_results(self.model_version)[0]
        self.import_run: ImportRun = begin_import(
            collection=self.collection,
            started_by=self.owner,
            source=ImportRun.Source.ZIP,
            name="album.zip",
            begins_work=False,
        )
        ends = timezone.now() + timedelta(days=1)
        _link, self.share_link_key = create_share_link(
            collection=self.fonds, actor=self.owner, expires_at=ends, with_downloads=True
        )
        # All at once: what is made later, during a look at one endpoint, is rolled back after it.
        self.clients = {caller: self.browser(caller) for caller in PEOPLE} | self._programs()

    def browser(self, caller: str) -> Client:
        client = Client()
        if caller in self.people:
            client.force_login(self.people[caller])
        elif caller == "share link":
            client.get(reverse("archive:share_link", args=[self.share_link_key]))
        return client

    def _programs(self) -> dict[str, Client]:
        """By "token:" and scope the owner's token for that alone; "token:elsewhere" is for everything, in
        another collection.
        """
        elsewhere = make_collection(owner=self.owner, auto_restore=False)
        keys = {
            scope.value: create_api_token(user=self.owner, name=scope.value, scopes=[scope])[1]
            for scope in Scope
        }
        keys["elsewhere"] = create_api_token(
            user=self.owner, name="elsewhere", scopes=list(Scope), collections=[elsewhere]
        )[1]
        return {
            f"token:{name}": Client(headers={"Authorization": f"Token {key}"}) for name, key in keys.items()
        }

    @contextmanager
    def as_seen_by(self, caller: str) -> Iterator[None]:
        """The fonds is public for the public visitor alone; whoever is inside rolls back afterwards."""
        if caller == "public visitor":
            publish_collection(collection=self.fonds, actor=self.owner, is_public=True, public_downloads=True)
        yield

    def argument(self, name: str, route: str) -> Any:
        """The value for an address's argument. Raises LookupError where `Entry.args` must say it."""
        if name == "pk":
            name = f"{route.split('<', maxsplit=1)[0].strip('/').split('/')[-1].removesuffix('s')}_id"
        known = {
            "collection_id": self.collection.pk,
            "photo_id": self.photo.pk,
            "restoration_id": self.restoration.pk,
            "model_id": self.model_version.pk,
            "kind": "web",
        }
        return known[name]
