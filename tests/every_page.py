"""Every page that the platform has, found in the URL configuration, each as somebody who may see it.

What answers a GET with a whole document is a page, what answers with no HTML a file. What else there is
(fragments for htmx, addresses that only lead on) is named in NOT_PAGES, so that a new page is looked at by
itself and a new address that shows none fails until somebody has said so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from archive.access.email_proofs import proof_for
from archive.access.roles import Role
from archive.services import invite_member
from tests.architecture.endpoints import ENDPOINTS, address_of, insider
from tests.architecture.permission_entries import all_entries
from tests.architecture.permission_world import World
from tests.benchmarks import FIGURES
from tests.factories import make_collection, make_model_version, make_photo, make_restoration, make_user

LOG = [
    {
        "epoch": epoch,
        "phase": phase,
        "losses": {"G_GAN": 0.75, "D_real": 0.5, "G_L1": 0.125},
        "validation": {level: {"psnr": 24.5 + epoch, "ssim": 0.9125} for level in ("light", "mean")},
    }
    for epoch, phase in ((1, "1:1"), (2, "2:1"))
]

NOT_PAGES = {
    # For programs of other houses.
    "iiif:collection",
    "iiif:collection_page",
    "iiif:image",
    "iiif:image_info",
    "iiif:image_part",
    "iiif:manifest",
    "iiif:root",
    "oai",
    # Fragments: what htmx puts into pages that are on the list.
    "archive:archive_fixity",
    "archive:collection_fixity",
    "archive:import_progress",
    "archive:metadata_import_progress",
    "archive:photo_fixity",
    "restoration:gallery_changes",
    "restoration:model_samples",
    "restoration:photo_card",
    "restoration:photo_status",
    "restoration:photo_versions",
    "restoration:progress_state",
    "restoration:upload_panel",
    # Descriptors and tiles of pictures.
    "archive:guest_zoom",
    "archive:guest_zoom_tile",
    "archive:zoom",
    "archive:zoom_tile",
    "restoration:guest_result_zoom",
    "restoration:guest_result_zoom_tile",
    "restoration:result_zoom",
    "restoration:result_zoom_tile",
    # They lead on.
    "archive:invitation_open",
    "archive:share_link",
    "restoration:sample_arriving",
    "set_language",
}
# Their entries say less than a page needs, or somebody must come by a link: see `more_pages`.
ELSEWHERE = {"archive:email_confirm", "archive:invitation", "archive:photos_description"}


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page's name, its address, and who of World.clients looks at it."""

    name: str
    address: str
    caller: str


def every_page(world: World) -> list[SeenPage]:
    """One of each page. Raises AssertionError for an address that neither is one nor is named as none."""
    gone = (NOT_PAGES | ELSEWHERE) - ENDPOINTS.keys()
    assert not gone, f"these lead nowhere any more: {sorted(gone)}"
    entries = all_entries()
    found = []
    unknown = []
    for name in sorted(ENDPOINTS.keys() & entries.keys() - NOT_PAGES - ELSEWHERE):
        entry = entries[name]
        if entry.get is None or (name.startswith("api:") and name != "api:docs"):
            continue
        page = SeenPage(name, address_of(ENDPOINTS[name], entry, world), insider(entry))
        status, content = _answer(world, page)
        if status == 200 and content.lstrip()[:14].lower() == "<!doctype html":
            found.append(page)
        elif status != 200 or content:
            unknown.append(f"{name} at {page.address} as {page.caller}: {status}, no whole document")
    assert not unknown, "pages, or NOT_PAGES of tests/every_page.py?\n" + "\n".join(unknown)
    return [*found, *more_pages(world)]


def more_pages(world: World) -> Iterator[SeenPage]:
    """Pages as they look when there is nothing yet, or when something went wrong, and error pages."""
    world.people["newcomer"] = newcomer = make_user("newcomer")
    world.clients["newcomer"] = world.browser("newcomer")
    empty = make_collection(owner=newcomer, auto_restore=False)
    failed = make_photo(collection=empty)
    make_restoration(photo=failed, status="failed")
    # A collection with one picture to decide on, restored with everything that can be said and laid over it.
    desk = make_collection(owner=newcomer, auto_restore=False)
    on_desk = make_photo(collection=desk)
    make_restoration(photo=on_desk, strength=60, outcome={"warnings": [{"code": "not-measured"}]})
    measured = make_model_version(name="faces", figures=FIGURES, training_log=LOG, card="# Porch")
    yield SeenPage("measured model", reverse("restoration:model_detail", args=[measured.pk]), "staff")
    collection = reverse("restoration:collection_detail", args=[world.collection.pk])
    _invitation, key = invite_member(
        collection=world.collection, email="new@example.org", role=Role.VIEWER, actor=world.owner
    )
    for caller in ("anonymous", "outsider"):
        world.clients[caller].get(reverse("archive:invitation_open", args=[key]))
        yield SeenPage(f"invited, {caller}", reverse("archive:invitation"), caller)
    confirm = reverse("archive:email_confirm", args=[proof_for(newcomer, "newcomer@example.org")])
    yield SeenPage("archive:email_confirm", confirm, "anonymous")
    describe = reverse("archive:photos_description", args=[world.collection.pk])
    yield SeenPage("archive:photos_description", f"{describe}?photo={world.photo.pk}", "owner")
    yield SeenPage("no collection", reverse("archive:collection_list"), "outsider")
    yield SeenPage("nothing in the filter", f"{collection}?state=failed", "owner")
    yield SeenPage("nothing found", reverse("restoration:search") + "?q=zzzz", "owner")
    yield SeenPage("failed", reverse("restoration:photo_detail", args=[failed.pk]), "newcomer")
    yield SeenPage("all layers", reverse("restoration:photo_detail", args=[on_desk.pk]), "newcomer")
    room = reverse("restoration:collection_review", args=[desk.pk])
    yield SeenPage("review room with a picture", room, "newcomer")
    yield SeenPage("seen by a viewer", reverse("restoration:photo_detail", args=[world.photo.pk]), "viewer")
    yield SeenPage("not found", "/no/such/page/", "owner")
    yield SeenPage("refused", reverse("archive:archive_keeping"), "owner")


def _answer(world: World, page: SeenPage) -> tuple[int, str]:
    """Status and HTML; nothing for a file."""
    with world.as_seen_by(page.caller):
        response = world.clients[page.caller].get(page.address)
    if response.streaming:
        for _block in response.streaming_content:
            pass
        return response.status_code, ""
    is_html = response.headers.get("Content-Type", "").startswith("text/html")
    return response.status_code, response.content.decode() if is_html else ""
