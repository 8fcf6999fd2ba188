"""Write every mail of a cohort's life as HTML, as text and as pictures, to look at each.

    python tools/mail_pictures.py FOLDER

1. Make a throw-away installation with a few people, a programme and a cohort.
2. Let them live through everything that is told by mail, by the actions pages use.
3. Write NAME.html and NAME.txt of each mail, and its picture on a desktop, dark on a phone.
"""

import datetime as dt
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
SIZES = {
    "desktop": {"viewport": {"width": 700, "height": 300}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 390, "height": 300}, "color_scheme": "dark"},
}


def main(folder: Path) -> None:
    """Live the life and write its mails."""
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {
            "CONTRAFLOW_DATA_DIR": data,
            "CONTRAFLOW_SITE_URL": "https://mentoring.example.org",
            "DJANGO_SETTINGS_MODULE": "contraflow.config.settings",
        }
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        mails = _live()
    folder.mkdir(parents=True, exist_ok=True)
    for name, message in mails.items():
        (folder / f"{name}.txt").write_text(f"Subject: {message.subject}\n\n{message.body}")
        (folder / f"{name}.html").write_text(message.alternatives[0][0])
    _picture(folder, list(mails))
    print(f"{len(mails)} mails in {folder}")


def _live() -> dict:
    """Let a few people live through everything, and return the messages by kind."""
    from contraflow.core.letters import all_kinds, shipped_wording
    from contraflow.core.mail import as_message, queue_test
    from contraflow.core.models import OutgoingMail

    pair, people = _people()
    _enrol(pair, people)
    _meet(pair, people)
    _end(pair)
    _at_the_desk(pair, people)
    _by_the_sponsor(pair, people)
    _between_sessions(pair)
    _agree(pair)
    _close(pair)
    _ask_mentor(pair, people)
    _let_words_go(pair)
    _come_too_close(pair)
    kinds = all_kinds()
    queue_test(kinds[0], shipped_wording(kinds[0], "en"), to=people["jana"])
    rows = {row.kind: row for row in OutgoingMail.objects.order_by("made_at")}
    missing = {kind.id for kind in kinds} - set(rows)
    if missing:
        raise SystemExit(f"nothing in the life of a cohort sends {', '.join(sorted(missing))}")
    digest = [row for row in rows.values() if row.kind.startswith("pairs.") and row.cause]
    messages = {kind: as_message(row) for kind, row in rows.items()}
    return messages | {"core.digest": as_message(digest[0], None, *digest[1:])}


def _people():
    from contraflow.core.models import Installation
    from contraflow.people.models import Person
    from contraflow.programmes.models import Steward
    from tests.conftest import make_cohort, make_pair, make_programme

    Installation.objects.create(pk=1, organisation="Lumenport")
    names = {
        "priya": "Priya Raman", "gerald": "Gerald Whitfield", "jana": "Jana Greco",
        "noor": "Noor Saleh", "ines": "Inés Duarte", "otto": "Otto Lindqvist",
    }  # fmt: skip
    people = {
        login: Person.objects.create_person(
            f"{login}@example.org", name=name, job_title="Data analyst", time_zone="Europe/Berlin"
        )
        for login, name in names.items()
    }
    Person.objects.filter(pk=people["priya"].pk).update(manager=people["otto"])
    programme = make_programme()
    for login, kind in (("noor", "lead"), ("jana", "lead"), ("ines", "sponsor")):
        Steward.objects.create(programme=programme, person=people[login], kind=kind)
    pair = make_pair(make_cohort(programme), people["priya"], people["gerald"])
    return pair, people


def _enrol(pair, people) -> None:
    from contraflow.core.mail import queue_mails
    from contraflow.pairing import mails as of_pairing
    from contraflow.people.mails import mail_login_link
    from contraflow.programmes import mails as of_programmes
    from contraflow.programmes.actions import ask_for_hours
    from contraflow.programmes.models import Enrolment

    mail_login_link(pair.mentor)
    enrolments = list(Enrolment.objects.order_by("side").select_related("cohort__programme"))
    for enrolment in enrolments:
        of_programmes.send_invitation(enrolment)
    of_programmes.send_offer(enrolments[0])
    of_programmes.send_place(enrolments[0])
    enrolments[1].waiting_place = 3
    enrolments[1].save()
    of_programmes.send_waiting(enrolments[1])
    ask_for_hours(pair.cohort, by=people["noor"])
    common = {"topics": ["Generative AI"], "interests": ["Cycling"], "languages": ["de"]}
    queue_mails(of_pairing.introductions(pair, common=common))
    queue_mails(of_pairing.withdrawals(pair, is_first=True))


