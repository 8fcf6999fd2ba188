"""Who comes in, who waits, who leaves, and that nothing happens twice."""

import datetime as dt

import pytest

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry, OutgoingMail
from contraflow.people.models import LoginLink
from contraflow.programmes.actions import (
    accept_invitation,
    admit,
    admit_all,
    apply_to,
    decline_invitation,
    draw_lots,
    edit_cohort,
    invite,
    move_to_bench,
    move_to_waiting_list,
    save_private_profile,
    send_invitation_again,
    withdraw,
)
from contraflow.programmes.models import Cohort, Enrolment, PrivateProfile, Side
from tests.conftest import make_cohort, make_enrolment, make_person

S = Enrolment.State


@pytest.fixture
def cohort(cast):
    return make_cohort(cast.programme, state="enrolling", applications_open=True, mentor_places=2)


def events():
    return list(AuditEntry.objects.order_by("pk").values_list("event", flat=True))


def states(cohort):
    return {each.person.name: each.state for each in cohort.enrolments.select_related("person")}


def test_nobody_takes_part_before_they_said_yes(cast, cohort):
    (enrolment,) = invite(cohort, [cast.dov], Side.MENTOR, by=cast.chi)

    assert enrolment.state == S.INVITED
    accept_invitation(enrolment, by=cast.dov)
    enrolment.refresh_from_db()
    assert enrolment.state == S.ENROLLED
    assert enrolment.profile.capacity == 1
    assert events() == ["PeopleInvited", "InvitationAccepted"]


def test_the_invitation_uses_the_shipped_words_and_the_cohorts_figures(cast, cohort):
    invite(cohort, [cast.dov], Side.MENTEE, by=cast.chi)

    words = OutgoingMail.objects.get(kind="programmes.invitation_leader").words
    assert "3 conversations, two questions of your own, nothing rated." in words["text"]
    link = LoginLink.objects.get(person=cast.dov)
    assert link.next_path == cohort.enrolments.get().get_absolute_url()
    assert "/people/sign-in/link/" in words["html"]
    assert "lets you in once, within 14 days" in words["text"]


def test_whoever_has_a_programme_in_their_hands_is_invited_without_a_key(cast, cohort):
    cast.sol.roles.all().delete()  # the sponsor of the programme, without a role beyond it
    for person in (cast.sol, cast.root):
        (enrolment,) = invite(cohort, [person], Side.MENTOR, by=cast.chi)

        words = OutgoingMail.objects.get(to_id=person.pk).words
        assert enrolment.get_absolute_url() in words["text"]
        assert "lets you in" not in words["text"]
    assert not LoginLink.objects.exists()


def test_an_invitation_sent_again_lets_in_by_the_newer_mail_alone(cast, cohort):
    (enrolment,) = invite(cohort, [cast.dov], Side.MENTOR, by=cast.chi)
    first = LoginLink.objects.get()

    send_invitation_again(enrolment, by=cast.chi)

    assert LoginLink.objects.get().digest != first.digest


def test_whoever_is_in_has_left_or_said_no_is_not_asked_again(cast, cohort):
    declined = make_enrolment(cohort, make_person("Nein"), state=S.DECLINED)
    left = make_person("Gone", left_on=dt.date(2026, 1, 1))
    invite(cohort, [cast.dov], Side.MENTOR, by=cast.chi)

    asked = invite(cohort, [cast.dov, left, declined.person], Side.MENTOR, by=cast.chi)

    assert asked == []
    assert OutgoingMail.objects.count() == 1


def test_a_second_press_on_accept_decline_and_withdraw_changes_nothing(cast, cohort):
    (yes,) = invite(cohort, [cast.dov], Side.MENTOR, by=cast.chi)
    (no,) = invite(cohort, [cast.sol], Side.MENTOR, by=cast.chi)
    for _press in range(2):
        accept_invitation(Enrolment.objects.get(pk=yes.pk), by=cast.dov)
        decline_invitation(Enrolment.objects.get(pk=no.pk), by=cast.sol)
    with pytest.raises(Refusal, match="already answered: enrolled"):
        decline_invitation(yes, by=cast.dov)
    for _press in range(2):
        withdraw(Enrolment.objects.get(pk=yes.pk), by=cast.dov)

    assert events()[2:] == ["InvitationAccepted", "InvitationDeclined", "PersonWithdrew"]
    with pytest.raises(Refusal, match="already answered: declined"):
        accept_invitation(no, by=cast.sol)
    with pytest.raises(Refusal, match="already ended"):
        withdraw(no, by=cast.sol)


