"""The pages about mail: texts, look, choices, one click, and what stands below the bell."""

import datetime as dt
import re

import pytest
from django.core import mail as django_mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contraflow.core.bounces import note_bounce
from contraflow.core.letters import kind_of, wording
from contraflow.core.mail import queue_mail
from contraflow.core.mail_choices import choose, stop_url
from contraflow.core.models import Bounce, MailChoice, MailText, Notice, OutgoingMail
from contraflow.core.notices import News, add_notices, count_unread, forget_old_notices
from tests.conftest import CAST
from tests.core.test_branding import png

pytestmark = pytest.mark.django_db
WORDS = {"subject": "Come in, {name}", "text": "# Hi\n\n**Hello** <b>\n\n[Go]({link})", "seen": "0"}


def url(name, *args):
    return reverse(f"people:{name}", args=args)


# -- texts ----------------------------------------------------------------------------------------


def test_a_preview_shows_the_mail_and_saves_nothing(sign_in):
    client = sign_in("root")
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.post(url("mail-text-preview", "login_link"), WORDS, headers=headers)

        assert answer.status_code == 200
        assert "Come in, Gerald" in answer.text
        assert "<strong>Hello</strong> &lt;b&gt;" in answer.text
        assert ("<html" in answer.text) is not bool(headers)
    assert MailText.objects.count() == 0


def test_a_fault_is_said_at_its_field_and_saves_nothing(sign_in):
    client = sign_in("root")
    for name in ("mail-text", "mail-text-preview", "mail-text-test"):
        answer = client.post(url(name, "login_link"), WORDS | {"text": "Hi {nmae}"})

        assert answer.status_code == 422
        assert "Line 1: there is no {nmae} in this mail." in answer.text
        assert "{link} must stand somewhere" in answer.text
    assert MailText.objects.count() == OutgoingMail.objects.count() == 0


def test_a_test_goes_to_who_asked_alone_and_saves_nothing(sign_in, cast, run_jobs):
    client = sign_in("root")
    client.post(url("mail-text-test", "login_link"), WORDS)
    run_jobs()

    mail = OutgoingMail.objects.get()
    assert (mail.to_id, mail.words["subject"]) == (cast.root.pk, "Test: Come in, Gerald")
    assert MailText.objects.count() == 0


def test_what_was_written_is_in_the_history_and_comes_back(sign_in, cast):
    client = sign_in("root")
    client.post(url("mail-text", "login_link"), WORDS)
    client.post(url("mail-text", "login_link"), WORDS | {"text": "Other {link}", "seen": "1"})

    late = client.post(url("mail-text", "login_link"), WORDS | {"seen": "1"})
    page = client.get(url("mail-text", "login_link")).text
    client.post(url("mail-text-back", "login_link"), {"number": "1", "seen": "2"})

    assert late.status_code == 409
    assert "Somebody else has just changed this text" in late.text
    assert "Root" in page
    assert "Go back to the text that ships" in page
    assert wording(kind_of("login_link"), "en").text == WORDS["text"]
    client.post(url("mail-text-back", "login_link"), {"seen": "3"})
    assert wording(kind_of("login_link"), "en").subject == "Your link to sign in"
    assert client.get(url("mail-text", "no-such-kind")).status_code == 404


def test_each_language_of_the_product_has_a_text_of_its_own(sign_in, settings):
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    client, where = sign_in("root"), url("mail-text", "login_link")

    answer = client.post(where, WORDS | {"language": "de"})

    assert answer.headers["Location"] == f"{where}?language=de"
    assert list(MailText.objects.values_list("language", "number")) == [("de", 1)]
    page = client.get(f"{where}?language=de").text
    assert 'name="language" value="de"' in page
    assert "Come in, {name}" in page
    assert "Come in, {name}" not in client.get(where).text
    client.post(url("mail-text-back", "login_link"), {"seen": "1", "language": "de"})
    assert MailText.objects.get(number=2).text == ""
    assert client.get(f"{where}?language=fr").status_code == 404


def test_a_logo_that_is_no_png_is_refused_at_its_field(sign_in):
    client = sign_in("root")
    look = {"organisation": "Ågren", "accent": "#ffff00"}
    bad = SimpleUploadedFile("logo.png", b"<svg onload='x'/>", content_type="image/png")

    answer = client.post(url("brand"), look | {"logo": bad})
    assert answer.status_code == 422
    assert "Only PNG files can be a logo" in answer.text
    assert "too light to be read" in answer.text

    good = SimpleUploadedFile("logo.png", png())
    client.post(url("brand"), {"organisation": "Ågren", "accent": "#7a1f3d", "logo": good})
    page = client.get(url("brand")).text
    assert 'alt="Ågren"' in page
    client.post(url("brand"), {"organisation": "Ågren", "accent": "#7a1f3d", "without_logo": "on"})
    assert "/brand/7a1f3d.css" in client.get(url("brand")).text
    assert ".png" not in client.get(url("brand")).text


# -- choices --------------------------------------------------------------------------------------


def test_a_choice_is_ones_own_and_essential_mail_is_none(sign_in, cast):
    client = sign_in("ama")
    page = client.get(url("mail-choices")).text
    fields = set(re.findall(r'name="([a-z_]+\.[a-z_0-9]+)"', page))
    assert {"programmes.place", "pairs.prepare", "pairs.report", "pairs.book"} <= fields
    assert not {"pairs.session_booked", "login_link"} & fields
    assert "Link to sign in" in page

    chosen = dict.fromkeys(fields, "once") | {"pairs.book": "weekly"}
    assert client.post(url("mail-choices"), chosen).status_code == 302
    assert client.post(url("mail-choices"), chosen | {"pairs.book": "x"}).status_code == 422

    rows = MailChoice.objects.values_list("person_id", "kind", "how")
    assert list(rows) == [(cast.ama.pk, "pairs.book", "weekly")]


