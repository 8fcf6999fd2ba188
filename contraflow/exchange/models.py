"""What the two of a pair give each other beside their sessions: facts here, words sealed apart."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.codes import make_code
from contraflow.core.sealing import SealedField
from contraflow.pairs.models import Pair, Session
from contraflow.people.models import Person
from contraflow.programmes.models import Side


def _mine(person, prefix=""):
    return Q(**{f"{prefix}pair__mentor": person.pk}) | Q(**{f"{prefix}pair__mentee": person.pk})


def _own(person, prefix=""):
    return Q(**{f"{prefix}pair__mentor": person.pk, f"{prefix}side": Side.MENTOR}) | Q(
        **{f"{prefix}pair__mentee": person.pk, f"{prefix}side": Side.MENTEE}
    )


class OfOneSide(models.Model):
    """Something that one of the two gave the pair."""

    code = models.SlugField(unique=True, default=make_code, editable=False)
    pair = models.ForeignKey(Pair, models.CASCADE, related_name="%(class)ss")
    side = models.CharField(max_length=6, choices=Side)

    class Meta:
        abstract = True

    @property
    def author(self) -> Person:
        """Return whose it is."""
        return self.pair.mentor if self.side == Side.MENTOR else self.pair.mentee


# -- messages -----------------------------------------------------------------------------------


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, person):
        """Return messages to the two people of the pair alone."""
        return self.filter(_mine(person)).select_related("pair__mentor", "pair__mentee")

    def standing(self):
        """Return messages that were not taken back."""
        return self.filter(taken_back_at=None)


class Message(OfOneSide):
    """That one of the two wrote to the other, and when."""

    sent_at = models.DateTimeField(default=timezone.now)
    # then its words are gone, and the place where it stood says so
    taken_back_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "code", "pair", "side", "sent_at", "taken_back_at"}

    def __str__(self):
        return f"message of the {self.side} in pair {self.pair_id}"

    def get_absolute_url(self):
        return f"{reverse('exchange:messages', args=[self.pair.code])}#{self.code}"


class MessageWordsQuerySet(models.QuerySet["MessageWords"]):
    def visible_to(self, person):
        """Return words to the two people of the pair alone; no role overrides this."""
        return self.filter(_mine(person, "message__"))


class MessageWords(models.Model):
    """What was written: sealed for the pair."""

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="words")
    text = SealedField()

    objects = MessageWordsQuerySet.as_manager()

    class Privacy:
        erase = {"text"}
        keep = {"message"}

    def __str__(self):
        return f"words of message {self.message_id}"

    def sealed_for(self):
        """Seal for the two people of the pair."""
        return f"pair:{self.message.pair_id}"


class ReadMarkQuerySet(models.QuerySet["ReadMark"]):
    def visible_to(self, person):
        """Return how far one has read oneself; nobody learns how far the partner has."""
        return self.filter(_own(person))


class ReadMark(models.Model):
    """How far one of the two has read: up to the message with this key."""

    pair = models.ForeignKey(Pair, models.CASCADE, related_name="read_marks")
    side = models.CharField(max_length=6, choices=Side)
    up_to = models.BigIntegerField(default=0)

    objects = ReadMarkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pair", "side"], name="one_read_mark_a_side")
        ]

    class Privacy:
        erase = {"up_to"}
        keep = {"id", "pair", "side"}

    def __str__(self):
        return f"read mark of the {self.side} in pair {self.pair_id}"


# -- notes --------------------------------------------------------------------------------------


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, person):
        """Return the pair's notes to the two, and to each what they keep to themselves."""
        seen = self.filter(_own(person) | Q(is_private=False) & _mine(person))
        return seen.select_related("pair__mentor", "pair__mentee", "session")