def _meet(pair, people) -> None:
    from django.utils import timezone

    from contraflow.pairs import actions, mails
    from contraflow.pairs.models import Session
    from contraflow.pairs.reminders import remind

    now = timezone.now()
    actions.name_assistant(pair.mentee, assistant=people["otto"])
    first, second = pair.sessions.all()[:2]
    for session in (first, second):
        session.pair = pair
    in_days = now.replace(hour=9, minute=0) + dt.timedelta(days=4)
    actions.book_session(first, by=pair.mentor, starts_at=in_days)
    actions.move_session(first, by=people["otto"], starts_at=in_days + dt.timedelta(hours=2))
    mails.send_decline(first, by=pair.mentee, at=now)
    actions.cancel_session(first, by=pair.mentee)
    sessions = Session.objects.filter(pk=first.pk)
    sessions.update(state="booked", starts_at=now + dt.timedelta(hours=20))
    remind(now)
    sessions.update(starts_at=now - dt.timedelta(hours=30))
    remind(now)
    sessions.update(state="held")
    second.due_on = timezone.localdate(now)
    second.save()
    remind(now)


def _end(pair) -> None:
    from django.utils import timezone

    from contraflow.pairs import actions

    earlier = timezone.now() - dt.timedelta(hours=2)
    actions.end_pair(pair, by=None, at=earlier)
    actions.resume_pair(pair, ended_at=earlier, by=None)


def _at_the_desk(pair, people) -> None:
    """Let a lead do all that a lead can do, weeks after the two last met."""
    from django.utils import timezone

    from contraflow.desk import actions, mails
    from contraflow.desk.texts import Text, text_for
    from contraflow.programmes.models import Steward

    lead, cohort = people["noor"], pair.cohort
    later = timezone.now() + dt.timedelta(days=45)
    monday = later + dt.timedelta(days=7 - later.weekday(), hours=12)
    actions.recompute(at=later)
    for kind in ("nudge", "guide", "talk", "rematch"):
        text = text_for(pair, kind, by=lead)
        actions.write_to_both(pair, kind, by=lead, text=text, again=True)
    actions.send_digests(at=monday)
    actions.hand_over(pair, by=lead, to=people["jana"])
    text = Text(
        subject="No sessions in the last week of December",
        body="The offices are closed from 24 December to 1 January.\n\n"
        "- Nothing is due in these days.\n- Dates that you have already set stand; move them if "
        "they do not suit.\n\nNoor Saleh, programme lead",
    )
    actions.send_test(by=lead, text=text, code="test")
    message = actions.send_message(cohort, "everybody", by=lead, text=text, code="message")
    actions.write_letters(message, [pair.mentor_id])
    actions.hand_programme_over(cohort.programme, by=lead, to=people["jana"])
    Steward.objects.filter(person=people["jana"]).update(person=pair.mentee)
    mails.send_no_lead(pair)


def _by_the_sponsor(pair, people) -> None:
    from django.utils import timezone

    from contraflow.desk import actions, mails, texts
    from contraflow.desk.models import Speech

    cohort, programme, sponsor = pair.cohort, pair.cohort.programme, people["ines"]
    for kind in Speech.Kind:
        text = texts.text_to_cohort(cohort, kind, by=sponsor, learns=True)
        speech = cohort.speeches.create(
            kind=kind, by=sponsor, subject=text.subject, text=text.body, leaves_at=timezone.now()
        )
        mails.send_speech(speech, [pair.mentor])
    word = actions.write_personal_word(programme, by=sponsor, text=texts.personal_text())
    mails.send_personal_word(word, pair)
    parts = [f"Open {cohort.name}", f"Close {cohort.name}"]
    reminder = texts.text_of_reminder(programme, parts, by=people["noor"])
    actions.remind_sponsor(programme, by=people["noor"], text=reminder, code="sent2")


