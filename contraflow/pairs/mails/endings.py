"""What the two are told when a pair ends, rests or goes on: the same words whatever the cause."""

import datetime as dt

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from contraflow.core.letters import Care, MailKind, Placeholder, register
from contraflow.core.mail import is_held_back, queue_mail, take_mail_back
from contraflow.core.models import Notice, OutgoingMail
from contraflow.core.notices import News, add_notices, register_notice
from contraflow.pairs.mails.dates import LINK, OF_PAIR, PARTNER
from contraflow.pairs.mails.keeping import day_in_words
from contraflow.pairs.models import Closing, Pair
from contraflow.people.models import Person

_PAIR_LINK = Placeholder(
    name="link", meaning=_("the pair's page"), needed=True,
    example="https://mentoring.example.org/pairs/k3v/",
)  # fmt: skip
# to two who know it: in every other mail about an end nothing stands in its place
_THANKS = _("You closed it together. Thank you for what you gave each other.")
register(
    MailKind(
        id="pairs.pair_ended",
        name=_("A pair has ended"),
        sent=_("At the hour that is the same for every end, in the same words whoever ended it."),
        to=_("both of the pair"),
        subject=_("Your reverse mentoring pair has ended"),
        text=_(
            "# Your pair has ended\n\n"
            "You and {partner} no longer meet as a pair of this programme. Sessions that were "
            "planned are cancelled, and your calendar is told.\n\n{closed}\n\n"
            "Pairs end for many reasons, and none is asked for. What you wrote for each other "
            "stays between the two of you until {day}; then it is deleted.\n\n"
            "[Take your copy]({link})"
        ),
        placeholders=(
            PARTNER, _PAIR_LINK,
            Placeholder(name="day", meaning=_("the day on which what they wrote is deleted"),
                        example=_("4 March 2026")),
            Placeholder(name="closed", meaning=_("thanks, where the two closed it together"),
                        example=_THANKS),
        ),
        care=Care.ESSENTIAL,
        why=OF_PAIR,
    ),
    MailKind(
        id="pairs.pair_resumed",
        name=_("A pair goes on"),
        sent=_("When an end is taken back after it was told."),
        to=_("both of the pair"),
        subject=_("You and {partner} go on as a pair"),
        text=_(
            "# Your pair goes on\n\n"
            "A short while ago you were told that you and {partner} no longer meet. That was taken "
            "back: you are a pair as before, and what you wrote for each other is where it was.\n\n"
            "Dates that were cancelled stand in your calendars again.\n\n"
            "[Open your pair's page]({link})"
        ),
        placeholders=(PARTNER, LINK),
        care=Care.ESSENTIAL,
        why=OF_PAIR,
    ),
    MailKind(
        id="pairs.pair_held",
        name=_("A pair rests until further notice"),
        sent=_("When a pair has to rest, at the same hour as the mail about an end."),
        to=_("both of the pair"),
        subject=_("You and {partner} rest for now"),
        text=_(
            "# Your pair rests for now\n\n"
            "You and {partner} do not meet for the time being. Sessions that were planned are "
            "cancelled, and your calendar is told. Nothing is due meanwhile.\n\n"
            "Neither of you did anything wrong, and neither asked for it. The programme lead is "
            "looking into it, and you hear from us. What you wrote for each other stays between "
            "the two of you.\n\n[Open your pair's page]({link})"
        ),
        placeholders=(PARTNER, _PAIR_LINK),
        care=Care.ESSENTIAL,
        why=OF_PAIR,
    ),
    MailKind(
        id="pairs.pair_goes_on",
        name=_("A pair that rested goes on"),
        sent=_("When a pair that had to rest can meet again."),
        to=_("both of the pair"),
        subject=_("You and {partner} can meet again"),
        text=_(
            "# You can meet again\n\n"
            "You and {partner} go on as a pair. Days that were due have moved on by the time you "
            "rested.\n\n[Set a new date]({link})"
        ),
        placeholders=(PARTNER, _PAIR_LINK),
        care=Care.ESSENTIAL,
        why=OF_PAIR,
    ),
)  # fmt: skip


