"""What happens around the sessions of cohort A: closed days, assistants, stories, a lead at work.

By the actions that people call; each may be called again, and does nothing twice.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from contraflow.core.mail import no_mail
from contraflow.desk import actions as desk
from contraflow.desk.models import Message, Step
from contraflow.desk.queries import audience, desk_page
from contraflow.desk.texts import Text, text_for
from contraflow.ops.demo_texts import ASIDE, MESSAGE, STORIES
from contraflow.pairs import actions, stories
from contraflow.pairs.models import Assistant, Pair, Session, Story
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort

DAY = dt.timedelta(days=1)
# the week in which nobody of the cohort meets, counted from its first
CLOSED_WEEK = 5
# a pair that met so often has a story to tell
MET_OFTEN = 3


def close_for_days(cohort: Cohort, *, by: Person) -> None:
    """Close the cohort from Monday to Friday of one week, before its pairs begin."""
    monday = cohort.starts_on + dt.timedelta(weeks=CLOSED_WEEK)
    actions.add_shutdown(
        cohort, by=by, starts_on=monday, ends_on=monday + 4 * DAY, today=cohort.starts_on - 7 * DAY
    )


def name_assistant(leader: Person) -> Person | None:
    """Let somebody of the leader's team, who takes no part themself, keep the leader's diary."""
    with no_mail():
        named = Assistant.objects.filter(person=leader).select_related("assistant").first()
        if named is None:
            idle = Person.objects.active().filter(enrolments=None, roles=None).exclude(pk=leader.pk)
            team = idle.filter(manager=leader).order_by("grade", "pk")
            other = idle.filter(department=leader.department).order_by("grade", "pk")
            assistant = team.first() or other.first() or idle.order_by("grade", "pk").first()
            if assistant is None:
                return None
            named = actions.name_assistant(leader, assistant=assistant)
    return named.assistant


def tell_stories(cohort: Cohort) -> None:
    """Let pairs that met often tell something of their own; some of it the cohort may hear."""
    if Story.objects.filter(pair__cohort=cohort).exists():
        return
    held = Session.objects.filter(pair__cohort=cohort, state=Session.State.HELD)
    often = held.filter(number=MET_OFTEN).order_by("pair_id").values("pair_id")
    pairs = Pair.objects.active().filter(pk__in=often).order_by("pk")
    told = pairs.select_related("mentor", "mentee", "cohort__programme")[: len(STORIES)]
    with transaction.atomic():
        for pair, (side, shared_as, both_agree, text) in zip(told, STORIES, strict=False):
            author = getattr(pair, side)
            prompt = stories.prompts_for(pair)[0]
            story = stories.tell_story(
                pair, by=author, text=text, prompt=prompt, shared_as=shared_as
            )
            if both_agree:
                story.pair = pair
                stories.agree_to_share(story, by=pair.partner_of(author))


def work_at_the_desk(cohort: Cohort, *, lead: Person, now: dt.datetime) -> None:
    """Let the lead do something for the neediest pairs, and write to those who have not met."""
    if Step.objects.filter(pair__cohort=cohort).exists():
        return
    rows = desk_page(cohort.programme, reader=lead, cohort=cohort, at=now).object_list
    needy = [row["pair"] for row in rows[:5]]
    others = cohort.programme.stewards.filter(kind="lead").exclude(person=lead)
    with transaction.atomic(), no_mail():
        for pair, step in zip(needy, (_nudge_and_talk, _set_aside, _nudge), strict=False):
            step(pair, lead, now)
        if len(needy) > 3 and (other := others.select_related("person").first()):
            desk.hand_over(needy[3], by=lead, to=other.person, at=now - 2 * DAY)
        subject, body = MESSAGE
        text = Text(subject=subject, body=body)
        if audience(cohort, Message.To.NOT_MET).exists():
            desk.send_message(
                cohort, Message.To.NOT_MET, by=lead, text=text, code="demonstration",
                at=now - 6 * DAY,
            )  # fmt: skip


def _nudge(pair: Pair, lead: Person, now: dt.datetime) -> None:
    _write(pair, lead, now - DAY)


def _nudge_and_talk(pair: Pair, lead: Person, now: dt.datetime) -> None:
    _write(pair, lead, now - 9 * DAY)
    desk.note_talk(pair, by=lead, at=now - 2 * DAY)


def _write(pair: Pair, lead: Person, at: dt.datetime) -> None:
    desk.write_to_both(pair, "nudge", by=lead, text=text_for(pair, "nudge", by=lead), at=at)


def _set_aside(pair: Pair, lead: Person, now: dt.datetime) -> None:
    until = timezone.localdate(now) + 10 * DAY
    desk.put_aside(pair, by=lead, until=until, note=ASIDE, at=now - DAY)