def _between_sessions(pair) -> None:
    from contraflow.exchange.actions import send_message
    from tests.conftest import make_pair

    # in a pair of its own: that one has ended
    other = make_pair(pair.cohort, mentor=pair.mentor)
    send_message(other, by=other.mentor, text="Hello")


def _agree(pair) -> None:
    """Let another pair write, sign and change an agreement, reminded of it and of the training."""
    from django.utils import timezone

    from contraflow.pairs import actions
    from contraflow.pairs.reminders import remind
    from tests.conftest import make_pair

    now = timezone.now()
    other = make_pair(pair.cohort, mentor=pair.mentor, active_since=None, trained=False)
    second = other.sessions.filter(number=2)
    for hours in (40, 70):
        soon = now + dt.timedelta(hours=hours)
        second.update(state="booked", starts_at=soon, due_on=soon.date())
        remind(now)
    goal = {"week": 9, "will": "ask first", "seen_by": "the minutes", "because": "I want to hear"}
    for person in (other.mentor, other.mentee):
        actions.set_goal(other, by=person, **goal)
    actions.sign_agreement(other, by=other.mentee, version=2, pledges=True)
    actions.sign_agreement(other, by=other.mentor, version=2)
    actions.write_section(
        other, by=other.mentor, section="place", text="The small room.", seen=2, reopens=True
    )


def _close(pair) -> None:
    """Let another pair suggest to close, go on for now, and close together after all."""
    from contraflow.pairs import actions
    from tests.conftest import make_pair

    other = make_pair(pair.cohort, mentor=pair.mentor)
    mentor, leader = other.mentor, other.mentee
    actions.suggest_closing(other, by=mentor)
    actions.put_off_closing(other, by=leader)
    actions.suggest_closing(other, by=leader)
    actions.suggest_closing(other, by=mentor)
    for person in (mentor, leader):
        actions.write_closing_page(other, by=person, texts={"taken": "To ask"}, is_ready=True)


def _ask_mentor(pair, people) -> None:
    """Ask the mentor of a pair that ended whether all is well, and let them answer."""
    from django.utils import timezone

    from contraflow.pairs import actions
    from contraflow.pairs.models import FollowUp
    from contraflow.programmes.models import Steward
    from tests.conftest import make_pair

    programme, contact = pair.cohort.programme, people["otto"]
    Steward.objects.create(programme=programme, person=contact, kind="trusted_contact")
    month_ago = timezone.now() - dt.timedelta(days=30)
    other = make_pair(pair.cohort, state="ended", ended_on=timezone.localdate(month_ago))
    actions.ask_mentors()
    asked = FollowUp.objects.get(pair=other)
    actions.answer_follow_up(asked, secret="of the mail", answer="talk")


def _let_words_go(pair) -> None:
    """Remind the two of a pair that ended long ago of their copy."""
    from django.utils import timezone

    from contraflow.pairs import actions
    from tests.conftest import make_pair

    soon = timezone.localdate() + dt.timedelta(days=14)
    make_pair(pair.cohort, state="ended", ended_on=soon, words_kept_until=soon)
    actions.remind_of_deletion()


def _come_too_close(pair) -> None:
    """Let a reorganisation put two of a pair into one team, and take that back."""
    from django.utils import timezone

    from contraflow.pairing.guard import guard_pairs
    from contraflow.pairs.actions import come_true
    from contraflow.people.models import Department, Person
    from tests.conftest import make_pair

    two = make_pair(pair.cohort)
    team = Department.objects.create(path="Sales", name="Sales")
    both = Person.objects.filter(pk__in=[two.mentor_id, two.mentee_id])
    both.update(department=team)
    guard_pairs()
    come_true(at=timezone.now() + dt.timedelta(days=5))
    both.filter(pk=two.mentor_id).update(department=None)
    guard_pairs()


def _picture(folder: Path, names: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=os.environ.get("CONTRAFLOW_TEST_BROWSER", "/usr/bin/chromium"),
            args=["--no-sandbox"],
        )
        for size, options in SIZES.items():
            page = browser.new_context(**options).new_page()
            for name in names:
                page.goto((folder / f"{name}.html").absolute().as_uri())
                page.screenshot(path=folder / f"{name}-{size}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
