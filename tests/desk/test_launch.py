"""Nothing is published before the checklist is done; a programme changes hands; Mondays."""

import datetime as dt
import zoneinfo

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.content.schema import load_launch
from contraflow.core import mail_choices
from contraflow.core.errors import Refusal
from contraflow.core.mail import as_message, wake_outbox
from contraflow.core.models import AuditEntry, MailChoice, OutgoingMail
from contraflow.desk import actions
from contraflow.desk.launch import KEYS, lines_of
from contraflow.desk.models import DeskPlace, LaunchOverride, LaunchTick
from contraflow.people.models import Role
from contraflow.programmes.actions import start_running
from contraflow.programmes.models import Objective, Side, Steward
from contraflow.programmes.rules import why_not_move
from tests.conftest import make_cohort, make_enrolment, make_pair, make_person

REASON = "The sponsor signs next week."


@pytest.fixture
def waiting(cast):
    """A cohort that is being paired, with an open checklist."""
    cast.waiting = make_cohort(cast.programme, state="pairing")
    LaunchOverride.objects.all().delete()
    return cast


def met(cohort):
    return {line.key for line in lines_of(cohort) if line.is_met}


def make_ready(cast):
    """Make true what the product knows, and tick what it does not."""
    make_enrolment(cast.waiting, cast.sol, Side.MENTEE)
    Steward.objects.create(
        programme=cast.programme, person=make_person("Tom"), kind="trusted_contact"
    )
    Objective.objects.create(
        programme=cast.programme, statement="Fluent", measure="Share", target=70,
        due_on="2026-06-30", source="manual", is_primary=True,
    )  # fmt: skip
    for number in range(5):
        make_enrolment(cast.waiting)
        if number:
            make_enrolment(cast.waiting, side=Side.MENTEE)


def test_every_line_of_the_shipped_checklist_has_a_key():
    assert len(KEYS) == len(load_launch().launch_gate)


def test_a_line_is_met_once_its_facts_are_so_and_somebody_says_the_rest(waiting):
    by_hand = {"conditions", "policy", "assessment"}
    for key in KEYS:
        actions.tick_line(waiting.waiting, key, by=waiting.chi)

    assert met(waiting.waiting) == by_hand | {"size"}
    actions.untick_line(waiting.waiting, "size", by=waiting.chi)
    assert met(waiting.waiting) == by_hand
    make_ready(waiting)
    assert met(waiting.waiting) == set(KEYS)  # five can be paired, so nobody needs to say so


def test_publishing_waits_for_the_last_line(waiting):
    make_ready(waiting)
    for key in KEYS[:-1]:
        assert "launch checklist" in why_not_move(waiting.waiting, "start_running")
        with pytest.raises(Refusal, match="launch checklist"):
            start_running(waiting.waiting, by=waiting.chi)
        actions.tick_line(waiting.waiting, key, by=waiting.chi)

    assert why_not_move(waiting.waiting, "close_cohort") is None
    start_running(waiting.waiting, by=waiting.chi)

    for change in (actions.tick_line, actions.untick_line):
        with pytest.raises(Refusal, match="has been launched"):
            change(waiting.waiting, "policy", by=waiting.chi)
    with pytest.raises(Refusal, match="has been launched"):
        actions.override_launch(waiting.waiting, by=waiting.chi, reason=REASON)


def test_a_launch_all_the_same_keeps_its_reason_and_is_in_the_audit(waiting):
    for reason in ("", "   ", "because"):
        with pytest.raises(Refusal, match="Say why"):
            actions.override_launch(waiting.waiting, by=waiting.chi, reason=reason)
    actions.tick_line(waiting.waiting, "policy", by=waiting.chi)
    for reason in (REASON, "Another one, later."):
        actions.override_launch(waiting.waiting, by=waiting.chi, reason=reason)

    kept = LaunchOverride.objects.get()
    assert (kept.reason, kept.by) == (REASON, waiting.chi)
    assert kept.open_lines == [key for key in KEYS if key != "policy"]
    entry = AuditEntry.objects.get(event="LaunchOverridden")
    assert entry.facts["open_lines"] == kept.open_lines
    assert why_not_move(waiting.waiting, "start_running") is None


def test_ticking_twice_and_opening_twice_is_once(waiting):
    for _ in range(2):
        actions.tick_line(waiting.waiting, "policy", by=waiting.chi)
    assert LaunchTick.objects.count() == 1
    for _ in range(2):
        actions.untick_line(waiting.waiting, "policy", by=waiting.chi)
    assert AuditEntry.objects.filter(event__startswith="LaunchLine").count() == 2
    with pytest.raises(Refusal, match="no such line"):
        actions.tick_line(waiting.waiting, "weather", by=waiting.chi)


def test_the_page_of_the_checklist_does_all_this(client, waiting):
    client.force_login(waiting.chi)
    url = reverse("desk:launch", args=[waiting.waiting.code])

    assert "0 of 7 lines are done" in client.get(url).text
    assert client.post(url, {"done": "policy"}).status_code == 302
    assert "1 of 7 lines are done" in client.get(url).text
    assert "Ticked by Chi" in client.get(url).text
    assert client.post(url, {"open": "policy"}).status_code == 302
    assert client.post(url, {"done": "weather"}).status_code == 409
    assert client.post(url, {"reason": "x"}).status_code == 422
    assert client.post(url, {"reason": REASON}).status_code == 302
    assert REASON in client.get(url).text


