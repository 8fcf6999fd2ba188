"""The doors to a sponsor's part, for everybody who may stand before them."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.models import OutgoingMail
from contraflow.desk import actions
from contraflow.desk.models import PersonalWord, PublicLearner, Speech, SponsorReminder
from contraflow.desk.texts import Text
from contraflow.programmes.models import Side, Steward
from tests.conftest import CAST, each_of, make_enrolment, make_person

WANTS, OPENS, PRIVATE = "To ask before I answer", "Good words to begin", "Whoever you are"
TEXT = Text(subject=OPENS, body=OPENS)
EVERYBODY = dict.fromkeys(CAST, 404) | {"nobody": 302}
# the two, the trusted contact and the sponsor see the programme, and may not do what is not theirs
INSIDE = EVERYBODY | dict.fromkeys(["ama", "bela", "chi", "sol", "tru"], 403)
PAGES = {
    "part": INSIDE | {"sol": 200},
    "learner": INSIDE | {"sol": 200},
    "personal-word": INSIDE | {"sol": 200},
    "speech": INSIDE | {"sol": 200},
    "remind": INSIDE | {"chi": 200},
}
# posted: what is sent, who gets which status
POSTS = {
    "learner": ({"wants": "Anew"}, INSIDE | {"sol": 302}),
    "personal-word": ({"text": "Anew"}, INSIDE | {"sol": 302}),
    "speech": (
        {"subject": "Thanks", "body": "Thanks", "code": "pressed2", "verb": "send"},
        INSIDE | {"sol": 302},
    ),
    "remind": ({"subject": "Please", "body": "Please", "code": "pressed3"}, INSIDE | {"chi": 302}),
    "speech-undone": ({}, EVERYBODY | {"sol": 302}),
}


@pytest.fixture
def said(cast):
    """Let the cohort end in ten days, and Sol have said what a sponsor says before."""
    today, cohort = timezone.localdate(), cast.cohort
    cohort.starts_on = today
    cohort.save()
    actions.learn_in_public(cast.programme, by=cast.sol, wants=WANTS)
    actions.write_personal_word(cast.programme, by=cast.sol, text=PRIVATE)
    cast.speech = actions.give_speech(cohort, "opening", by=cast.sol, text=TEXT, code="pressed1")
    cohort.starts_on = today - dt.timedelta(weeks=14, days=-11)
    cohort.save()
    return cast


def url_of(door, cast):
    things = {
        "speech": [cast.cohort.code, "closing"], "speech-undone": [cast.speech.code],
    }  # fmt: skip
    return reverse(f"desk:{door}", args=things.get(door, [cast.programme.code]))


def what_is_said():
    return (
        list(PublicLearner.objects.values_list("wants", flat=True)),
        sorted(Speech.objects.said().values_list("kind", flat=True)),
        PersonalWord.objects.count(),
        SponsorReminder.objects.count(),
    )


@pytest.mark.parametrize("who", each_of())
def test_who_opens_a_page_of_the_sponsors_part(sign_in, said, who):
    client = sign_in(who)
    for door, statuses in PAGES.items():
        answer = client.get(url_of(door, said))

        assert answer.status_code == statuses[who], door
        assert (PRIVATE in answer.text) is ((who, door) == ("sol", "personal-word"))


@pytest.mark.parametrize("who", each_of())
def test_who_says_something_as_a_sponsor_or_asks_for_it(sign_in, said, who):
    client, before = sign_in(who), what_is_said()
    for door, (sent, statuses) in POSTS.items():
        assert client.post(url_of(door, said), sent).status_code == statuses[who], door

    changed = {
        "sol": (["Anew"], ["closing"], 2, 0),
        "chi": ([WANTS], ["opening"], 1, 1),
    }
    assert what_is_said() == changed.get(who, before)


@pytest.mark.parametrize("who", each_of())
def test_who_reads_what_a_sponsor_says(sign_in, said, who):
    Speech.objects.update(leaves_at=timezone.now())
    client, inside = sign_in(who), {"ama", "bela", "chi", "sol", "tru"}

    page = client.get(said.programme.get_absolute_url())

    assert (WANTS in page.text) is (who in inside)
    assert (OPENS in page.text) is (who in inside)
    assert PRIVATE not in page.text


def test_a_place_in_the_cohort_shows_how_it_was_opened_and_an_invitation_who_learns(sign_in, said):
    Speech.objects.update(leaves_at=timezone.now())
    invited = make_enrolment(said.cohort, said.dov, Side.MENTEE, "invited")

    place = sign_in("ama").get(said.ama.enrolments.get().get_absolute_url()).text
    invitation = sign_in("dov").get(invited.get_absolute_url()).text

    assert OPENS in place
    assert WANTS in place
    assert OPENS not in invitation
    assert WANTS in invitation


def test_words_are_looked_at_first_and_sent_once(sign_in, said):
    client, url = sign_in("sol"), url_of("speech", said)
    code = client.get(url).context["form"].initial["code"]
    sent = {"subject": "Thank you", "body": "All\n\nof you", "code": code}

    shown = client.post(url, sent | {"verb": "look"})
    assert "<p>of you</p>" in shown.text
    assert "to fewer than 5 people" in shown.text
    assert Speech.objects.filter(kind="closing").count() == 0
    for _ in range(2):
        answer = client.post(url, sent | {"verb": "send"})
        assert answer.status_code == 302
    assert Speech.objects.get(kind="closing").text == sent["body"]
    assert client.post(url, sent | {"body": ""}).status_code == 422
    assert client.get(reverse("desk:speech", args=[said.cohort.code, "toast"])).status_code == 404

    undone = reverse("desk:speech-undone", args=[Speech.objects.get(kind="closing").code])
    assert undone in client.get(url_of("part", said)).text
    for _ in range(2):
        assert client.post(undone).status_code == 302
    again = client.get(url)
    assert "Look at it first" in again.text
    # whoever takes their words back goes on with them
    assert again.context["form"].initial["body"] == sent["body"]


def test_what_is_said_in_public_and_stands_ready_is_taken_back(sign_in, said):
    client = sign_in("sol")
    for door in ("learner", "personal-word"):
        for _ in range(2):
            assert client.post(url_of(door, said), {"verb": "take_back"}).status_code == 302

    assert not PublicLearner.objects.exists()
    assert not PersonalWord.objects.standing().exists()
    assert PRIVATE not in client.get(url_of("personal-word", said)).text
    assert client.post(url_of("learner", said), {"wants": " "}).status_code == 422
    assert client.post(url_of("personal-word", said), {"text": ""}).status_code == 422


def test_the_desk_shows_what_is_missing_and_reminds_in_one_click(sign_in, said):
    client = sign_in("chi")
    desk = reverse("desk:desk", args=[said.programme.code])
    url = url_of("remind", said)

    assert f'href="{url}"' in client.get(desk).text
    form = client.get(url).context["form"]
    assert f"- Close {said.cohort.name}" in form.initial["body"]
    assert "Open" not in form.initial["body"]
    for _ in range(2):
        assert client.post(url, form.initial).status_code == 302

    mail = OutgoingMail.objects.get(kind="desk.sponsor_reminder")
    assert mail.to_id == said.sol.pk
    assert f'href="{url}"' not in client.get(desk).text
    assert "Chi reminded them on" in client.get(desk).text
    assert "Chi reminded them on" in client.get(url).text


def test_nobody_is_reminded_of_nothing(sign_in, said):
    actions.give_speech(said.cohort, "closing", by=said.sol, text=TEXT, code="pressed2")

    page = sign_in("chi").get(url_of("remind", said)).text

    assert "Nothing is due of the sponsor" in page


def test_the_sponsors_page_and_today_lead_to_what_is_due(sign_in, said):
    counts = reverse("home:sponsor", args=[said.programme.code])
    closing = url_of("speech", said)

    assert f'href="{url_of("part", said)}"' in sign_in("sol").get(counts).text
    assert closing in sign_in("sol").get(reverse("home:today")).text
    assert url_of("part", said) not in sign_in("chi").get(counts).text
    assert "Your part" not in sign_in("ama").get(reverse("home:today")).text


def test_a_sponsor_who_takes_part_too_has_both_pages_and_tells_nobody(sign_in, said):
    make_enrolment(said.cohort, said.sol, Side.MENTEE)
    Steward.objects.create(programme=said.programme, person=make_person("Otto"), kind="sponsor")

    learner = sign_in("sol").get(url_of("learner", said)).text
    place = sign_in("sol").get(said.sol.enrolments.get().get_absolute_url())
    others = sign_in("ama").get(said.programme.get_absolute_url()).text

    assert f"You take part in {said.cohort.name} as a leader" in learner
    assert place.status_code == 200
    assert "as a leader" not in others
