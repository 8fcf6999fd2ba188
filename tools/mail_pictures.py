"""Write every mail of a cohort's life as HTML, as text and as pictures, to look at each.

    python tools/mail_pictures.py FOLDER

1. Make a throw-away installation with two people, a programme and a cohort.
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
    """Let two people live through everything, and return the messages by kind."""
    from django.utils import timezone

    from contraflow.core.letters import all_kinds, shipped_wording
    from contraflow.core.mail import as_message, queue_mails, queue_test
    from contraflow.core.models import OutgoingMail
    from contraflow.pairing import mails as of_pairing
    from contraflow.pairs import mails as of_pairs
    from contraflow.pairs.reminders import remind
    from contraflow.people.mails import mail_login_link
    from contraflow.programmes import mails as of_programmes

    pair, enrolments, root = _people()
    now = timezone.now()
    mail_login_link(pair.mentor)
    for enrolment in enrolments:
        of_programmes.send_invitation(enrolment)
    of_programmes.send_offer(enrolments[0])
    of_programmes.send_place(enrolments[0])
    of_programmes.send_waiting(enrolments[1])
    common = {"topics": ["Generative AI"], "interests": ["Cycling"], "languages": ["de"]}
    queue_mails(of_pairing.introductions(pair, common=common))
    queue_mails(of_pairing.withdrawals(pair, is_first=True))
    first, second = pair.sessions.all()[:2]
    first.state, first.starts_at = "booked", now + dt.timedelta(hours=20)
    first.save()
    of_pairs.send_invitations(first, by=pair.mentor, at=now)
    of_pairs.send_move(first, was_at=now, by=pair.mentee, at=now)
    of_pairs.send_cancellation(first, was_at=now, by=pair.mentee, at=now)
    remind(now)
    type(first).objects.filter(pk=first.pk).update(starts_at=now - dt.timedelta(hours=30))
    remind(now)
    type(first).objects.filter(pk=first.pk).update(state="held")
    second.due_on = timezone.localdate(now)
    second.save()
    remind(now)
    of_pairs.send_decline(first, by=pair.mentee, at=now)
    of_pairs.send_naming(pair.mentee.assistants.create(assistant=root))
    _from_the_desk(pair, root, now)
    earlier = now - dt.timedelta(hours=2)
    of_pairs.send_ending(pair, at=earlier)
    of_pairs.take_ending_back(pair, ended_at=earlier)
    kinds = all_kinds()
    queue_test(kinds[0], shipped_wording(kinds[0], "en"), to=root)
    rows = {row.kind: row for row in OutgoingMail.objects.order_by("made_at")}
    missing = {kind.id for kind in kinds} - set(rows)
    if missing:
        raise SystemExit(f"nothing in the life of a cohort sends {', '.join(sorted(missing))}")
    digest = [row for row in rows.values() if row.kind.startswith("pairs.") and row.cause]
    messages = {kind: as_message(row) for kind, row in rows.items()}
    return messages | {"core.digest": as_message(digest[0], None, *digest[1:])}


def _from_the_desk(pair, root, now) -> None:
    """Let whoever leads the programme and answers for it write all that they can."""
    from contraflow.desk import actions, mails, texts
    from contraflow.desk.models import Speech, Step
    from contraflow.desk.queries import digest_of
    from contraflow.programmes.actions.hours import ask_for_hours
    from contraflow.programmes.models import Steward

    cohort, programme = pair.cohort, pair.cohort.programme
    for kind in (Steward.Kind.LEAD, Steward.Kind.SPONSOR):
        programme.stewards.create(person=root, kind=kind)
    pair.mentor.manager = root
    pair.mentor.save()
    ask_for_hours(cohort, by=root)
    for kind in Step.MAILS:
        ready = texts.text_for(pair, kind, by=root)
        step = actions.write_to_both(pair, kind, by=root, text=ready, again=True)
    message = actions.send_message(cohort, "everybody", by=root, text=ready, code="sent1")
    actions.write_letters(message, [pair.mentor_id])
    actions.send_test(by=root, text=ready, code="sent1")
    step.to = root
    mails.send_hand_over(step)
    mails.send_no_lead(pair)
    mails.send_programme_handed_over(programme, by=pair.mentor, to=root)
    actions.recompute()
    mails.send_digest(root, "2026-01", digest_of(root, at=now))
    for kind in Speech.Kind:
        text = texts.text_to_cohort(cohort, kind, learns=True)
        speech = cohort.speeches.create(
            kind=kind, by=root, subject=text.subject, text=text.body, leaves_at=now
        )
        mails.send_speech(speech, [pair.mentor])
    word = actions.write_personal_word(programme, by=root, text=texts.personal_text())
    mails.send_personal_word(word, pair)
    parts = [f"Open {cohort.name}", f"Close {cohort.name}"]
    reminder = texts.text_of_reminder(programme, parts, by=pair.mentor)
    actions.remind_sponsor(programme, by=pair.mentor, text=reminder, code="sent2")


def _people():
    from contraflow.core.models import Installation
    from contraflow.people.models import Person
    from contraflow.programmes.models import Enrolment
    from tests.conftest import make_cohort, make_pair, make_programme

    Installation.objects.create(pk=1, organisation="Lumenport")
    names = {"priya": "Priya Raman", "gerald": "Gerald Whitfield", "root": "Jana Greco"}
    people = {
        login: Person.objects.create_person(
            f"{login}@example.org", name=name, job_title="Data analyst", time_zone="Europe/Berlin"
        )
        for login, name in names.items()
    }
    cohort = make_cohort(make_programme())
    pair = make_pair(cohort, people["priya"], people["gerald"])
    enrolments = list(Enrolment.objects.order_by("side").select_related("cohort__programme"))
    Enrolment.objects.filter(pk=enrolments[1].pk).update(waiting_place=3)
    enrolments[1].waiting_place = 3
    return pair, enrolments, people["root"]


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
