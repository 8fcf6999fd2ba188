"""An index by which a piece of a name is found without reading through all names.

SQLite keeps it in a table of its own, which triggers follow. They are lost where a later migration
makes people_person anew (as SQLite's schema editor does to change a column): call `for_sqlite`
again after it; tests of the search notice.
"""

import logging

from django.db import Error, migrations, transaction

log = logging.getLogger(__name__)

_FORGET = (
    "INSERT INTO people_search (people_search, rowid, search_key)"
    " VALUES ('delete', old.id, old.search_key)"
)
_LEARN = "INSERT INTO people_search (rowid, search_key) VALUES (new.id, new.search_key)"
SQLITE = [
    "CREATE VIRTUAL TABLE IF NOT EXISTS people_search USING fts5"
    " (search_key, content='people_person', content_rowid='id', tokenize='trigram')",
    "INSERT INTO people_search (people_search) VALUES ('rebuild')",
    "CREATE TRIGGER people_search_insert AFTER INSERT ON people_person"
    f" BEGIN {_LEARN}; END",
    "CREATE TRIGGER people_search_delete AFTER DELETE ON people_person"
    f" BEGIN {_FORGET}; END",
    "CREATE TRIGGER people_search_update AFTER UPDATE OF search_key ON people_person"
    f" WHEN old.search_key <> new.search_key BEGIN {_FORGET}; {_LEARN}; END",
]
SQLITE_BACK = [
    "DROP TRIGGER people_search_insert",
    "DROP TRIGGER people_search_delete",
    "DROP TRIGGER people_search_update",
    "DROP TABLE people_search",
]
POSTGRESQL = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX people_search ON people_person USING gin (search_key gin_trgm_ops)",
]


def for_sqlite(schema_editor):
    for statement in SQLITE:
        schema_editor.execute(statement)


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for_sqlite(schema_editor)
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            for statement in POSTGRESQL:
                schema_editor.execute(statement)
    except Error as error:
        # the search works without, only slower; docs/run/scale-out.md has the two statements
        log.warning("no index to search names by, the database refused: %s", error)


def remove(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in SQLITE_BACK if is_sqlite else ["DROP INDEX IF EXISTS people_search"]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("people", "0002_link_of_an_invitation")]

    operations = [migrations.RunPython(make, remove)]
