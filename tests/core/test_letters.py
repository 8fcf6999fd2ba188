"""Texts an organisation writes for its mails, and how they arrive."""

from pathlib import Path

import pytest

import contraflow
from contraflow.core.errors import Refusal
from contraflow.core.letters import (
    Wording,
    all_kinds,
    compose,
    faults,
    kind_of,
    shipped_wording,
    wording,
    write_text,
)
from contraflow.core.mail import queue_mail
from contraflow.core.models import AuditEntry, MailText, OutgoingMail
from contraflow.people.mails import mail_login_link

PACKAGE = Path(contraflow.__file__).parent
KINDS = {kind.id: kind for kind in all_kinds()}
WORDS = Wording("Sign in, {name}", "# Come in\n\nHello {name}\n\n[Go]({link})")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_ships_has_no_fault_and_says_all_it_can(kind):
    words = shipped_wording(kind, "en")
    composed = compose(kind, words, kind.examples)

    assert faults(kind, words) == {}
    assert composed.subject
    assert composed.heading
    for each in (composed.subject, composed.heading, composed.text, composed.html, composed.why):
        assert "{" not in each
    assert str(kind.sent).endswith(".")
    assert not str(kind.to).endswith(".")


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (Wording("{nmae}", WORDS.text), {"subject": ["Line 1: there is no {nmae} in this mail."]}),
        (Wording("x", "a\n\n{partner} {link}"),
         {"text": ["Line 3: there is no {partner} in this mail."]}),
        (Wording("x", "Hello {name}"),
         {"text": ["{link} must stand somewhere: the link that signs in."]}),
        (Wording("x", "{link}\n[a](javascript:b)"), {"text": [
            "Line 2: javascript:b is no address of a page. Begin it with https://."]}),
        (Wording("x", "{link} [a]({minutes})"), {"text": [
            "Line 1: {minutes} is no address of a page. Begin it with https://."]}),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(words, wrong):
    assert faults(kind_of("login_link"), words) == wrong


@pytest.mark.django_db
def test_mails_say_what_was_written_last_and_history_brings_it_back(cast):
    kind = kind_of("login_link")
    other = Wording(WORDS.subject, "{link}")
    write_text(kind, "en", by=cast.root, words=WORDS, seen=0)
    write_text(kind, "en", by=cast.root, words=other, seen=1)
    assert wording(kind, "en") == other
    write_text(kind, "en", by=cast.root, words=WORDS, seen=2)

    mail_login_link(cast.bela)

    words = OutgoingMail.objects.get().words
    assert words["subject"] == "Sign in, Bela"
    assert words["text"].startswith("Come in\n\nHello Bela\n\nGo:\nhttp")
    assert '<a class="button primary" href="http' in words["html"]
    assert "entered your address" in words["text"]
    write_text(kind, "en", by=cast.root, words=None, seen=3)
    assert wording(kind, "en") == shipped_wording(kind, "en")
    assert [entry.facts["is_shipped"] for entry in AuditEntry.objects.order_by("pk")] == [
        False, False, False, True,
    ]  # fmt: skip
    with pytest.raises(Refusal, match="text that ships already"):
        write_text(kind, "en", by=cast.root, words=None, seen=4)


@pytest.mark.django_db
def test_whoever_was_faster_is_not_undone(cast):
    kind = kind_of("login_link")
    write_text(kind, "en", by=cast.root, words=WORDS, seen=0)

    with pytest.raises(Refusal, match="Somebody else"):
        write_text(kind, "en", by=cast.root, words=Wording("x", "{link}"), seen=0)
    with pytest.raises(Refusal, match="must stand somewhere"):
        write_text(kind, "en", by=cast.root, words=Wording("x", "y"), seen=1)

    assert MailText.objects.count() == 1


@pytest.mark.django_db
def test_a_mail_is_composed_with_the_names_people_have(cast):
    cast.bela.preferred_name = "B <em>"
    queue_mail(
        "programmes.place", to=cast.bela, once="1",
        values={"programme": "P & Q", "cohort": "2026", "link": "https://m.example/"},
    )  # fmt: skip

    words = OutgoingMail.objects.get().words
    assert words["subject"] == "You have a place in P & Q"
    assert "Hello B <em>," in words["text"]
    assert "Hello B &lt;em&gt;," in words["html"]
    assert "because of P & Q, 2026, at Lumenport." in words["text"]


def test_every_mail_has_a_kind_whose_text_can_be_edited():
    """A mail with a template of its own would read as it ships for ever."""
    templates = {path.name for path in PACKAGE.glob("*/templates/*/mail/*")}

    assert templates == {"base.html", "base.txt", "letter.html", "letter.txt"}
    assert {"login_link", "introduction", "programmes.invitation", "pairs.prepare"} <= set(KINDS)
