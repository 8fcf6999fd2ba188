"""What people get by mail when a pairing becomes real, and when it is taken back."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from contraflow.core.mail import Letter
from contraflow.pairs.models import Pair


def introductions(pair: Pair, *, common: dict) -> Iterator[Letter]:
    """Introduce the two of a new pair to each other, with what they have in common."""
    for person in (pair.mentor, pair.mentee):
        partner = pair.partner_of(person)
        yield Letter(
            kind="introduction",
            to=person,
            once=f"introduction/{pair.code}/{person.code}",
            subject=_("You and %(name)s are a pair") % {"name": partner.name},
            template="pairing/mail/introduction",
            context={
                "partner": partner.name,
                "partner_short": partner.get_short_name(),
                "job_title": partner.job_title,
                "teaches": person.pk == pair.mentor_id,
                "shared": common_ground_card(common),
                "action_url": settings.SITE_URL + pair.get_absolute_url(),
                "action_label": _("Open your pair's page"),
            },
        )


def withdrawals(pair: Pair, *, is_first: bool) -> Iterator[Letter]:
    """Tell the two of a pair that its publication was taken back, with all of them or alone."""
    for person in (pair.mentor, pair.mentee):
        yield Letter(
            kind="introduction_withdrawn",
            to=person,
            once=f"introduction-withdrawn/{pair.code}/{person.code}",
            subject=_("Please wait: the pairs are being made again")
            if is_first
            else _("Please wait: you and %(name)s are no pair after all")
            % {"name": pair.partner_of(person).name},
            template="pairing/mail/withdrawn",
            # of one pair of many there is no more to say
            context={
                "partner": pair.partner_of(person).name,
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
