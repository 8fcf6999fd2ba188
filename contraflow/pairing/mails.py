"""What people get by mail when a pairing becomes real, and when it is taken back."""

from django.conf import settings
from django.utils.translation import gettext as _

from contraflow.core.mail import queue_mail
from contraflow.pairs.models import Pair


def send_introductions(pair: Pair, *, common: dict) -> None:
    """Introduce the two of a new pair to each other, with what they have in common."""
    for person in (pair.mentor, pair.mentee):
        partner = pair.partner_of(person)
        queue_mail(
            "introduction",
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


def send_withdrawal(pair: Pair) -> None:
    """Tell the two of a pair that its publication was taken back."""
    for person in (pair.mentor, pair.mentee):
        partner = pair.partner_of(person)
        queue_mail(
            "introduction_withdrawn",
            to=person,
            once=f"introduction-withdrawn/{pair.code}/{person.code}",
            subject=_("Please wait: the pairs are being made again"),
            template="pairing/mail/withdrawn",
            context={"partner": partner.name, "cohort": pair.cohort.name},
        )


def common_ground_card(common: dict) -> list[str]:
    """Return three things two people share: topics first, then interests, then languages."""
    shared = [*common.get("topics", ()), *common.get("interests", ()), *common.get("languages", ())]
    return shared[:3]
