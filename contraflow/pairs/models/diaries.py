"""Who keeps whose diary, and what an assistant sees of a session: times, place, names, state."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from contraflow.core.codes import make_code
from contraflow.core.sealing import SealedField
from contraflow.pairs.models.endings import Ending
from contraflow.pairs.models.pairs import Pair, Session
from contraflow.people.models import Person
from contraflow.programmes.models import Side


class AssistantQuerySet(models.QuerySet["Assistant"]):
    def visible_to(self, person):
        """Return whom a person named, and who named them."""
        return self.filter(Q(person=person.pk) | Q(assistant=person.pk))

    def kept_by(self, assistant):
        """Return the people, still here, whose diary this assistant keeps."""
        return self.filter(assistant=assistant.pk, person__left_on=None)


class Assistant(models.Model):
    """Somebody may book, move and cancel for a person, and sees nothing else of theirs."""

    code = models.SlugField(unique=True, default=make_code, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="assistants")
    assistant = models.ForeignKey(Person, models.CASCADE, related_name="diaries_kept")
    made_at = models.DateTimeField(default=timezone.now)

    objects = AssistantQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "assistant"], name="assistant_is_named_once"),
            models.CheckConstraint(
                condition=~Q(person=F("assistant")), name="nobody_is_their_own_assistant"
            ),
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "code", "person", "assistant", "made_at"}

    def __str__(self):
        return f"{self.assistant_id} keeps the diary of {self.person_id}"


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, person):
        """Return the sessions of the people whose diary this person keeps, while they meet."""
        kept = Assistant.objects.kept_by(person).order_by().values("person")
        # of whoever has left a pair no diary is kept in it, also before their partner hears of it
        of_them = [
            Q(**{f"pair__{side}__in": kept})
            & ~Exists(Ending.objects.filter(pair=OuterRef("pair"), who=side))
            for side in Side.values
        ]
        unheard = Q(pair__state=Pair.State.PAUSED, pair__hold__told_at=None)
        found = self.filter(of_them[0] | of_them[1], Q(pair__state=Pair.State.ACTIVE) | unheard)
        return found.select_related("pair__mentor", "pair__mentee", "pair__cohort")


class Appointment(Session):
    """A session as an assistant knows it, with pages of its own."""

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        proxy = True

    def get_absolute_url(self):
        return reverse("pairs:appointment", args=[self.code])


class BusyCalendarQuerySet(models.QuerySet["BusyCalendar"]):
    def visible_to(self, person):
        """Return one's own calendar alone."""
        return self.filter(person=person.pk)


class BusyCalendar(models.Model):
    """A person lets their own calendar be read for busy times; when it was, and what went wrong."""

    # another one at each connecting, so that a job knows whether it still reads the same
    code = models.SlugField(primary_key=True, default=make_code, editable=False)
    person = models.OneToOneField(Person, models.CASCADE, related_name="busy_calendar")
    made_at = models.DateTimeField(default=timezone.now)
    tried_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=20, blank=True)

    objects = BusyCalendarQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["tried_at"])]

    class Privacy:
        erase = {"problem", "tried_at", "read_at"}
        keep = {"code", "person", "made_at"}

    def __str__(self):
        return f"calendar of {self.person_id}"


class BusyTimesQuerySet(models.QuerySet["BusyTimes"]):
    def visible_to(self, person):
        """Return one's own; for proposals to two, times.py reads both and hands out moments."""
        return self.filter(calendar__person=person.pk)


class BusyTimes(models.Model):
    """Where a calendar is read, and when its owner is busy: minutes since 1970, no titles."""

    calendar = models.OneToOneField(
        BusyCalendar, models.CASCADE, primary_key=True, related_name="times"
    )
    address = SealedField()
    times = SealedField(null=True)

    objects = BusyTimesQuerySet.as_manager()

    class Privacy:
        erase = {"address", "times"}
        keep = {"calendar"}

    def __str__(self):
        return f"busy times of {self.calendar_id}"

    def sealed_for(self):
        """Seal for the owner."""
        return f"person:{self.calendar.person_id}"
