"""Every door of the room, for everybody who may stand before it."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.models import OutgoingMail
from contraflow.desk.actions import put_aside, recompute, send_message, write_to_both
from contraflow.desk.models import DeskPlace, Step
from contraflow.desk.texts import Text
from contraflow.desk.urls import urlpatterns
from contraflow.programmes.models import Steward
from tests.conftest import CAST, make_pair, make_person
from tests.desk import test_sponsor_doors as sponsors

SECRET = "the words of a lead"
UNTIL = f"{timezone.localdate() + dt.timedelta(days=5):%Y-%m-%d}"


def row(lead, two, stewards):
    """Return who gets which status: the lead, the two, sponsor and trusted contact."""
    others = dict.fromkeys(CAST, 404) | {"nobody": 302}
    return others | {"chi": lead, "ama": two, "bela": two, "sol": stewards, "tru": stewards}


PAGES = {
    "desk": row(200, 403, 403),
    "cohort": row(302, 403, 403),
    "pair": row(200, 403, 404),
    "write": row(200, 403, 404),
    "messages": row(200, 403, 403),
    "launch": row(200, 403, 403),
    "hand-over": row(200, 403, 403),
    "message": row(200, 404, 404),
}
# posted: what is sent, who gets which status, which step is there afterwards
POSTS = {
    "talked": ({"code": "pressed1"}, row(302, 403, 404), "talked"),
    "aside": ({"until": UNTIL, "note": "x"}, row(302, 403, 404), "aside"),
    "taken-up": ({}, row(302, 403, 404), "taken_up"),
    "handed-over": ({}, row(302, 403, 404), "handed_over"),
    "write": (
        {"subject": "For you", "body": "Two", "code": "pressed2", "again": "on"},
        row(302, 403, 404), "guide",
    ),
    "undone": ({}, row(302, 404, 404), "undone"),
}  # fmt: skip


@pytest.fixture
def told(cast):
    """Let the pair be late, nudged by Chi a moment ago, and put aside."""
    cast.other = make_person("Lena")
    Steward.objects.create(programme=cast.programme, person=cast.other, kind="lead")
    recompute()
    text = Text(subject=SECRET, body=SECRET)
    cast.step = write_to_both(cast.pair, "nudge", by=cast.chi, text=text)
    cast.message = send_message(cast.cohort, "mentor", by=cast.chi, text=text, code="sent1")
    put_aside(cast.pair, by=cast.chi, until=timezone.localdate() + dt.timedelta(days=9))
    return cast


def url_of(door, cast):
    things = {
        "desk": [cast.programme.code], "cohort": [cast.cohort.code],
        "launch": [cast.cohort.code], "hand-over": [cast.programme.code],
        "messages": [cast.cohort.code], "message": [cast.message.code],
        "write": [cast.pair.code, "guide"], "undone": [cast.step.code],
    }  # fmt: skip
    return reverse(f"desk:{door}", args=things.get(door, [cast.pair.code]))


def steps():
    found = set(Step.objects.filter(undone_at=None).values_list("kind", flat=True))
    return found | ({"undone"} if Step.objects.exclude(undone_at=None).exists() else set())


def test_every_door_of_the_room_stands_in_a_table():
    doors = set(PAGES) | set(POSTS) | set(sponsors.PAGES) | set(sponsors.POSTS)
    assert {each.name for each in urlpatterns} == doors


def test_who_sees_a_page_and_the_words_of_a_lead(sign_in, told):
    for name in CAST:
        client = sign_in(name)
        for door, statuses in PAGES.items():
            answer = client.get(url_of(door, told))

            assert answer.status_code == statuses[name], (name, door)
            reads = name == "chi" and door in {"pair", "messages", "message"}
            assert (SECRET in answer.text) is reads, (name, door)
            assert name == "chi" or "points" not in answer.text, (name, door)


def test_who_does_something_for_a_pair(sign_in, told):
    before = steps()
    for name in [*(CAST.keys() - {"chi"}), "chi"]:
        client = sign_in(name)
        for door, (sent, statuses, step) in POSTS.items():
            data = sent or {"to": told.other.code}
            answer = client.post(url_of(door, told), data)

            assert answer.status_code == statuses[name], (name, door)
            assert step in steps() if name == "chi" else steps() == before, (name, door)


def test_a_lead_in_the_pair_is_kept_out(client, cast):
    own = make_pair(cast.cohort, cast.chi)
    client.force_login(cast.chi)

    assert client.get(reverse("desk:pair", args=[own.code])).status_code == 403
    assert client.get(reverse("desk:write", args=[own.code, "nudge"])).status_code == 403
    page = client.get(reverse("desk:desk", args=[cast.programme.code]))
    assert own.mentee.name not in page.text
    assert "Another lead looks after it" in page.text


def test_another_lead_reads_the_words_but_takes_no_mail_back(client, told):
    client.force_login(told.other)

    assert SECRET in client.get(url_of("pair", told)).text
    assert client.post(url_of("undone", told)).status_code == 403
    assert OutgoingMail.objects.filter(kind="desk.nudge").count() == 2


def test_whoever_takes_a_mail_back_goes_on_with_their_own_text(sign_in, told):
    client, page = sign_in("chi"), url_of("write", told).replace("guide", "nudge")
    before = sign_in("chi").get(page).text

    answer = client.post(url_of("undone", told), follow=True)

    assert answer.redirect_chain[-1][0] == page
    assert SECRET not in before
    assert SECRET in answer.text
    # nobody else begins with it
    client.force_login(told.other)
    assert SECRET not in client.get(page).text


# -- the list -------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_band_name_cohort_and_holder(client, cast):
    late = make_pair(cast.cohort, make_person("Ida"), make_person("Otto"))
    cast.pair.sessions.filter(number=1).update(
        state="held", starts_at=timezone.now() - dt.timedelta(days=40)
    )
    recompute()
    DeskPlace.objects.create(pair=late, holder=cast.chi)
    client.force_login(cast.chi)

    def shown(query=""):
        page = client.get(reverse("desk:desk", args=[cast.programme.code]) + query)
        return [row["pair"] for row in page.context["pairs"].object_list]

    assert shown() == [cast.pair, late]  # 40 points before 30
    assert shown("?only=support") == [cast.pair]
    assert shown("?only=watch") == [late]
    assert shown("?only=act") == []
    assert shown("?only=nonsense") == [cast.pair, late]
    assert shown("?search=otto") == [late]
    assert shown("?mine=on") == [late]
    assert shown(f"?cohort={cast.cohort.code}") == [cast.pair, late]


@pytest.mark.parametrize("n_pairs", [1, 8])
def test_the_list_costs_the_same_for_any_number_of_pairs(
    client, told, n_pairs, django_assert_num_queries
):
    for _ in range(n_pairs):
        make_pair(told.cohort)
    recompute()
    client.force_login(told.chi)
    url = url_of("desk", told)

    with django_assert_num_queries(20):
        assert client.get(url).status_code == 200


def test_a_form_that_is_not_right_comes_back_with_the_reason(client, told):
    client.force_login(told.chi)

    again = client.post(
        url_of("write", told), {"subject": "For you", "body": "Two", "code": "pressed9"}
    )
    assert again.status_code == 422
    assert "Chi wrote to both within the last day." in again.text
    late = client.post(url_of("aside", told), {"until": "2020-01-01"})
    assert late.status_code == 422
    assert "Choose a day after today." in late.text
    nobody = client.post(url_of("handed-over", told), {"to": "somebody"})
    assert nobody.status_code == 422
    assert client.get(reverse("desk:write", args=[told.pair.code, "talked"])).status_code == 404