def test_a_second_press_on_apply_changes_nothing(cast, cohort):
    first = apply_to(cohort, Side.MENTOR, by=cast.dov)

    assert apply_to(cohort, Side.MENTOR, by=cast.dov) == first
    assert events() == ["PersonApplied"]
    with pytest.raises(Refusal, match="already in this cohort: applied"):
        apply_to(cohort, Side.MENTEE, by=cast.dov)


def test_who_says_yes_when_all_places_are_taken_waits(cast, cohort):
    asked = invite(cohort, [make_person() for _ in range(4)], Side.MENTOR, by=cast.chi)
    for each in asked:
        accept_invitation(each, by=each.person)

    assert [each.state for each in asked] == [S.ENROLLED, S.ENROLLED, S.WAITING, S.WAITING]
    assert [each.waiting_place for each in asked] == [None, None, 1, 2]


def test_a_free_place_is_offered_to_the_next_and_then_to_the_one_after(cast, cohort):
    asked = invite(cohort, [make_person() for _ in range(4)], Side.MENTOR, by=cast.chi)
    for each in asked:
        accept_invitation(each, by=each.person)
    withdraw(asked[0], by=asked[0].person)
    third, fourth = asked[2], asked[3]
    third.refresh_from_db()

    assert (third.state, third.waiting_place) == (S.INVITED, 1)
    assert OutgoingMail.objects.filter(kind="programmes.offer").get().to_id == third.person_id
    decline_invitation(third, by=third.person)
    fourth.refresh_from_db()
    assert fourth.state == S.INVITED
    # the offered place is held: nobody else slips in
    latecomer = make_enrolment(cohort, state=S.INVITED)
    accept_invitation(latecomer, by=latecomer.person)
    assert latecomer.state == S.WAITING
    accept_invitation(fourth, by=fourth.person)
    assert fourth.state == S.ENROLLED


def test_more_places_are_offered_at_once(cast, cohort):
    waiting = [make_enrolment(cohort, state=S.WAITING) for _ in range(3)]
    for place, each in enumerate(waiting, start=1):
        each.waiting_place = place
        each.save()

    edit_cohort(cohort, by=cast.chi, mentor_places=1)
    assert [*states(cohort).values()] == [S.INVITED, S.WAITING, S.WAITING]
    edit_cohort(cohort, by=cast.chi, mentor_places=None)
    assert [*states(cohort).values()] == [S.INVITED] * 3


def test_admit_gives_a_place_once_and_only_while_there_is_one(cast, cohort):
    applied = [apply_to(cohort, Side.MENTOR, by=make_person()) for _ in range(3)]

    admit(applied[0], by=cast.chi)
    admit(applied[0], by=cast.chi)
    admit(applied[1], by=cast.chi)
    with pytest.raises(Refusal, match="All places are taken"):
        admit(applied[2], by=cast.chi)
    assert events().count("PersonAdmitted") == 2
    assert OutgoingMail.objects.filter(kind="programmes.place").count() == 2


def test_admit_all_gives_everybody_a_place_or_nobody(cast, cohort):
    for _ in range(3):
        apply_to(cohort, Side.MENTOR, by=make_person())

    with pytest.raises(Refusal):
        admit_all(cohort, Side.MENTOR, by=cast.chi)
    assert set(states(cohort).values()) == {S.APPLIED}
    edit_cohort(cohort, by=cast.chi, mentor_places=3)
    assert len(admit_all(cohort, Side.MENTOR, by=cast.chi)) == 3


def test_the_bench_frees_a_place_and_keeps_the_person(cast, cohort):
    first, second = (make_enrolment(cohort) for _ in range(2))
    waiting = make_enrolment(cohort, state=S.WAITING)

    for _press in range(2):
        move_to_bench(first, by=cast.chi)

    waiting.refresh_from_db()
    assert (first.state, second.state, waiting.state) == (S.BENCH, S.ENROLLED, S.INVITED)
    assert events().count("PersonMovedToBench") == 1
    with pytest.raises(Refusal, match="Only people who said yes"):
        move_to_bench(waiting, by=cast.chi)


def test_who_has_left_the_organisation_holds_no_place(cast, cohort):
    gone, _stays = (make_enrolment(cohort) for _ in range(2))
    applied = make_enrolment(cohort, state=S.APPLIED)
    with pytest.raises(Refusal, match="All places are taken"):
        admit(applied, by=cast.chi)

    gone.person.left_on = dt.date(2026, 1, 5)
    gone.person.save()

    assert admit(applied, by=cast.chi).state == S.ENROLLED


