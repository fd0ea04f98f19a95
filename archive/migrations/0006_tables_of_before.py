"""Tables of descriptions from before they had states: those that were applied are done. Those that nobody had
applied were kept for a few days only, without what they would change, and are handed in again.

Going back needs nothing: 0005 takes the states away.
"""

from django.db import migrations


def give_states(apps, schema_editor):
    tables = apps.get_model("archive", "MetadataImport").objects
    tables.filter(applied_at=None).delete()
    tables.update(state="done")


class Migration(migrations.Migration):
    dependencies = [("archive", "0005_review_room")]

    operations = [migrations.RunPython(give_states, migrations.RunPython.noop)]
