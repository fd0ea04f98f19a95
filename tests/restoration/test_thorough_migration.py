"""Restorations of before there were thorough ones, and code of before that still writes during the update."""

from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from archive.finding.keeping import missing_triggers
from restoration.models import Restoration, RestorationEntry
from tests.factories import make_restoration

BEFORE = ("restoration", "0007_restoration_entries")


@pytest.mark.django_db(transaction=True)
def test_none_of_before_is_thorough_and_the_code_of_before_can_go_on():
    kept = make_restoration(status=Restoration.Status.FAILED)
    try:
        call_command("migrate", *BEFORE, verbosity=0)
    finally:
        # The newest schema: the tests after this one use the same database.
        call_command("migrate", verbosity=0)
    before = MigrationExecutor(connection).loader.project_state([BEFORE]).apps
    row = before.get_model("restoration", "Restoration").objects.get(pk=kept.pk)
    row.pk = uuid4()
    row.save(force_insert=True)
    assert set(Restoration.objects.values_list("pk", "thorough")) == {(kept.pk, False), (row.pk, False)}
    assert missing_triggers() == set()
    assert set(RestorationEntry.objects.values_list("pk", flat=True)) == {kept.pk, row.pk}