# -- hand-over -------------------------------------------------------------------------------------


@pytest.fixture
def next_lead(cast):
    lead = make_person("Lena")
    Role.objects.create(person=lead, kind=Role.Kind.LEAD)
    return lead


def test_a_programme_is_handed_over_in_one_press_and_both_are_told(client, cast, next_lead):
    own = make_pair(cast.cohort, next_lead)
    for pair in (cast.pair, own):
        DeskPlace.objects.create(pair=pair, holder=cast.chi)
    client.force_login(cast.chi)
    url = reverse("desk:hand-over", args=[cast.programme.code])

    assert client.post(url, {"to": cast.ama.code}).status_code == 422
    assert client.post(url, {"to": next_lead.code}).status_code == 302
    assert client.post(url, {"to": next_lead.code}).status_code == 404  # it is theirs no more
    actions.hand_programme_over(cast.programme, by=cast.chi, to=next_lead)

    leads = cast.programme.stewards.filter(kind="lead")
    assert [steward.person for steward in leads] == [next_lead]
    assert DeskPlace.objects.get(pair=cast.pair).holder == next_lead
    assert DeskPlace.objects.get(pair=own).holder == cast.chi  # not to one of the pair
    told = {mail.to_id: as_message(mail).body for mail in OutgoingMail.objects.all()}
    assert "You lead it from now on" in told[next_lead.pk]
    assert "no longer lead it" in told[cast.chi.pk]
    page = cast.programme.get_absolute_url()
    assert [page in told[person.pk] for person in (next_lead, cast.chi)] == [True, False]
    assert set(AuditEntry.objects.exclude(event="DataRead").values_list("event", flat=True)) == {
        "StewardAdded", "StewardRemoved", "ProgrammeHandedOver",
    }  # fmt: skip


def test_a_programme_goes_to_a_second_lead_but_to_nobody_who_may_not_lead(cast, next_lead):
    with pytest.raises(Refusal, match="somebody else"):
        actions.hand_programme_over(cast.programme, by=cast.chi, to=cast.chi)
    with pytest.raises(Refusal, match="not a programme lead"):
        actions.hand_programme_over(cast.programme, by=cast.chi, to=cast.ama)
    Steward.objects.create(programme=cast.programme, person=next_lead, kind="lead")

    actions.hand_programme_over(cast.programme, by=cast.chi, to=next_lead)

    assert cast.programme.stewards.filter(kind="lead").get().person == next_lead


# -- Monday ----------------------------------------------------------------------------------------

MONDAY = dt.datetime(2026, 2, 16, 7, tzinfo=dt.UTC)


def test_each_lead_hears_once_a_week_and_no_name_is_in_the_mail(cast):
    for _ in range(6):
        make_pair(cast.cohort)
    actions.recompute(at=MONDAY)

    actions.send_digests(at=MONDAY + dt.timedelta(days=-2))
    assert not OutgoingMail.objects.exists()
    for days in (-1, 0, 1, 2):  # on Sunday, and no more in its week
        actions.send_digests(at=MONDAY + dt.timedelta(days=days))

    sent = as_message(OutgoingMail.objects.get())
    assert sent.to == ["chi@example.org"]
    assert "Watch 7" in sent.body
    assert "New since last week 7" in sent.body
    assert sent.body.count("- Watch: no first session for 42 days\n") == 1
    assert reverse("desk:desk", args=[cast.programme.code]) in sent.body
    for name in ("Ama", "Bela"):
        assert name not in sent.body + sent.alternatives[0].content
    actions.send_digests(at=MONDAY + dt.timedelta(days=6))
    assert OutgoingMail.objects.count() == 2


@pytest.mark.parametrize(
    ("how", "digest"),
    [
        (MailChoice.How.AT_ONCE, ""),
        (MailChoice.How.DAILY, "daily"),
        (MailChoice.How.WEEKLY, "weekly"),
        (MailChoice.How.NEVER, None),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "Pacific/Honolulu"])
@pytest.mark.slow
def test_it_comes_on_monday_morning_as_the_lead_chose(cast, time_machine, how, digest, zone):
    time_machine.move_to(MONDAY.replace(day=15, hour=0, minute=20), tick=False)
    cast.chi.time_zone = zone
    cast.chi.save()
    mail_choices.choose(cast.chi, by=cast.chi, chosen={"desk.digest": how})
    actions.recompute()

    actions.send_digests()

    mail = OutgoingMail.objects.first()
    assert (mail and mail.digest) == digest
    if mail:
        local = mail.not_before.astimezone(zoneinfo.ZoneInfo(zone))
        assert f"{local:%a %d %H:%M}" == "Mon 16 07:00"


def test_a_digest_that_waited_past_its_week_is_not_sent(cast, time_machine, run_jobs):
    time_machine.move_to(MONDAY, tick=False)
    mail_choices.choose(cast.chi, by=cast.chi, chosen={"desk.digest": MailChoice.How.WEEKLY})
    actions.recompute()
    actions.send_digests()

    time_machine.move_to(MONDAY + dt.timedelta(days=7, hours=1), tick=False)
    wake_outbox()
    run_jobs()

    assert OutgoingMail.objects.get().state == OutgoingMail.State.DROPPED


def test_a_lead_whose_desk_is_empty_hears_nothing(cast):
    cast.pair.sessions.filter(number=1).update(state="held", starts_at=timezone.now())
    actions.recompute()
    actions.send_digests(at=MONDAY)

    assert not OutgoingMail.objects.exists()
