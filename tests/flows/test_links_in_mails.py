"""Whoever is not signed in answers by the link of a mail: a page opens, and one press sends it."""

import datetime as dt

from django.utils import timezone
from playwright.sync_api import expect

from contraflow.pairs.actions import ask_mentors
from contraflow.pairs.models import Pair
from contraflow.programmes.actions import ask_for_hours
from tests.conftest import make_person
from tests.flows.browsing import PHONE, link_in


def test_a_line_manager_confirms_hours(site, visit, axe):
    cast, manager = site.cast, make_person("Mara")
    cast.ama.manager = manager
    cast.ama.save()
    ask_for_hours(cast.cohort, by=cast.chi)
    page = visit(size=PHONE)

    page.goto(link_in(site.mailbox.wait_for(manager, "Ama")))
    axe(page)
    page.get_by_role("button", name="The hours are fine").click()

    expect(page.get_by_text("You confirmed the hours.")).to_be_visible()


def test_a_mentor_asks_a_trusted_contact_for_a_talk(site, visit, axe):
    cast = site.cast
    ended_on = timezone.localdate() - dt.timedelta(days=30)
    Pair.objects.filter(pk=cast.pair.pk).update(state="ended", ended_on=ended_on)
    ask_mentors()
    page = visit(size=PHONE)

    page.goto(link_in(site.mailbox.wait_for(cast.ama, "How are you?")))
    axe(page)
    page.get_by_role("button", name="I would like to talk").click()

    expect(page.get_by_text("Tru knows that you would like to talk")).to_be_visible()
    axe(page)
    mail = site.mailbox.wait_for(cast.tru, "A mentor has an answer for you")
    assert "I would like to talk with you." in str(mail)
