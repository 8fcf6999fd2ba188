"""A mentor and a leader close their pair together, each on their phone, and read each other."""

from playwright.sync_api import expect

from contraflow.pairs.actions import come_true
from contraflow.pairs.models import Ending, Pair
from tests.flows.browsing import PHONE, link_in

WORDS = {
    "ama": ("I present our figures myself now", "asked twice", "say what I think"),
    "bela": ("Everybody speaks once before anyone speaks twice", "said no", "ask before I decide"),
}


def write(page, label, text):
    """Type into a box and leave it; it is saved by itself, and the form says so."""
    box = page.locator("#page").get_by_label(label)
    box.fill(text)
    box.blur()
    expect(page.locator("#page output.saved")).to_have_text("Saved")


def write_page(page, name):
    came, because, now = WORDS[name]
    write(page, "What we set out to do, and what came of it", came)
    write(page, "Because you …", because)
    write(page, "… I now …", now)
    page.get_by_role("button", name="I have finished").click()
    expect(page.locator("#page .badge")).to_have_text("finished")


def test_two_close_their_pair_on_their_phones(site, visit, axe):
    cast = site.cast
    ama, bela = visit(cast.ama, size=PHONE), visit(cast.bela, size=PHONE)
    ama.goto(cast.pair.get_absolute_url())
    ama.get_by_role("link", name="Close well, together").click()
    axe(ama)
    ama.get_by_role("button", name="Suggest it to Bela").click()
    expect(ama.get_by_role("heading", name="Bela has your suggestion")).to_be_visible()
    axe(ama)

    bela.goto(link_in(site.mailbox.wait_for(cast.bela, "Ama suggests to close")))
    axe(bela)
    bela.get_by_role("button", name="Yes, let us close").click()
    expect(bela.get_by_role("heading", name="You both want to close")).to_be_visible()
    write_page(bela, "bela")
    axe(bela)

    ama.goto(link_in(site.mailbox.wait_for(cast.ama, "You and Bela close together")))
    expect(ama.get_by_text("Everybody speaks once")).to_have_count(0)
    write_page(ama, "ama")
    expect(ama.get_by_text("Everybody speaks once")).to_be_visible()
    axe(ama)

    bela.goto(link_in(site.mailbox.wait_for(cast.bela, "Ama has written to you")))
    expect(bela.get_by_text("I present our figures myself now")).to_be_visible()
    for page in (bela, ama):
        page.get_by_role("button", name="Our closing is done").click()
    expect(ama.get_by_text("You have closed together.")).to_be_visible()
    axe(ama)
    come_true(at=Ending.objects.get(who="together").tells_at)
    assert Pair.objects.get(pk=cast.pair.pk).state == "ended"

    ama.goto(cast.pair.get_absolute_url())
    ama.get_by_role("link", name="Your pages, to read or to print").click()
    expect(ama.get_by_text("Everybody speaks once")).to_be_visible()
    axe(ama)
