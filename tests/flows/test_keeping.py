"""A pair has ended: its mentor takes the copy home, opens it offline, and looks in later."""

import datetime as dt

from django.utils import timezone
from playwright.sync_api import expect

from contraflow.pairs import actions
from contraflow.pairs.models import Pair
from tests.flows.browsing import PHONE
from tests.pairs.words import lived

__all__ = ["lived"]


def test_a_copy_is_taken_home_before_the_words_go(site, lived, visit, axe, tmp_path):
    pair, today = lived.pair, timezone.localdate()
    actions.end_pair(pair, by=None)
    Pair.objects.update(words_kept_until=today + dt.timedelta(days=10))
    actions.remind_of_deletion()
    mail = site.mailbox.wait_for(lived.ama, "Take your copy")
    page = visit(lived.ama)
    page.goto(f"{site.url}{pair.get_absolute_url()}")
    axe(page)

    with page.expect_download() as download:
        page.get_by_role("link", name="Take your copy").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)

    assert f"{site.url}{pair.get_absolute_url()}#copy" in str(mail)
    kept = visit(size=PHONE, offline=True)
    kept.goto(path.as_uri())
    expect(kept.get_by_role("heading", level=1)).to_have_text("You and Bela")
    expect(kept.get_by_text("How a budget is made")).to_be_visible()
    axe(kept)

    Pair.objects.update(words_kept_until=today - dt.timedelta(days=2), words_reminders=2)
    assert actions.delete_words() == 1

    for tab in ("Sessions", "Agreement", "Messages", "Notes", "Both ways"):
        page.get_by_role("link", name=tab, exact=True).click()
        expect(page.get_by_text("What you wrote for each other was deleted on")).to_be_visible()
        expect(page.get_by_text("How a budget is made")).to_have_count(0)
        axe(page)