@pytest.mark.parametrize(
    ("place", "then"),
    [pytest.param(None, 6, id="at the end"), pytest.param(2, 2, id="where they stood before")],
)
def test_who_loses_a_partner_waits(cast, cohort, place, then):
    Cohort.objects.filter(pk=cohort.pk).update(state="running")
    other = make_enrolment(cohort, state=S.WAITING)
    Enrolment.objects.filter(pk=other.pk).update(waiting_place=5)
    alone = make_enrolment(cohort)

    for _press in range(2):
        move_to_waiting_list(alone, by=cast.chi, place=place)

    assert (alone.state, alone.waiting_place) == (S.WAITING, then)
    assert events() == ["PersonMovedToWaitingList"]


def test_nobody_waits_for_a_partner_before_there_are_pairs(cast, cohort):
    with pytest.raises(Refusal, match="once the pairs are published"):
        move_to_waiting_list(make_enrolment(cohort), by=cast.chi)


def test_withdrawing_leaves_no_sealed_words_behind(cast, cohort):
    enrolment = make_enrolment(cohort, cast.dov)
    save_private_profile(enrolment, by=cast.dov, vetoes=["abc"])

    withdraw(enrolment, by=cast.dov)

    assert PrivateProfile.objects.filter(enrolment=enrolment).count() == 0


def test_whoever_withdrew_may_apply_again(cast, cohort):
    enrolment = make_enrolment(cohort, cast.dov, state=S.WITHDRAWN)

    assert apply_to(cohort, Side.MENTEE, by=cast.dov).pk == enrolment.pk


def test_an_invitation_can_be_sent_again_until_it_is_answered(cast, cohort):
    (enrolment,) = invite(cohort, [cast.dov], Side.MENTOR, by=cast.chi)

    send_invitation_again(enrolment, by=cast.chi)
    assert OutgoingMail.objects.filter(to_id=cast.dov.pk).count() == 2
    accept_invitation(enrolment, by=cast.dov)
    with pytest.raises(Refusal, match="already answered: enrolled"):
        send_invitation_again(enrolment, by=cast.chi)


@pytest.mark.parametrize(
    ("side", "grade", "reason"),
    [
        pytest.param(Side.MENTOR, 3, None, id="a mentor two grades below the top"),
        pytest.param(Side.MENTOR, 4, "2 grades more senior", id="a mentor too near the top"),
        pytest.param(Side.MENTEE, 3, None, id="a leader two grades above the bottom"),
        pytest.param(Side.MENTEE, 2, "2 grades more junior", id="a leader too near the bottom"),
        pytest.param(Side.MENTOR, None, None, id="a grade nobody knows"),
    ],
)
def test_nobody_applies_for_a_side_on_which_no_partner_can_be_found(
    cast, cohort, side, grade, reason
):
    make_person(grade=1)
    make_person(grade=5)
    person = make_person(grade=grade)

    if reason is None:
        assert apply_to(cohort, side, by=person).state == S.APPLIED
        return
    with pytest.raises(Refusal, match=reason):
        apply_to(cohort, side, by=person)
    assert not cohort.enrolments.exists()


@pytest.mark.parametrize("state", [*Cohort.State])
def test_people_come_in_only_while_the_cohort_takes_them(cast, cohort, state):
    enrolment = make_enrolment(cohort, cast.dov, state=S.INVITED)
    Cohort.objects.filter(pk=cohort.pk).update(state=state)
    cohort.refresh_from_db()
    takes_people = state in {"enrolling", "pairing"}
    attempts = {
        "invite": lambda: invite(cohort, [cast.sol], Side.MENTOR, by=cast.chi),
        "apply": lambda: apply_to(cohort, Side.MENTOR, by=cast.tru),
        "draw": lambda: draw_lots(cohort, Side.MENTOR, by=cast.chi),
        "accept": lambda: accept_invitation(enrolment, by=cast.dov),
    }
    done = set()
    for name, attempt in attempts.items():
        try:
            attempt()
        except Refusal:
            continue
        done.add(name)

    # lots need somebody who applied, which is possible while enrolling only
    expected = {"invite", "accept"} if takes_people else set()
    assert done == expected | ({"apply", "draw"} if state == "enrolling" else set())
