"""Every door of the room, for everybody who may stand before it."""

import pytest
from django.urls import reverse

from contraflow.exchange import actions
from contraflow.exchange.models import Message, Note, Promise
from contraflow.exchange.urls import urlpatterns
from tests.conftest import CAST, each_of

SECRETS = ("the message secret", "the note secret", "the promise secret", "the private secret")


def row(ama, bela, lead=404):
    """Return who gets which status: the two, the programme's lead, everybody else."""
    return dict.fromkeys(CAST, 404) | {"ama": ama, "bela": bela, "chi": lead, "nobody": 302}


EVERYBODY = dict.fromkeys(CAST, 200) | {"nobody": 302}
PAGES = {
    "messages": row(200, 200, 403),
    "notes": row(200, 200, 403),
    "ledger": row(200, 200, 403),
    "record": EVERYBODY,
    "record-file": EVERYBODY,
}
# posted to what is Ama's: what is sent, who gets which status
POSTS = {
    "messages": ({"text": "Hello"}, row(302, 302, 403)),
    "notes": ({"text": "Hello", "readers": "ours"}, row(302, 302, 403)),
    "ledger": ({"kind": "other", "text": "Hello"}, row(302, 302, 403)),
    "message-take-back": ({}, row(302, 403)),
    "note-change": ({"verb": "forget"}, row(302, 403)),
    "promise-settle": ({"state": "kept"}, row(302, 302)),
}


@pytest.fixture
def written(cast):
    """Let Ama write, note and promise something; each door's code by its name."""
    message, note, promise, private = SECRETS
    pair = cast.pair.code
    made = {
        "message-take-back": actions.send_message(cast.pair, by=cast.ama, text=message).code,
        "note-change": actions.write_note(cast.pair, by=cast.ama, text=note).code,
        "promise-settle": actions.make_promise(
            cast.pair, by=cast.ama, kind="other", text=promise
        ).code,
    }
    actions.write_note(cast.pair, by=cast.ama, text=private, is_private=True)
    return made | dict.fromkeys(("messages", "notes", "ledger"), pair)


def address(name, written):
    return reverse(f"exchange:{name}", args=[written[name]] if name in written else [])


def test_every_door_of_the_room_stands_in_a_table():
    assert {each.name for each in urlpatterns} == set(PAGES) | set(POSTS)


@pytest.mark.parametrize("name", each_of())
def test_who_opens_a_page_and_reads_its_words(sign_in, written, name):
    client, read = sign_in(name), ""
    for page, statuses in PAGES.items():
        answer = client.get(address(page, written))
        assert answer.status_code == statuses[name], page
        read += answer.text

    seen = [secret for secret in SECRETS if secret in read]
    assert seen == {"ama": [*SECRETS], "bela": [*SECRETS[:3]]}.get(name, [])


@pytest.mark.parametrize("name", each_of())
def test_who_does_what(sign_in, cast, written, name):
    before = _rows()
    client = sign_in(name)
    for door, (sent, statuses) in POSTS.items():
        assert client.post(address(door, written), sent).status_code == statuses[name], door

    assert (_rows() != before) == (name in {"ama", "bela"})


def _rows():
    return [list(model.objects.order_by("pk").values()) for model in (Message, Note, Promise)]