def forget_leaving(pair: Pair) -> None:
    """Delete what was written to one of the two alone, before the other heard of the end."""
    OutgoingMail.objects.filter(
        to_id__in=[pair.mentor_id, pair.mentee_id], cause__leaves=pair.pk
    ).exclude(state=OutgoingMail.State.WAITING).delete()


def send_hold(pair: Pair, *, at: dt.datetime, goes_on: bool) -> None:
    """Tell both that their pair rests, or that it goes on, and to neither why."""
    kind = "pairs.pair_goes_on" if goes_on else "pairs.pair_held"
    for person in _still_here(pair):
        if pair.has_left(person):
            continue
        news = _news_of_pair(kind, pair, to=person, at=at)
        add_notices([news])
        queue_mail(
            kind, to=person, once=news.once,
            values={"partner": pair.partner_of(person).name,
                    "link": settings.SITE_URL + news.path},
        )  # fmt: skip


def ring_for_end(pair: Pair, *, at: dt.datetime) -> None:
    """Let the bells of both say that the pair has ended."""
    add_notices(_news_of_pair("pairs.pair_ended", pair, to=one, at=at) for one in _still_here(pair))


def _news_of_pair(kind: str, pair: Pair, *, to: Person, at: dt.datetime) -> News:
    once = f"{kind}/{pair.code}/{to.code}/{at:%Y%m%d%H%M%S%f}"
    path = pair.get_absolute_url()
    return News(kind=kind, for_id=to.pk, once=once, path=path, facts={"pair": pair.pk})


def send_ending(pair: Pair, *, at: dt.datetime) -> None:
    """Tell both from a moment on that the pair has ended, in the same words whoever did it."""
    if is_held_back():
        return
    closed = Closing.objects.filter(pair=pair, done_at__isnull=False).exists()
    for person in _still_here(pair):
        queue_mail(
            "pairs.pair_ended",
            to=person,
            once=_once_ended(pair, person, at),
            values={
                "partner": pair.partner_of(person).name,
                "day": day_in_words(pair.words_kept_until) if pair.words_kept_until else "",
                "closed": _THANKS if closed else "",
                "link": settings.SITE_URL + pair.get_absolute_url(),
            },
            not_before=at,
        )


def take_ending_back(pair: Pair, *, ended_at: dt.datetime) -> None:
    """Take back the mails that tell of an end; whoever has got one is told that they go on."""
    full_hour = next_full_hour(ended_at)
    for person in _still_here(pair):
        once = _once_ended(pair, person, full_hour)
        if take_mail_back(once, not_before=full_hour):
            continue
        queue_mail(
            "pairs.pair_resumed",
            to=person,
            once=once.replace("pair_ended", "pair_resumed"),
            values={
                "partner": pair.partner_of(person).name,
                "link": settings.SITE_URL + pair.get_absolute_url(),
            },
        )


def _still_here(pair: Pair) -> list[Person]:
    return [person for person in (pair.mentor, pair.mentee) if person.is_active]


def next_full_hour(at: dt.datetime) -> dt.datetime:
    """Return the full hour after a moment."""
    return at.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)


def _once_ended(pair: Pair, person: Person, full_hour: dt.datetime) -> str:
    # the hour, as a pair may go on and end again
    return f"pairs.pair_ended/{pair.code}/{person.code}/{full_hour:%Y%m%d%H}"


# -- below the bell -------------------------------------------------------------------------------

_NEWSOF_PAIRS = {
    "pairs.pair_ended": ("users", _("You and %(name)s no longer meet as a pair.")),
    "pairs.pair_held": ("clock", _("You and %(name)s rest for now.")),
    "pairs.pair_goes_on": ("history", _("You and %(name)s can meet again.")),
}


def _say_of_pairs(notices: list[Notice], reader: Person) -> dict[int, str]:
    pairs = Pair.objects.visible_to(reader).in_bulk({each.facts["pair"] for each in notices})
    return {
        notice.pk: _NEWSOF_PAIRS[notice.kind][1] % {"name": pair.partner_of(reader).name}
        for notice in notices
        if (pair := pairs.get(notice.facts["pair"]))
    }


for _each, (_icon, _words) in _NEWSOF_PAIRS.items():
    register_notice(_each, icon=_icon)(_say_of_pairs)
