from types import SimpleNamespace

import pytest

from contraflow.core import navigation
from contraflow.core.navigation import Entry, add_entry, entries, put_below, region, regions
from tests.conftest import make_person


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch):
    monkeypatch.setattr(navigation, "_menus", navigation.defaultdict(list))
    monkeypatch.setattr(navigation, "_below", navigation.defaultdict(set))
    monkeypatch.setattr(navigation, "_regions", navigation.defaultdict(list))


@pytest.fixture
def ask(rf):
    """Return a function that makes a request of somebody who may do what starts with "ok."."""

    def asked(path, app_name=None, view_name=""):
        request = rf.get(path)
        request.user = SimpleNamespace(has_perm=lambda perm, obj=None: perm.startswith("ok."))
        if app_name is not None:
            request.resolver_match = SimpleNamespace(app_name=app_name, view_name=view_name)
        return request

    return asked


def marked(links):
    return {link["label"]: link["current"] for link in links}


def test_menu_is_in_order_and_shows_what_one_may_do(ask):
    add_entry("main", Entry(label="Last", url_name="core:gallery", to="ok.see", order=30))
    add_entry("main", Entry(label="First", url_name="core:healthz", to="ok.see", order=10))
    add_entry("main", Entry(label="Hidden", url_name="core:readyz", to="no.see", order=20))

    links = entries("main", ask("/healthz"))

    assert [(link["label"], link["url"]) for link in links] == [
        ("First", "/healthz"),
        ("Last", "/gallery/"),
    ]


@pytest.mark.parametrize(
    ("path", "current"),
    [("/gallery/", True), ("/gallery/charts/", True), ("/healthz", False)],
)
def test_link_of_the_main_menu_is_current_on_all_pages_below_it(ask, path, current):
    add_entry("main", Entry(label="Gallery", url_name="core:gallery", to="ok.see", order=10))

    assert marked(entries("main", ask(path))) == {"Gallery": current}


@pytest.mark.parametrize(
    ("path", "app_name", "current"),
    [
        pytest.param("/jobs/2345/", "core", "See", id="the tab itself"),
        pytest.param("/jobs/2345/cancel/", "core", "Stop", id="another tab"),
        pytest.param("/jobs/2345/more/", "core", "See", id="a page below the room's first tab"),
        pytest.param("/pairs/", "pairs", None, id="a page of another room"),
        pytest.param("/jobs/2345/more/", None, None, id="a page without an address"),
    ],
)
def test_tab_of_an_object_is_current_where_one_is(ask, path, app_name, current):
    add_entry("job", Entry(label="See", url_name="core:job", to="ok.see", order=10))
    add_entry("job", Entry(label="Stop", url_name="core:job-cancel", to="ok.stop", order=20))
    job = SimpleNamespace(code="2345")

    links = entries("job", ask(path, app_name), about=job)

    assert [link["label"] for link in links if link["current"]] == ([current] if current else [])


@pytest.mark.parametrize("page", ["core:why", "pairing:anything"])
def test_a_link_is_current_on_pages_and_rooms_put_below_it(ask, page):
    add_entry("job", Entry(label="See", url_name="core:job", to="ok.see", order=10))
    add_entry("job", Entry(label="Stop", url_name="core:job-cancel", to="ok.stop", order=20))
    put_below("core:job-cancel", "core:why", "pairing")
    request = ask("/jobs/2345/why/", page.partition(":")[0], page)

    links = entries("job", request, about=SimpleNamespace(code="2345"))

    assert marked(links) == {"See": False, "Stop": True}


def test_rooms_show_their_pieces_in_order_and_may_show_nothing(ask):
    @region("pair.aside", order=20)
    def second(request, about):
        return "room/second.html", {"about": about}

    @region("pair.aside", order=10)
    def first(request, about):
        return "room/first.html", {}

    @region("pair.aside", order=15)
    def nothing(request, about):
        return None

    shown = regions("pair.aside", ask("/"), about="the pair")

    assert shown == [("room/first.html", {}), ("room/second.html", {"about": "the pair"})]


@pytest.mark.django_db
def test_rows_say_what_they_are_without_words():
    """What logs and the shell show of core's rows."""
    from contraflow.core import models

    person = make_person("Bela")
    assert str(models.Installation(organisation="Lumenport")) == "Lumenport"
    assert str(models.SealingKey(owner="pair:7")) == "key of pair:7"
    assert str(models.AuditEntry(event="PairStarted", at="now")) == "PairStarted at now"
    mail = models.OutgoingMail(kind="invitation", code="2345", to_id=person.pk, words="secret")
    assert str(mail) == "invitation 2345: waiting"
