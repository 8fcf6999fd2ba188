"""A part brings its waiting messages, and a page keeps them for itself."""

import json

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.template.loader import get_template
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from contraflow.core.pages import page

TOASTS = '<div id="toasts" hx-swap-oob="beforeend">'


@pytest.fixture
def ask(db):
    """Ask for the refusal's page, with the given headers and a waiting message if there is one."""

    def ask(*, message="", **headers):
        request = RequestFactory().get("/", headers=headers)
        request.user = AnonymousUser()
        request.htmx = HtmxDetails(request)
        request._messages = CookieStorage(request)
        if message:
            messages.success(request, message)
        answer = page(request, "core/refusal.html", part="refusal", status=409, reason="Too late.")
        answer.asked = request
        return answer

    return ask


def test_a_part_brings_the_waiting_message(ask):
    answer = ask(message="Booked <b>", **{"HX-Request": "true"})

    assert answer.status_code == 409
    assert "<html" not in answer.text
    assert "Too late." in answer.text.partition(TOASTS)[0]
    assert "<div>Booked &lt;b&gt;</div>" in answer.text.partition(TOASTS)[2]


def test_a_progress_bar_that_asks_again_leaves_the_message_to_whoever_acted(ask):
    answer = ask(message="Booked", **{"HX-Request": "true", "X-Asks-Again": "yes"})

    assert TOASTS not in answer.text
    assert not get_messages(answer.asked).used


def test_a_part_without_messages_is_only_the_part(ask):
    assert TOASTS not in ask(**{"HX-Request": "true"}).text


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="without htmx"),
        pytest.param({"HX-Request": "true", "HX-Boosted": "true"}, id="boosted"),
        pytest.param({"HX-Request": "true", "HX-History-Restore-Request": "true"}, id="history"),
    ],
)
def test_a_whole_page_shows_the_message_once(ask, headers):
    answer = ask(message="Booked", **headers)

    assert answer.text.count("<div>Booked</div>") == 1
    assert TOASTS not in answer.text
    assert "<html" in answer.text


def test_caches_keep_part_and_page_apart(ask):
    assert "HX-Request" in ask().headers["Vary"]


def test_htmx_sets_no_styles_which_the_policy_of_content_refuses():
    config = json.loads(get_template("core/htmx_config.json").render())

    assert config["attributesToSettle"] == ["class", "width", "height"]
    assert config["includeIndicatorStyles"] is False