class Note(OfOneSide):
    """That one of the two noted something: for both, or for themself alone."""

    session = models.ForeignKey(Session, models.SET_NULL, null=True, related_name="notes")
    is_private = models.BooleanField(default=False)
    written_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(null=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-pk"]

    class Privacy:
        erase: set[str] = set()
        keep = {
            "id", "code", "pair", "side", "session", "is_private", "written_at", "changed_at",
        }  # fmt: skip

    def __str__(self):
        return f"note of the {self.side} in pair {self.pair_id}"

    def get_absolute_url(self):
        return f"{reverse('exchange:notes', args=[self.pair.code])}#{self.code}"


class NoteWordsQuerySet(models.QuerySet["NoteWords"]):
    def visible_to(self, person):
        """Return words of the notes a person sees; no role overrides this."""
        return self.filter(note__in=Note.objects.visible_to(person).order_by().values("pk"))


class NoteWords(models.Model):
    """What was noted: sealed for the pair, or for its author alone."""

    note = models.OneToOneField(Note, models.CASCADE, primary_key=True, related_name="words")
    text = SealedField()

    objects = NoteWordsQuerySet.as_manager()

    class Privacy:
        erase = {"text"}
        keep = {"note"}

    def __str__(self):
        return f"words of note {self.note_id}"

    def sealed_for(self):
        """Seal for the author where the note is theirs alone, for the pair else."""
        if self.note.is_private:
            return f"person:{self.note.author.pk}"
        return f"pair:{self.note.pair_id}"


# -- promises -----------------------------------------------------------------------------------


class PromiseQuerySet(models.QuerySet["Promise"]):
    def visible_to(self, person):
        """Return promises to the two people of the pair alone."""
        return self.filter(_mine(person)).select_related("pair__mentor", "pair__mentee")


class Promise(OfOneSide):
    """That one of the two promised the other something, and whether it was kept."""

    class Kind(models.TextChoices):
        INTRODUCTION = "introduction", _("An introduction to somebody")
        OPPORTUNITY = "opportunity", _("An opportunity: a meeting, a stage, a day alongside")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        KEPT = "kept", _("kept")
        DROPPED = "dropped", _("dropped")

    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    made_on = models.DateField(default=timezone.localdate)
    ended_on = models.DateField(null=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "code", "pair", "side", "kind", "state", "made_on", "ended_on"}

    def __str__(self):
        return f"promise of the {self.side} in pair {self.pair_id}"

    def get_absolute_url(self):
        return f"{reverse('exchange:ledger', args=[self.pair.code])}#{self.code}"


class PromiseWordsQuerySet(models.QuerySet["PromiseWords"]):
    def visible_to(self, person):
        """Return words to the two people of the pair alone; no role overrides this."""
        return self.filter(_mine(person, "promise__"))


class PromiseWords(models.Model):
    """What was promised: sealed for the pair."""

    promise = models.OneToOneField(Promise, models.CASCADE, primary_key=True, related_name="words")
    text = SealedField()

    objects = PromiseWordsQuerySet.as_manager()

    class Privacy:
        erase = {"text"}
        keep = {"promise"}

    def __str__(self):
        return f"words of promise {self.promise_id}"

    def sealed_for(self):
        """Seal for the two people of the pair."""
        return f"pair:{self.promise.pair_id}"


# -- what stays -----------------------------------------------------------------------------------


class GainedQuerySet(models.QuerySet["Gained"]):
    def visible_to(self, person):
        """Return one's own alone."""
        return self.filter(_own(person))


class Gained(OfOneSide):
    """That one of the two gained something in a pair whose words are deleted."""

    kept_at = models.DateTimeField(default=timezone.now)

    objects = GainedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pair", "side"], name="gains_of_a_side_are_kept_once")
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "code", "pair", "side", "kept_at"}

    def __str__(self):
        return f"gains of the {self.side} in pair {self.pair_id}"


class GainedWordsQuerySet(models.QuerySet["GainedWords"]):
    def visible_to(self, person):
        """Return one's own alone; no role overrides this."""
        return self.filter(_own(person, "gained__"))


class GainedWords(models.Model):
    """What one gained: sealed for oneself, as it was one's own before the pair's words went."""

    gained = models.OneToOneField(Gained, models.CASCADE, primary_key=True, related_name="words")
    gains = SealedField()

    objects = GainedWordsQuerySet.as_manager()

    class Privacy:
        erase = {"gains"}
        keep = {"gained"}

    def __str__(self):
        return f"words of gains {self.gained_id}"

    def sealed_for(self):
        """Seal for whoever gained it alone."""
        pair, is_mentor = self.gained.pair, self.gained.side == Side.MENTOR
        return f"person:{pair.mentor_id if is_mentor else pair.mentee_id}"
