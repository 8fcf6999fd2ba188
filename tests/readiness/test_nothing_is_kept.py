"""What is ticked leaves nothing behind: no row, no log, no audit, no cookie, no address."""

import logging
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from contraflow.content.schema import load_instruments, load_readiness, load_resistance
from tests.readiness.test_doors import DOORS, url_of
from tests.repo.files import PACKAGE


def everything():
    """Return every row of every table, also of those that no model stands for."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


@pytest.mark.parametrize("door", DOORS)
def test_no_row_log_line_or_cookie_says_that_somebody_was_here_or_what_they_ticked(
    sign_in, caplog, door, django_capture_on_commit_callbacks
):
    client = sign_in("bela")
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    before = everything()

    with caplog.at_level(logging.INFO), django_capture_on_commit_callbacks() as later:
        client.get(url_of(door))
        answered = client.post(url_of(door), {"ticked": ["0", "3"]})

    assert answered.status_code == 200
    assert len(before) > 40
    assert everything() == before
    assert later == []
    assert [record.getMessage() for record in caplog.records] == []
    assert {name: each.value for name, each in client.cookies.items() if name != "csrftoken"} == (
        cookies
    )
    # the token of a form is of the browser's stay, and the same whatever was ticked
    assert set(answered.cookies) <= {"csrftoken"}


class Form(HTMLParser):
    """The form that is ticked."""

    def __init__(self, page):
        super().__init__()
        self.forms, self.fields = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """Remember how the form is sent, and what is ticked in it."""
        attrs = dict(attrs)
        if tag == "form" and attrs.get("action", "").startswith("/readiness/"):
            self.forms.append(attrs)
        if tag == "input" and attrs.get("name") == "ticked":
            self.fields.append("checked" in attrs)


@pytest.mark.parametrize("door", DOORS)
def test_nothing_ticked_goes_into_an_address_or_waits_in_the_browser(sign_in, door):
    client = sign_in("bela")

    answered = client.post(url_of(door), {"ticked": ["0", "3"]})
    again = client.get(url_of(door))

    form, _choice = Form(answered.text).forms
    assert form["method"] == "post"
    assert form["action"] == url_of(door)
    # a browser brings back no tick of last time, and keeps no copy of the answer
    assert form["autocomplete"] == "off"
    assert "no-store" in answered["Cache-Control"]
    assert "private" in answered["Cache-Control"]
    assert not answered.has_header("Location")
    assert "hx-push-url" not in answered.text
    assert Form(answered.text).fields.count(True) == 2
    assert Form(again.text).fields.count(True) == 0


@pytest.mark.parametrize("door", DOORS)
def test_whoever_has_to_sign_in_first_leaves_no_word_of_where_they_were_going(sign_in, door):
    """A way back would stand in the address of the sign-in, and in the row of a mailed link."""
    client = sign_in("nobody")

    for answer in (client.get(url_of(door)), client.post(url_of(door), {"ticked": ["1"]})):
        assert (answer.status_code, answer.url) == (302, reverse("people:sign-in"))
    assert dict(client.session) == {}


@pytest.mark.parametrize("door", DOORS)
def test_a_query_string_ticks_nothing(sign_in, door):
    answer = sign_in("bela").get(f"{url_of(door)}?ticked=0&ticked=3")

    assert Form(answer.text).fields.count(True) == 0
    assert "Nothing is left" not in answer.text


@pytest.mark.parametrize("door", DOORS)
def test_it_is_said_beside_the_form(sign_in, door):
    page = sign_in("bela").get(url_of(door)).text

    assert page.index("Nothing you tick is stored.") < page.index('name="ticked"')
    assert page.count("Nobody is told that you were here") == 1


def test_the_room_has_nothing_to_keep_anything_in():
    room = {path.stem for path in (PACKAGE / "readiness").iterdir()}
    source = "".join(path.read_text() for path in (PACKAGE / "readiness").rglob("*.py"))

    assert list(apps.get_app_config("readiness").get_models()) == []
    assert (
        room & {"models", "migrations", "actions", "events", "jobs", "mails", "reactions"} == set()
    )
    assert [
        word
        for word in ("announce(", ".save(", "create(", "note_read(", "start_job(", "queue_mail(",
                     "log.", "request.session", "messages.", "cache.set")
        if word in source
    ] == []  # fmt: skip


@pytest.mark.parametrize("role", ["leader", "mentor"])
def test_every_item_of_a_check_has_what_to_do_first(role):
    items = getattr(load_instruments().own_pulse, f"{role}_readiness")

    assert tuple(each.item for each in getattr(load_readiness(), role)) == tuple(items)


def test_a_card_never_says_to_the_leader_what_it_is_called():
    for card in load_resistance():
        said = " ".join(
            [card.sounds_like, card.plainly, card.to_you, *(s.do for s in card.for_you)]
        )
        assert card.form.lower() not in said.lower()
