"""The checks of these tests see what they are for."""

from tests.flows.browsing import PHONE, complaints_of, faults, sideways, wait_for


def test_axe_sees_a_picture_without_words_and_pale_letters(site, visit):
    page = visit()
    page.goto("/people/sign-in/")
    assert faults(page) == []

    page.evaluate("document.querySelector('main').append(new Image())")
    page.evaluate("document.querySelector('h1').style.color = '#999'")

    assert {line.split()[1] for line in faults(page)} == {"image-alt:", "color-contrast:"}


def test_the_console_tells_of_breaches_of_the_content_policy(site, browser):
    page = browser.new_page(base_url=site.url)
    heard = complaints_of(page)
    page.goto("/people/sign-in/")
    assert heard == []

    page.evaluate("document.querySelector('h1').setAttribute('style', 'color: red')")

    (told,) = wait_for(lambda: heard, "the browser said nothing")
    assert "Content Security Policy" in told
    page.close()


def test_a_page_wider_than_the_phone_is_seen(site, visit):
    page = visit(size=PHONE)
    page.goto("/people/sign-in/")
    assert sideways(page) == []

    page.evaluate("document.querySelector('h1').style.width = '500px'")

    (told,) = sideways(page)
    assert told.startswith("/people/sign-in/ is 5")
