import re

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage

from contraflow.core import assets


def test_address_changes_with_the_content(tmp_path, settings):
    settings.STATICFILES_DIRS = [tmp_path]
    settings.DEBUG = True  # so that a file is looked at again
    addresses = []
    for text in ("a { color: red }", "a { color: blue }", "a { color: red }"):
        (tmp_path / "own.css").write_text(text)
        assets.finders.get_finder.cache_clear()
        addresses.append(staticfiles_storage.url("own.css"))

    assert addresses[0] == addresses[2] != addresses[1]
    assert re.fullmatch(r"/static/own\.css\?v=[0-9a-f]{8}", addresses[0])


def test_file_that_is_not_there_is_a_bug():
    with pytest.raises(FileNotFoundError, match=r"No room has the static file 'core/none\.css'"):
        staticfiles_storage.url("core/none.css")


@pytest.mark.django_db
def test_marked_file_is_served_for_a_day(client):
    address = staticfiles_storage.url("core/css/tokens.css")

    answer = client.get(address)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "max-age=86400, public"
    assert answer.headers["Content-Type"] == 'text/css; charset="utf-8"'
    assert b"".join(answer.streaming_content).startswith(b"/*")
