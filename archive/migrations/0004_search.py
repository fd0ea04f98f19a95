"""The table of words. The triggers that fill it, and the catalogue, come after every migration
(`archive.finding.keeping`), since migrations lose them."""

from django.db import migrations

from archive.finding.backends import backend_of
from archive.finding.keeping import drop_triggers


def create_words(apps, schema_editor):
    made, _removed = backend_of(schema_editor.connection.alias).structure()
    for statement in made:
        schema_editor.execute(statement)


def drop_words(apps, schema_editor):
    alias = schema_editor.connection.alias
    drop_triggers(alias)
    _made, removed = backend_of(alias).structure()
    for statement in removed:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("archive", "0003_archive_data")]

    operations = [
        migrations.RunPython(create_words, drop_words),
    ]
