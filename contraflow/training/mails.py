"""What people are told of their training: that a short part is due, until it is done."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.core.letters import MailKind, Placeholder, register
from contraflow.core.mail import Letter, is_held_back, queue_mails
from contraflow.core.models import Notice
from contraflow.core.notices import News, add_notices, register_notice
from contraflow.people.models import Person
from contraflow.programmes.models import Enrolment
from contraflow.training.modules import gate_keys, minutes_of, shipped
from contraflow.training.queries import gate_open

KIND = "training.before_session_2"


def _is_open(cause: dict[str, Any]) -> bool:
    """Tell whether the training of a place in a cohort is still to do."""
    waiting = Enrolment.objects.enrolled().filter(gate_open(), pk=cause["enrolment"])
    return waiting.exclude(person__left_on__isnull=False).exists()


register(
    MailKind(
        id=KIND,
        name=gettext_lazy("Reminder: the short training before session 2"),
        sent=gettext_lazy(
            "A week and two days before session 2, and when a lead asks, until it is done."
        ),
        to=gettext_lazy("whoever of the pair has not done it"),
        subject=gettext_lazy("A short training before your second session"),
        text=gettext_lazy(
            "# Before your second session\n\n"
            "{programme} has a short training for both of you, {minutes} minutes in all, in parts "
            "of ten minutes at most. It goes on where you left off, also on a phone.\n\n"
            "[Go on with the training]({link})\n\n"
            "Others see that it is done or not done. What you answer and how often you try is kept "
            "nowhere."
        ),
        placeholders=(
            Placeholder(
                name="programme", meaning=gettext_lazy("the programme"),
                example=gettext_lazy("Executive digital fluency"),
            ),
            Placeholder(
                name="minutes", meaning=gettext_lazy("how long the short training is"),
                example="23",
            ),
            Placeholder(
                name="link", meaning=gettext_lazy("the page of one's training"), needed=True,
                example="https://mentoring.example.org/training/",
            ),
        ),
        still_due=_is_open,
    )
)  # fmt: skip


def remind(waiting: Iterable[Enrolment], *, once: str) -> int:
    """Write to each of these places, with a notice below the bell, and return how many there are.

    The same `once` tells nobody twice.
    """
    if is_held_back():
        return 0
    rows = list(waiting)
    path = reverse("training:own")
    queue_mails(
        Letter(
            kind=KIND,
            to=row.person,
            once=f"{KIND}/{row.code}/{once}",
            values={
                "programme": row.cohort.programme.title,
                "minutes": minutes_of(shipped()[key] for key in gate_keys(row.side)),
                "link": settings.SITE_URL + path,
            },
            cause={"enrolment": row.pk},
        )
        for row in rows
    )
    add_notices(
        News(
            kind=KIND,
            for_id=row.person_id,
            once=f"{KIND}/{row.code}/{once}",
            path=path,
            facts={"enrolment": row.pk},
        )
        for row in rows
    )
    return len(rows)


@register_notice(KIND, icon="graduation-cap")
def _in_words(notices: list[Notice], reader: Person) -> dict[int, str]:
    """Say it while it is so: what was done since is no longer told."""
    about = {notice.pk: notice.facts["enrolment"] for notice in notices}
    rows = Enrolment.objects.visible_to(reader).filter(gate_open(), pk__in=about.values())
    titles = dict(rows.values_list("pk", "cohort__programme__title"))
    return {
        pk: _("A short training before session 2 of %(programme)s") % {"programme": titles[row]}
        for pk, row in about.items()
        if row in titles
    }
