"""What a sponsor says: in public, to a cohort, and to leaders whose dates fall through."""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.codes import make_code
from contraflow.core.sealing import SealedField
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Enrolment, Programme, Steward


def _is_sponsor(author: str):
    """Select what was written by somebody who is still a sponsor of the programme."""
    sponsors = Steward.objects.filter(kind=Steward.Kind.SPONSOR, person__left_on=None)
    return Exists(sponsors.filter(programme=OuterRef("programme"), person=OuterRef(author)))


class PublicLearnerQuerySet(models.QuerySet["PublicLearner"]):
    def visible_to(self, person):
        """Return what today's sponsors learn to everybody who may see their programme."""
        seen = Programme.objects.visible_to(person).order_by().values("pk")
        return self.filter(_is_sponsor("person"), programme__in=seen)


class PublicLearner(models.Model):
    """What a sponsor wants to learn, and later what they learned: said in public, until taken back.

    As with shared stories, the words are there to be read, so they are not sealed.
    """

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="public_learners")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    wants = models.TextField()
    learned = models.TextField(blank=True)
    said_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = PublicLearnerQuerySet.as_manager()

    class Meta:
        ordering = ["said_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "person"], name="a_sponsor_learns_in_public_once"
            )
        ]

    class Privacy:
        erase = {"wants", "learned"}
        keep = {"id", "programme", "person", "said_at", "changed_at"}

    def __str__(self):
        return f"{self.person_id} learns in programme {self.programme_id}"


class SpeechQuerySet(models.QuerySet["Speech"]):
    def visible_to(self, person):
        """Return words that have left to the cohort and its stewards, and one's own at once."""
        joined = Enrolment.objects.filter(
            person=person.pk, state__in=[Enrolment.State.ENROLLED, Enrolment.State.BENCH]
        )
        kept = Programme.objects.filter(stewards__person=person.pk)
        hears = Q(cohort__in=joined.order_by().values("cohort")) | Q(
            cohort__programme__in=kept.order_by().values("pk")
        )
        has_left = Q(leaves_at__lte=timezone.now(), undone_at=None)
        return self.filter(Q(by=person.pk) | (hears & has_left))

    def said(self):
        """Return words that were not taken back."""
        return self.filter(undone_at=None)


class Speech(models.Model):
    """A sponsor's opening or closing words to a cohort: mailed once, and there to be read again."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("opening words")
        CLOSING = "closing", _("closing words")

    # made with the form, so that pressing twice sends once
    code = models.SlugField(unique=True, default=make_code, editable=False)
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="speeches")
    kind = models.CharField(max_length=8, choices=Kind)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    subject = models.CharField(max_length=150)
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    # they are mailed and shown from then on, and can be taken back before
    leaves_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    objects = SpeechQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "kind"], condition=Q(undone_at=None),
                name="a_cohort_is_opened_and_closed_once",
            )
        ]  # fmt: skip

    class Privacy:
        erase = {"by", "subject", "text"}
        keep = {"id", "code", "cohort", "kind", "at", "leaves_at", "undone_at"}

    def __str__(self):
        return f"{self.kind} of cohort {self.cohort_id}"


class PersonalWordQuerySet(models.QuerySet["PersonalWord"]):
    def visible_to(self, person):
        """Return one's own words; whoever got them has the mail."""
        return self.filter(by=person.pk)

    def standing(self):
        """Return words that stand ready, of people who are sponsors today."""
        return self.filter(_is_sponsor("by"), ended_at=None)


class PersonalWord(models.Model):
    """A sponsor's word that stands ready for leaders whose dates fall through.

    It reaches them without the sponsor: so nobody has to be named or counted to send it.
    """

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="personal_words")
    by = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = PersonalWordQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "by"], condition=Q(ended_at=None),
                name="one_personal_word_of_a_sponsor_stands_ready",
            )
        ]  # fmt: skip

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "programme", "by", "at", "ended_at"}

    def __str__(self):
        return f"personal word {self.pk} of {self.by_id}"


class PersonalWordTextQuerySet(models.QuerySet["PersonalWordText"]):
    def visible_to(self, person):
        """Return the words to their author alone."""
        return self.filter(word__by=person.pk)


class PersonalWordText(models.Model):
    """The words of a personal word, sealed for their author."""

    word = models.OneToOneField(
        PersonalWord, models.CASCADE, primary_key=True, related_name="words"
    )  # fmt: skip
    text = SealedField()

    objects = PersonalWordTextQuerySet.as_manager()

    class Privacy:
        erase = {"text"}
        keep = {"word"}

    def __str__(self):
        return f"words of personal word {self.word_id}"

    def sealed_for(self):
        """Seal for the author."""
        return f"person:{self.word.by_id}"


class PersonalWordGivenQuerySet(models.QuerySet["PersonalWordGiven"]):
    def visible_to(self, person):
        """Return what one got oneself: neither sponsors nor leads learn who did."""
        return self.filter(to=person.pk)


class PersonalWordGiven(models.Model):
    """A personal word that reached a leader."""

    word = models.ForeignKey(PersonalWord, models.CASCADE, related_name="given")
    to = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = PersonalWordGivenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["word", "to"], name="the_same_words_reach_nobody_twice"
            )
        ]  # fmt: skip

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "word", "to", "at"}

    def __str__(self):
        return f"personal word {self.word_id} to somebody"


class SponsorReminderQuerySet(models.QuerySet["SponsorReminder"]):
    def visible_to(self, person):
        """Return reminders to the leads of the programme."""
        return self.filter(programme__in=Programme.objects.led_by(person).order_by().values("pk"))


class SponsorReminder(models.Model):
    """A lead asked the sponsors of a programme for their part; what was written is in the mail."""

    # made with the form, so that pressing twice sends once
    code = models.SlugField(unique=True, default=make_code, editable=False)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="sponsor_reminders")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = SponsorReminderQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]

    class Privacy:
        erase = {"by"}
        keep = {"id", "code", "programme", "at"}

    def __str__(self):
        return f"reminder {self.code} to sponsors"
