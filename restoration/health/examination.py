"""Everything that the doctor looks at, by the name of a part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings

from archive.health import databases, disks, stores, surroundings
from archive.health.findings import Check, Finding, fine, look
from archive.queue.queues import Queue
from restoration.health import queues


def parts(*, every_file: bool = False) -> dict[str, Check]:
    """The checks in the order in which they are of use: what others need comes first.

    `every_file`: compare all names of files with all rows, however many there are.
    """
    return {
        "versions": surroundings.versions,
        "settings": surroundings.configuration,
        "database": _database,
        "disk": disks.doctor_room,
        "storage": lambda: _storage(every_file),
        "queue": queues.doctor_queue,
        "model": _model,
        "mail": surroundings.mail,
        "webhooks": surroundings.webhooks,
        "clock": surroundings.clock,
    }


def examine(names: Iterable[str] = (), *, every_file: bool = False) -> Iterator[tuple[str, list[Finding]]]:
    """Look at the parts of these names, or at all; each part's name with what was found, as it is found."""
    wanted = set(names)
    for name, check in parts(every_file=every_file).items():
        if not wanted or name in wanted:
            yield name, look(name, check)


def _database() -> Iterator[Finding]:
    yield from databases.answering()
    yield from databases.engine()
    yield from databases.migrations()


def _storage(every_file: bool) -> Iterator[Finding]:
    yield from stores.writable()
    yield from stores.round_trip()
    yield from stores.left_behind()
    yield from stores.fixity()
    yield from stores.orphans() if every_file else stores.orphans_of_few()


def _model() -> Iterator[Finding]:
    if Queue.RESTORATION not in settings.PULIH_QUEUES:
        yield fine("model", "not tried: PULIH_QUEUES leaves restorations to other machines")
        return
    # Imported here: it loads torch.
    from restoration.health import networks

    yield from networks.libraries()
    yield from networks.model()
