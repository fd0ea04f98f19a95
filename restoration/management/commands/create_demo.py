"""Something to look at on a fresh installation: two people, the shipped model, damaged photos.

The pictures are those that scikit-image ships, damaged by our own generator, always in the same way. Running
it again changes nothing and prints the same sign-in data, so `make run` runs it every time. The password is
drawn once for each installation, unless PULIH_DEMO_PASSWORD names one.

Examples:

    manage.py create_demo
    PULIH_DEMO_PASSWORD="a long walk home" manage.py create_demo
"""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from archive.access.roles import Role
from archive.management.documented import DocumentedCommand
from archive.models import Collection
from archive.services import add_member, create_collection
from restoration.registry.registration import register_shipped_model
from restoration.registry.shipped_model import shipped_weights
from restoration.services import fill_sample_collection

TITLE = "Demo: damaged by our own generator"
DESCRIPTION = (
    "Pictures that scikit-image ships, damaged lightly, moderately or heavily, and restored by Pulih."
)
CURATOR, REVIEWER = "demo", "demo-reviewer"


class Command(DocumentedCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        password = demo_password()
        curator, reviewer = demo_user(CURATOR, password, admin=True), demo_user(REVIEWER, password)
        if not register_shipped_model():
            self.stderr.write(f"{shipped_weights()} is missing: restorations will fail until it is there.")
        collection = demo_collection(curator, reviewer)
        fill_sample_collection(collection=collection)
        self.stdout.write(f"Sign in as {CURATOR} (curator) or {REVIEWER} (reviewer).")
        if curator.check_password(password):
            self.stdout.write(f"Password: {password}")
        else:
            self.stdout.write("Password: the one that you have set since")


def demo_password() -> str:
    """The password of the demo users: drawn once, and kept beside the database."""
    if settings.PULIH_DEMO_PASSWORD:
        return settings.PULIH_DEMO_PASSWORD
    path = Path(settings.VAR_DIR) / "demo-password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9))
    return path.read_text()


def demo_user(username: str, password: str, *, admin: bool = False) -> User:
    """The user of this name, made if need be; one that exists is left as it is."""
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User.objects.create_user(username, password=password, is_staff=admin, is_superuser=admin)
    return user


def demo_collection(curator: User, reviewer: User) -> Collection:
    """The demo collection, made if need be."""
    found = Collection.objects.curated_by(curator).filter(title=TITLE).order_by("created_at").first()
    collection = found or create_collection(owner=curator, title=TITLE, description=DESCRIPTION)
    if found is None:
        add_member(collection=collection, user=reviewer, role=Role.REVIEWER)
    return collection
