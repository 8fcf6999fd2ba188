"""What is done for many pairs at once, or takes longer than a page may."""

import datetime as dt

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from contraflow.core.jobs import Work, job, start_job
from contraflow.core.upkeep import on_upkeep
from contraflow.pairs.actions import delete_words, remind_of_deletion
from contraflow.pairs.actions.keeping import to_delete, to_remind
from contraflow.pairs.busy import BusyProblem, read_busy
from contraflow.pairs.due_days import move_due_days
from contraflow.pairs.models import BusyCalendar, BusyTimes, Pair

# pairs whose locks are held at once
_AT_A_TIME = 200
# a calendar is read so often, of so many weeks, and so many are begun at each look
READ_EVERY = dt.timedelta(hours=1)
LOOK_AHEAD = dt.timedelta(weeks=12)
_READ_AT_ONCE = 20
# seconds between two looks for pairs whose words go
_LOOK_EVERY = 15 * 60


@job("pairs.move_due_days")
def move_due_days_of_cohort(work: Work, *, cohort_id: int) -> None:
    """Move the due days of a whole cohort, some pairs at a time; doing it twice changes nothing."""
    keys = list(Pair.objects.filter(cohort=cohort_id).living().values_list("pk", flat=True))
    for done in range(0, len(keys), _AT_A_TIME):
        with transaction.atomic():
            pairs = Pair.objects.filter(pk__in=keys[done : done + _AT_A_TIME])
            list(pairs.order_by("pk").select_for_update(no_key=True).values_list("pk"))
            move_due_days(pairs)
        work.progress(done, len(keys))
        work.give_way()
    with work.effects() as result:
        result["pairs"] = len(keys)


@job("pairs.read_calendar")
def read_calendar(work: Work, *, code: str) -> None:
    """Read when somebody is busy from their own calendar; what was read before stays if it fails.

    Nothing is kept where the calendar was taken away or changed while it was read.
    """
    calendar = BusyCalendar.objects.select_related("person", "times").filter(code=code).first()
    if calendar is None:
        return
    times, problem, at = None, "", timezone.now()
    try:
        times = read_busy(
            calendar.times.address,
            zone=calendar.person.time_zone,
            first=int((at - dt.timedelta(days=1)).timestamp() // 60),
            last=int((at + LOOK_AHEAD).timestamp() // 60),
            allows_http=settings.CALENDAR_HTTP,
            networks=settings.CALENDAR_NETWORKS,
        )
    except BusyProblem as found:
        problem = found.code
    with work.effects() as result:
        row = BusyCalendar.objects.select_for_update().filter(code=code).first()
        if row is None:
            return
        row.tried_at, row.problem = at, problem
        row.read_at = row.read_at if problem else at
        row.save(update_fields=["tried_at", "problem", "read_at"])
        if times is not None:
            kept = BusyTimes.objects.select_related("calendar").get(calendar=row)
            kept.times = times
            kept.save(update_fields=["times"])
        result["problem"] = problem


@on_upkeep
def read_calendars_again() -> None:
    """Read each calendar about once an hour, while its owner meets somebody."""
    now = timezone.now()
    owners = Q(mentor=OuterRef("person")) | Q(mentee=OuterRef("person"))
    meets = Exists(Pair.objects.active().filter(owners))
    due = BusyCalendar.objects.filter(meets, tried_at__lt=now - READ_EVERY, person__left_on=None)
    for code, tried_at in list(due.values_list("code", "tried_at")[:_READ_AT_ONCE]):
        with transaction.atomic():
            # of several workers, the one that changes the row begins
            if BusyCalendar.objects.filter(code=code, tried_at=tried_at).update(tried_at=now):
                start_job("pairs.read_calendar", by=None, only_one=code, code=code)


@job("pairs.let_words_go")
def let_words_go(work: Work) -> None:
    """Remind of the words of ended pairs, and delete those whose day has come, some at a time."""
    at, done = timezone.now(), {"reminded": 0, "deleted": 0}
    for name, step in (("reminded", remind_of_deletion), ("deleted", delete_words)):
        while count := step(at=at):
            done[name] += count
            work.progress(sum(done.values()))
            work.give_way()
    with work.effects() as result:
        result.update(done)


@on_upkeep
def look_for_words_that_go() -> None:
    """Begin where a reminder is due, or the day of some words has come."""
    now = timezone.now()
    if cache.add("pairs.words_that_go", 1, _LOOK_EVERY) and (
        to_remind(now).exists() or to_delete(now).exists()
    ):
        start_job("pairs.let_words_go", by=None, only_one="all")
