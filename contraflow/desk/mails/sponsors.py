"""A sponsor's words: to everybody of a cohort, to a leader, and what asks for them."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.core.letters import MailKind, Placeholder, register
from contraflow.core.mail import Letter, is_held_back, queue_mail, queue_mails
from contraflow.core.models import Notice
from contraflow.core.notices import News, add_notices, register_notice
from contraflow.desk.mails.pairs import (
    LINK,
    PROGRAMME,
    STEWARD,
    SUBJECT,
    WORDS,
    next_date,
    written,
)
from contraflow.desk.models import PersonalWord, Speech, SponsorReminder
from contraflow.desk.texts import Text
from contraflow.pairs.models import Ending, Pair, Session
from contraflow.people.models import Person
from contraflow.programmes.models import Enrolment

_SPONSOR = Placeholder(
    name="sponsor", meaning=gettext_lazy("who answers for the programme"), example="Elena Novak"
)
_SPOKEN = Placeholder(
    name="words", meaning=gettext_lazy("what the sponsor wrote"), needed=True,
    example=gettext_lazy("Thank you for taking part. Please protect your dates."),
)  # fmt: skip
register(
    *(
        MailKind(
            id=f"desk.{kind}",
            name=name,
            sent=sent,
            to=gettext_lazy("everybody who takes part"),
            subject="{subject}",
            text=gettext_lazy(
                "# {subject}\n\nHello {name},\n\n{words}\n\n{sponsor}\nSponsor of {programme}\n\n"
                "[Read it again]({link})"
            ),
            placeholders=(SUBJECT, _SPOKEN, LINK, PROGRAMME, _SPONSOR),
        )
        for kind, name, sent in (
            (
                Speech.Kind.OPENING,
                gettext_lazy("A sponsor opens a cohort"),
                gettext_lazy("Once, when a sponsor opens a cohort with a few words."),
            ),
            (
                Speech.Kind.CLOSING,
                gettext_lazy("A sponsor closes a cohort"),
                gettext_lazy("Once, when a sponsor closes a cohort with a few words."),
            ),
        )
    ),
    MailKind(
        id="desk.personal_word",
        name=gettext_lazy("A sponsor's personal word"),
        sent=gettext_lazy(
            "When a leader gave up two dates in a row and set no new one, where a word of a "
            "sponsor stands ready for that."
        ),
        to=gettext_lazy("that leader, and nobody else"),
        subject=gettext_lazy("A word from {sponsor}"),
        text=gettext_lazy(
            "# A word from {sponsor}\n\nHello {name},\n\n{words}\n\n{sponsor}\n"
            "Sponsor of {programme}\n\n[Set a date]({link})\n\n"
            "{sponsor} wrote this for every leader whose dates fall through. Neither they nor your "
            "programme lead is told that it reached you."
        ),
        placeholders=(_SPOKEN, LINK, PROGRAMME, _SPONSOR),
        still_due=lambda cause: _is_still_waited_for(**cause),
    ),
    MailKind(
        id="desk.sponsor_reminder",
        name=gettext_lazy("A lead reminds a sponsor"),
        sent=gettext_lazy("When a lead asks the sponsors for their part."),
        to=gettext_lazy("the sponsors"),
        subject="{subject}",
        text=gettext_lazy("# {subject}\n\nHello {name},\n\n{words}\n\n[Open your part]({link})"),
        placeholders=(SUBJECT, WORDS, LINK),
        why=STEWARD,
    ),
)  # fmt: skip


def send_speech(speech: Speech, people: list[Person]) -> None:
    """Write opening or closing words to each of many people, and put them below their bells."""
    if is_held_back():
        return
    programme, kind = speech.cohort.programme, f"desk.{speech.kind}"
    places = dict(
        Enrolment.objects.filter(cohort=speech.cohort, person__in=people).values_list(
            "person_id", "code"
        )
    )
    paths = {pk: reverse("programmes:enrolment", args=[code]) for pk, code in places.items()}
    once = {person.pk: f"{kind}/{speech.code}/{person.code}" for person in people}
    add_notices(
        News(
            kind=kind, for_id=person.pk, once=once[person.pk], path=paths[person.pk],
            facts={"speech": speech.pk},
        )
        for person in people
    )  # fmt: skip
    queue_mails(
        Letter(
            kind=kind,
            to=person,
            once=once[person.pk],
            values={
                "subject": speech.subject,
                "words": speech.text,
                "programme": programme.title,
                "sponsor": speech.by.name if speech.by else "",
                "link": settings.SITE_URL + paths[person.pk],
            },
        )
        for person in people
    )


_NEWS = {
    "desk.opening": gettext_lazy("%(name)s has opened %(cohort)s with a few words."),
    "desk.closing": gettext_lazy("%(name)s has closed %(cohort)s with a few words."),
}


def _say(notices: list[Notice], reader: Person) -> dict[int, str]:
    asked = {notice.facts["speech"] for notice in notices}
    spoken = Speech.objects.visible_to(reader).said().filter(pk__in=asked)
    names = {
        speech.pk: {
            "name": speech.by or _("Somebody who has left"), "cohort": speech.cohort.name,
        }
        for speech in spoken.select_related("cohort", "by")
    }  # fmt: skip
    return {
        notice.pk: _NEWS[notice.kind] % names[notice.facts["speech"]]
        for notice in notices
        if notice.facts["speech"] in names
    }


for _each in _NEWS:
    register_notice(_each, icon="mail")(_say)


def send_personal_word(word: PersonalWord, pair: Pair) -> None:
    """Write a sponsor's word to the leader of a pair, without a word of the mentor."""
    queue_mail(
        "desk.personal_word",
        to=pair.mentee,
        once=f"desk.personal_word/{word.pk}/{pair.mentee.code}",
        values={
            "words": word.words.text,
            "programme": word.programme.title,
            "sponsor": word.by.name,
            "link": settings.SITE_URL + next_date(pair),
        },
        cause={"word_id": word.pk, "pair_id": pair.pk},
    )


def _is_still_waited_for(*, word_id: int, pair_id: int) -> bool:
    """Tell whether a personal word still stands, and the two still have no date."""
    booked = Session.objects.filter(pair=pair_id, state=Session.State.BOOKED)
    meets = Pair.objects.active().filter(pk=pair_id).exclude(endings__who=Ending.Who.MENTEE)
    stands = PersonalWord.objects.standing().filter(pk=word_id)
    return stands.exists() and meets.exists() and not booked.exists()


def send_sponsor_reminder(reminder: SponsorReminder, text: Text, people: list[Person]) -> None:
    """Ask each sponsor of a programme for their part."""
    part = reverse("desk:part", args=[reminder.programme.code])
    queue_mails(
        Letter(
            kind="desk.sponsor_reminder",
            to=person,
            once=f"desk.sponsor_reminder/{reminder.code}/{person.code}",
            values=written(text) | {"link": settings.SITE_URL + part},
        )
        for person in people
    )
