"""Save the profile for matching bit by bit, the sealed part apart."""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.people.models import Person
from contraflow.programmes.catalogue import own_topic
from contraflow.programmes.events import ProfileFinished, TopicAdded
from contraflow.programmes.models import (
    Enrolment,
    PrivateProfile,
    Profile,
    ProfileTopic,
    Topic,
)
from contraflow.programmes.personality import ITEMS
from contraflow.programmes.rules import (
    MAX_INTERESTS,
    MAX_WISHES,
    why_not_edit_profile,
    why_not_finish_profile,
)

HOURS_OF_A_WEEK = 7 * 24


def _editable(enrolment: Enrolment) -> None:
    if reason := why_not_edit_profile(enrolment):
        raise Refusal(reason)


@transaction.atomic
def save_profile(
    enrolment: Enrolment,
    *,
    by: Person,
    topics: Iterable[tuple[int, int, str]] | None = None,
    interests: Iterable[str] | None = None,
    hours: Iterable[int] | None = None,
    capacity: int | None = None,
    at: dt.datetime | None = None,
) -> Profile:
    """Save the parts given and leave the others as they are.

    `topics` are (topic id, level 0 to 4, consent "open", "ask" or "closed") and replace all
    that stood there; `hours` are hours of the week in the person's time zone, 0 = Monday 00:00.
    """
    _editable(enrolment)
    profile, _made = Profile.objects.get_or_create(enrolment=enrolment)
    if topics is not None:
        _replace_topics(profile, {topic: (level, consent) for topic, level, consent in topics})
    if interests is not None:
        tidy = (" ".join(each.split())[:40] for each in interests)
        profile.interests = list(dict.fromkeys(filter(None, tidy)))[:MAX_INTERESTS]
    if hours is not None:
        profile.hours = sorted({hour for hour in hours if 0 <= hour < HOURS_OF_A_WEEK})
    if capacity is not None:
        profile.capacity = capacity
    profile.saved_at = at or timezone.now()
    profile.save()
    return profile


def _replace_topics(profile: Profile, wanted: dict[int, tuple[int, str]]) -> None:
    profile.topics.exclude(topic__in=wanted).delete()
    ProfileTopic.objects.bulk_create(
        [
            ProfileTopic(profile=profile, topic_id=topic, level=level, consent=consent)
            for topic, (level, consent) in wanted.items()
        ],
        update_conflicts=True,
        unique_fields=["profile", "topic"],
        update_fields=["level", "consent"],
    )


@transaction.atomic
def save_private_profile(
    enrolment: Enrolment,
    *,
    by: Person,
    personality: Mapping[str, int] | None = None,
    wishes: Iterable[str] | None = None,
    vetoes: Iterable[str] | None = None,
) -> PrivateProfile:
    """Save the sealed part: what is None stays as it is, what is empty is emptied.

    `personality` is {item number as text: answer 1 to 5}; `wishes` (at most three, the first
    most wished) and `vetoes` are codes of enrolments of the other side.
    """
    _editable(enrolment)
    private, _made = PrivateProfile.objects.get_or_create(enrolment=enrolment)
    private.enrolment = enrolment
    if personality is not None:
        known = {str(item.number) for item in ITEMS}
        private.personality = {key: personality[key] for key in sorted(known & set(personality))}
    if wishes is not None:
        private.wishes = list(dict.fromkeys(wishes))[:MAX_WISHES]
    if vetoes is not None:
        private.vetoes = list(dict.fromkeys(vetoes))
        # whoever is vetoed is no longer wished
        private.wishes = [code for code in private.wishes or [] if code not in private.vetoes]
    # what was left empty is sealed as well: a copy of the database does not tell it from the rest
    for name, empty in (("personality", {}), ("wishes", []), ("vetoes", [])):
        setattr(private, name, getattr(private, name) or empty)
    private.save()
    return private


@transaction.atomic
def save_languages(enrolment: Enrolment, *, by: Person, languages: Iterable[str]) -> None:
    """Set the languages the person can hold a session in."""
    _editable(enrolment)
    enrolment.person.languages = list(dict.fromkeys(languages))
    enrolment.person.save(update_fields=["languages"])


@transaction.atomic
def finish_profile(enrolment: Enrolment, *, by: Person, at: dt.datetime | None = None) -> Profile:
    """Mark a profile as ready for matching; it can still be changed until pairing starts."""
    if reason := why_not_finish_profile(enrolment):
        raise Refusal(reason)
    profile = enrolment.profile
    if profile.finished_at is None:
        profile.finished_at = at or timezone.now()
        profile.save(update_fields=["finished_at"])
        announce(
            ProfileFinished(
                enrolment_id=enrolment.pk,
                cohort_id=enrolment.cohort_id,
                person_id=enrolment.person_id,
            ),
            by=by,
        )
    return profile


@transaction.atomic
def add_own_topic(label: str, *, by: Person, theme: str = "") -> Topic:
    """Add a topic of this organisation to the catalogue; one that exists is returned as it is."""
    label = " ".join(label.split())
    if not label:
        raise Refusal(_("A topic needs a name."))
    topic, made = own_topic(label, theme)
    if made:
        announce(TopicAdded(topic_id=topic.pk), by=by)
    return topic
