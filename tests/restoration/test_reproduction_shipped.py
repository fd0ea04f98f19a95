"""The same bytes again by what Pulih ships: the model, its faster engine, and more than one thread."""

import os
from pathlib import Path

import pytest
from django.db import connection

from restoration.models import Restoration
from restoration.registry.registration import register_shipped_model
from tests import pictures
from tests.factories import make_photo, make_restoration
from tests.processes import Installation

DATABASE = "PULIH_TEST_DATABASE_URL"


def address() -> str:
    """Of the test's own database."""
    name = connection.settings_dict["NAME"]
    return (
        f"{os.environ[DATABASE].rpartition('/')[0]}/{name}"
        if os.environ.get(DATABASE)
        else f"sqlite:///{name}"
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_one_process_made_another_makes_again(tmp_path: Path) -> None:
    """OpenVINO on two threads, in a worker's process and in a command's: neither finds anything loaded."""
    assert register_shipped_model()
    content = pictures.png(pictures.scratched(pictures.portrait(448, 560)))
    restoration = make_restoration(photo=make_photo(content=content), status=Restoration.Status.QUEUED)
    machine = Installation(
        tmp_path, DATABASE_URL=address(), PULIH_ENGINE="auto", PULIH_DEVICE="cpu", PULIH_TORCH_THREADS="2"
    )
    connection.close()
    work = f"from restoration.tasks import run_restoration; print(run_restoration('{restoration.pk}'))"
    assert machine.manage("shell", "-c", work).splitlines()[-1] == "done"
    restoration.refresh_from_db()
    ran = restoration.parameters
    assert (ran["engine"], ran["threads"], ran["device"]) == ("openvino", 2, "cpu")
    assert restoration.change_report["share_changed"] > 0
    assert machine.manage("reproduce_restoration", str(restoration.pk)).splitlines() == [
        f"result: identical, SHA-256 {restoration.result_sha256}",
        f"repair: identical, SHA-256 {restoration.repair_sha256}",
        "The restoration was reproduced, byte for byte.",
    ]