def test_one_click_stops_a_kind_without_signing_in_and_undo_brings_it_back(cast):
    choose(cast.bela, by=cast.bela, chosen={"pairs.book": "weekly"})
    address = stop_url(cast.bela.pk, "pairs.book")
    browser = Client(enforce_csrf_checks=True)

    opened = browser.get(address)
    assert opened.status_code == 200
    assert "bela" not in opened.text.casefold()
    assert MailChoice.objects.get().how == "weekly"

    for _time in range(2):
        stopped = browser.post(address, {"List-Unsubscribe": "One-Click"})
    assert stopped.status_code == 200
    assert MailChoice.objects.get().how == "never"
    first = Client().post(stop_url(cast.ama.pk, "pairs.book"))
    assert re.search(r'name="was" value="once"', first.text)

    browser.post(address, {"undo": "yes", "was": "weekly"})
    assert MailChoice.objects.get(person_id=cast.bela.pk).how == "weekly"
    assert Client().post(stop_url(cast.bela.pk, "login_link")).status_code == 404
    assert Client().post(address.replace("stop/W", "stop/X")).status_code == 404


# -- mail that comes back -------------------------------------------------------------------------


def test_a_lead_and_the_person_read_that_mail_comes_back_and_what_to_do(sign_in, cast):
    queue_mail(
        "login_link", to=cast.bela, once="1", values={"link": "https://m.example/", "minutes": 1}
    )
    note_bounce(OutgoingMail.objects.get(), "5.1.1", Bounce.Source.RETURNED)
    enrolment = cast.bela.enrolments.get()

    lead = sign_in("chi")
    for where in (url("list"), url("person", cast.bela.code), enrolment.get_absolute_url(),
                  cast.cohort.get_absolute_url()):  # fmt: skip
        assert "ail comes back" in lead.get(where).text, where
    assert "ail comes back" not in lead.get(url("person", cast.ama.code)).text
    own = sign_in("bela")
    assert "Mail to you comes back" in own.get(url("mail-choices")).text
    assert "A mail to you came back" in own.get(url("notices")).text

    assert own.post(url("address-confirm", cast.bela.code)).status_code == 302
    assert "comes back" not in own.get(url("mail-choices")).text


# -- the bell -------------------------------------------------------------------------------------


@pytest.fixture
def news(cast):
    """Three notices of Ama's, one of them about something that is gone, and one of Bela's."""
    path, facts = cast.pair.get_absolute_url(), {"pair": cast.pair.pk}
    for number in range(2):
        add_notices([News(kind="introduction", for_id=cast.ama.pk, once=f"a{number}", path=path,
                          facts=facts)])  # fmt: skip
    add_notices([News(kind="introduction", for_id=cast.ama.pk, once="gone", path="/gone/",
                      facts={"pair": 0})])  # fmt: skip
    add_notices([News(kind="introduction", for_id=cast.bela.pk, once="b", path="/",
                      facts={"pair": cast.pair.pk})])  # fmt: skip


def test_the_bell_counts_and_leads_to_what_happened(sign_in, cast, news):
    client = sign_in("ama")
    assert "Notices: 3 new" in client.get(url("mail-choices")).text
    panel = client.get(url("notices"), headers={"HX-Request": "true"}).text
    assert "<html" not in panel
    assert panel.count("You and Bela are a pair.") == 2
    assert "/gone/" not in panel
    # what it was about is gone, so it is counted no more
    assert count_unread(cast.ama) == 2

    first = Notice.objects.visible_to(cast.ama).first()
    answer = client.get(url("notice", first.code))
    assert answer.headers["Location"] == cast.pair.get_absolute_url()
    assert count_unread(cast.ama) == 1
    client.get(url("notices-read"))
    assert count_unread(cast.ama) == 1
    client.post(url("notices-read"))
    assert (count_unread(cast.ama), count_unread(cast.bela)) == (0, 1)


def test_nobody_reads_the_notices_of_another(sign_in, cast, news):
    for who in CAST:
        if who not in {"ama", "bela", "nobody"}:
            client = sign_in(who)
            assert "are a pair" not in client.get(url("notices")).text
            assert client.get(url("notice", Notice.objects.first().code)).status_code == 404


def test_the_bell_costs_one_query_and_thirty_notices_as_many_as_one(
    sign_in, cast, django_assert_num_queries
):
    client = sign_in("ama")
    for number in range(30):
        add_notices([News(kind="introduction", for_id=cast.ama.pk, once=f"{number}", path="/",
                          facts={"pair": cast.pair.pk})])  # fmt: skip
    client.get(url("notices"))

    with django_assert_num_queries(8):
        client.get(url("notices"))


def test_a_notice_is_kept_for_thirty_days(cast, news):
    now = timezone.now()
    Notice.objects.filter(for_id=cast.ama.pk).update(at=now - dt.timedelta(days=31))

    forget_old_notices(now)

    assert list(Notice.objects.values_list("for_id", flat=True)) == [cast.bela.pk]
    assert django_mail.outbox == []
