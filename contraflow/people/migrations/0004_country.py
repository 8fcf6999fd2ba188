"""Whose public holidays are somebody's; SQLite makes people_person anew, so its search does too."""

from importlib import import_module

from django.db import migrations, models

search = import_module("contraflow.people.migrations.0003_search_by_trigrams")


def search_again(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        search.for_sqlite(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("people", "0003_search_by_trigrams")]

    operations = [
        # on the way back, what stands first comes last
        migrations.RunPython(migrations.RunPython.noop, search_again),
        migrations.AddField(
            model_name="person",
            name="country",
            field=models.CharField(blank=True, max_length=30, verbose_name="country"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                condition=models.Q(("country", ""), _negated=True),
                fields=["country"],
                name="places_in_use",
            ),
        ),
        migrations.RunPython(search_again, migrations.RunPython.noop),
    ]
