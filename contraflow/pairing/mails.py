"""What people get by mail when a pairing becomes real, and when it is taken back."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext_lazy as _

from contraflow.core.figures import figure
from contraflow.core.letters import Care, MailKind, Placeholder, register
from contraflow.core.mail import Letter, queue_mail
from contraflow.core.models import Notice
from contraflow.core.notices import News, add_notices, register_notice
from contraflow.pairs.models import Pair
from contraflow.programmes.models import Cohort, Programme, Steward

_TEACHES = _("You are the mentor: %(name)s wants to learn from you.")
_LEARNS = _("%(name)s is your mentor and will show you what you want to learn.")
_PARTNER = Placeholder(name="partner", meaning=_("the other of the two"), example="Priya Raman")
_MEANT = _("You get this mail because you are one of this pair. It cannot be turned off.")
register(
    MailKind(
        id="introduction",
        name=_("Introduction of a pair"),
        sent=_("When pairs are published."),
        to=_("both of each pair"),
        subject=_("You and {partner} are a pair"),
        text=_(
            "# You and {partner} are a pair\n\n"
            "**{partner}**, {job_title}\n\n"
            "{how_you_meet}\n\n"
            "**Your common ground:** {common_ground}\n\n"
            "Either of you can set the first date. Half an hour to get to know each other is a "
            "good start.\n\n"
            "[Open your pair's page]({link})\n\n"
            "Nothing here is rated: neither of you is graded, and what you say to each other stays "
            "with you two."
        ),
        placeholders=(
            _PARTNER,
            Placeholder(name="link", meaning=_("the page of the pair"), needed=True,
                        example="https://mentoring.example.org/pairs/k3v/"),
            Placeholder(name="job_title", meaning=_("what the other does"),
                        example=_("Data analyst")),
            Placeholder(name="how_you_meet", meaning=_("who teaches whom, in one sentence"),
                        example=_LEARNS % {"name": "Priya"}),
            Placeholder(name="common_ground", meaning=_("what the two have in common, if anything"),
                        example=(_("Generative AI"), _("Cycling"), _("German"))),
        ),
        care=Care.ESSENTIAL,
        why=_MEANT,
    ),
    MailKind(
        id="introduction_withdrawn",
        name=_("Introduction taken back"),
        sent=_("When a publication of pairs is taken back, or one of its pairs is."),
        to=_("both of each pair that was introduced"),
        subject=_("Please wait: {what_happens}"),
        text=_(
            "# Please wait\n\n"
            "A short while ago you were told that you and {partner} are a pair. That was "
            "withdrawn.\nThe pairs of {cohort} are being made again.\n\n"
            "It has nothing to do with either of you. You will hear from us soon; until then there "
            "is nothing to do."
        ),
        placeholders=(
            _PARTNER,
            Placeholder(name="what_happens", meaning=_("what becomes of the pair, in few words"),
                        example=_("the pairs are being made again")),
            Placeholder(name="cohort", meaning=_("the cohort, if all its pairs are made again"),
                        example="2026"),
        ),
        care=Care.ESSENTIAL,
        why=_MEANT,
    ),
)  # fmt: skip


def introductions(pair: Pair, *, common: dict) -> Iterator[Letter]:
    """Introduce the two of a new pair to each other, with what they have in common."""
    for person in (pair.mentor, pair.mentee):
        partner = pair.partner_of(person)
        teaches = person.pk == pair.mentor_id
        meet = _TEACHES if teaches else _LEARNS
        yield Letter(
            kind="introduction",
            to=person,
            once=f"introduction/{pair.code}/{person.code}",
            values={
                "partner": partner.name,
                "job_title": partner.job_title,
                "how_you_meet": meet % {"name": partner.get_short_name()},
                "link": settings.SITE_URL + pair.get_absolute_url(),
                "common_ground": common_ground_card(common),
            },
        )


def withdrawals(pair: Pair, *, is_first: bool) -> Iterator[Letter]:
    """Tell the two of a pair that its publication was taken back, with all of them or alone."""
    for person in (pair.mentor, pair.mentee):
        partner = pair.partner_of(person)
        alone = _("you and %(name)s are no pair after all") % {"name": partner.name}
        yield Letter(
            kind="introduction_withdrawn",
            to=person,
            once=f"introduction-withdrawn/{pair.code}/{person.code}",
            values={
                "partner": partner.name,
                "what_happens": _("the pairs are being made again") if is_first else alone,
                # of one pair of many there is no more to say
                "cohort": pair.cohort.name if is_first else "",
            },
        )


def common_ground_card(common: dict) -> list[str]:
    """Return three things two people share: topics first, then interests, then languages."""
    languages = [_language(code) for code in common.get("languages", ())]
    return [*common.get("topics", ()), *common.get("interests", ()), *languages][:3]


def _language(code: str) -> str:
    """Name a language that people write as a code; leave alone what is no code."""
    try:
        return str(get_language_info(code.lower())["name_translated"])
    except KeyError:
        return code


def news_of_introductions(pairs: Iterable[Pair]) -> Iterator[News]:
    """Return what stands below the bell of both of each new pair."""
    for pair in pairs:
        for person in (pair.mentor, pair.mentee):
            yield News(
                kind="introduction", for_id=person.pk, path=pair.get_absolute_url(),
                once=f"introduction/{pair.code}/{person.code}", facts={"pair": pair.pk},
            )  # fmt: skip


def news_of_withdrawals(pairs: Iterable[Pair]) -> Iterator[News]:
    """Return what stands below the bell of both of each pair that was taken back."""
    for pair in pairs:
        for person in (pair.mentor, pair.mentee):
            # no word of the pair: it may be gone
            yield News(
                kind="introduction_withdrawn", for_id=person.pk, path="/",
                once=f"introduction-withdrawn/{pair.code}/{person.code}",
            )  # fmt: skip


@register_notice("introduction", icon="handshake")
def _say_introduced(notices: list[Notice], reader: Any) -> dict[int, str]:
    asked = {notice.facts["pair"] for notice in notices}
    pairs = Pair.objects.visible_to(reader).in_bulk(asked)
    return {
        notice.pk: _("You and %(name)s are a pair. Either of you can set the first date.")
        % {"name": pair.partner_of(reader).name}
        for notice in notices
        if (pair := pairs.get(notice.facts["pair"]))
    }


@register_notice("introduction_withdrawn", icon="info")
def _say_withdrawn(notices: list[Notice], _reader: Any) -> dict[int, str]:
    words = _("Your pair was taken back. You hear from us soon; there is nothing to do.")
    return dict.fromkeys((notice.pk for notice in notices), str(words))


# -- the conflict guard ---------------------------------------------------------------------------

# so many pairs are named in a mail, the rest is counted
_NAMED = 10
register(
    MailKind(
        id="pairing.conflicts",
        name=_("Pairs came into conflict"),
        sent=_("When people move so that pairs break a hard rule, which pauses them."),
        to=_("the leads of the programme, but of a pair of their own"),
        subject=_("{count} of {cohort} paused: the people came too close"),
        text=_(
            "# People moved, and pairs paused\n\n"
            "**{cohort}**: {count} paused. The people of each now break a hard rule of pairing:"
            "\n\n{pairs}\n\n{more}\n\n"
            "The two of each hear at the next fixed hour that they rest, and not why. You can end "
            "the pair, find other partners, or have the data put right: then it goes on.\n\n"
            "[See the pairs]({link})"
        ),
        placeholders=(
            Placeholder(name="count", meaning=_("how many"), example=_("2 pairs")),
            Placeholder(name="cohort", meaning=_("the cohort"), example=_("Spring 2026")),
            Placeholder(
                name="pairs", meaning=_("up to ten of them, each with the reason"),
                example=(_("Ines Costa and Karen Olsen: They are in one team now."),),
            ),
            Placeholder(name="more", meaning=_("how many more there are, if any"),
                        example=_("And 3 more.")),
            Placeholder(name="link", meaning=_("the list of paused pairs"), needed=True,
                        example="https://mentoring.example.org/pairs/cohort/k3v/?only=on-hold"),
        ),
        care=Care.ESSENTIAL,
        why=_("You get this mail because you lead this programme."),
    )
)  # fmt: skip


def send_conflicts(pairs: list[Pair], reasons: dict[int, list[str]], *, at: dt.datetime) -> None:
    """Tell the leads of a cohort which of its pairs paused and why; each of others' pairs alone."""
    if not pairs:
        return
    cohort = pairs[0].cohort
    stewards = Steward.objects.filter(programme=cohort.programme_id, kind=Steward.Kind.LEAD)
    for lead in [each.person for each in stewards.select_related("person")]:
        theirs = [pair for pair in pairs if pair.side_of(lead) is None]
        if not theirs or not lead.is_active:
            continue
        once = f"pairing.conflicts/{cohort.code}/{lead.code}/{at:%Y%m%d%H%M%S%f}"
        path = f"{reverse('pairs:list', args=[cohort.code])}?only=on-hold"
        lines = [f"{pair}: {' '.join(reasons[pair.pk])}" for pair in theirs[:_NAMED]]
        more = len(theirs) - len(lines)
        facts = {"cohort": cohort.pk, "pairs": len(theirs)}
        add_notices(
            [News(kind="pairing.conflicts", for_id=lead.pk, once=once, path=path, facts=facts)]
        )
        queue_mail(
            "pairing.conflicts", to=lead, once=once,
            values={
                "count": _counted(len(theirs)), "cohort": str(cohort), "pairs": tuple(lines),
                "more": _("And %(count)s more.") % {"count": figure(more)} if more else "",
                "link": settings.SITE_URL + path,
            },
        )  # fmt: skip


def _counted(count: int) -> str:
    return ngettext("%(count)s pair", "%(count)s pairs", count) % {"count": figure(count)}


@register_notice("pairing.conflicts", icon="triangle-alert")
def _say_conflicts(notices: list[Notice], reader: Any) -> dict[int, str]:
    asked = {notice.facts["cohort"] for notice in notices}
    led = Cohort.objects.filter(programme__in=Programme.objects.led_by(reader)).in_bulk(asked)
    return {
        notice.pk: ngettext(
            "%(count)s pair of %(cohort)s paused: its people came too close.",
            "%(count)s pairs of %(cohort)s paused: their people came too close.",
            notice.facts["pairs"],
        )
        % {"count": figure(notice.facts["pairs"]), "cohort": led[notice.facts["cohort"]]}
        for notice in notices
        if notice.facts["cohort"] in led
    }
