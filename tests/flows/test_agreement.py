"""A mentor and a leader write their agreement and sign it, each on their phone."""

from playwright.sync_api import expect

from contraflow.pairs.models import Pair
from tests.flows.browsing import PHONE, link_in, wait_for
from tests.flows.steps import write, write_goal


def test_two_write_and_sign_their_agreement_on_their_phones(site, visit, axe):
    cast = site.cast
    Pair.objects.filter(pk=cast.pair.pk).update(active_since=None)
    ama = visit(cast.ama, size=PHONE)
    ama.goto("/")
    ama.get_by_role("link", name="Open the agreement").click()
    axe(ama)
    expect(ama.locator("#sign")).to_contain_text("Your goal is missing.")
    write_goal(ama, "mentor")
    expect(ama.locator("#sign")).to_contain_text("The goal of Bela is missing.")
    write(ama, "Where", "The green room", "#place")

    bela = visit(cast.bela, size=PHONE)
    bela.goto(link_in(site.mailbox.wait_for(cast.bela, "Ama wrote in your agreement")))
    expect(bela.locator("#goals")).to_contain_text("By week 9 I will present to the steering group")
    write_goal(bela, "leader")
    axe(bela)
    sign = bela.get_by_role("button", name="Sign what I have read")
    sign.click()
    expect(bela.locator("#sign")).to_contain_text("Your signature needs your pledge.")
    bela.get_by_label("I give this pledge.").check()
    sign.click()
    expect(bela.locator("#sign")).to_contain_text("You have signed this.")
    axe(bela)

    # Ama goes on writing on the page she has open, and is told before the signature goes
    box = ama.locator("#pausing").get_by_label("How we pause")
    box.fill("We call each other")
    box.blur()
    expect(ama.locator("#pausing")).to_contain_text("Bela has signed.")
    expect(box).to_have_value("We call each other")
    axe(ama)

    # she reads what stands there instead, and signs it
    ama.goto(link_in(site.mailbox.wait_for(cast.ama, "Bela has signed your agreement")))
    expect(ama.locator("#goals")).to_contain_text("By week 12 I will let everybody speak once")
    ama.get_by_role("button", name="Sign what I have read").click()
    expect(ama.get_by_text("Signed by both of you.")).to_be_visible()
    axe(ama)
    assert site.mailbox.wait_for(cast.bela, "You and Ama have agreed")
    wait_for(lambda: not Pair.objects.get(pk=cast.pair.pk).is_forming, "the pair is not active")

    ama.goto(cast.pair.get_absolute_url())
    ama.get_by_role("button", name="Still going").click()
    expect(ama.locator("#goals").get_by_role("button", name="Still going")).to_have_attribute(
        "aria-pressed", "true"
    )
    axe(ama)


def test_of_two_who_write_at_once_the_second_sees_both_texts(site, visit, axe):
    cast = site.cast
    pages = [visit(person) for person in (cast.ama, cast.bela)]
    for page in pages:
        page.goto(f"{cast.pair.get_absolute_url()}agreement/")
    ama, bela = pages
    write(ama, "Where", "The green room", "#place")

    box = bela.locator("#place").get_by_label("Where")
    box.fill("The canteen")
    box.blur()
    expect(bela.locator("#place")).to_contain_text("Ama changed this while you wrote.")
    expect(bela.locator("#place blockquote")).to_have_text("The green room")
    axe(bela)
    bela.locator("#place").get_by_label("Where").fill("The green room, or the canteen")
    bela.locator("#place").get_by_role("button", name="Save").click()
    expect(bela.locator("#place output.saved")).to_have_text("Saved")

    ama.reload()
    expect(ama.locator("#place").get_by_label("Where")).to_have_value(
        "The green room, or the canteen"
    )
