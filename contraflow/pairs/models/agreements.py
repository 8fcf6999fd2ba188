"""What the two of a pair agree on: who signed when and which goals there are; words stand apart."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.codes import make_code
from contraflow.core.sealing import SealedField
from contraflow.pairs.models.pairs import Pair, _mine, _mine_or_led
from contraflow.programmes.models import Side


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, person):
        """Return who signed when, and on which side there is a goal, to the two and their leads."""
        return self.filter(_mine_or_led(person, "pair__"))


class Agreement(models.Model):
    """The working terms of a pair as they stand: process facts alone.

    `version` grows with every change of a word in it; a signature is one of this version.
    """

    pair = models.OneToOneField(Pair, models.CASCADE, primary_key=True, related_name="agreement")
    version = models.PositiveIntegerField(default=1)
    signed_by_mentor_at = models.DateTimeField(null=True)
    signed_by_mentee_at = models.DateTimeField(null=True)
    # when each side first had a whole goal; a goal is changed and never taken away
    goal_of_mentor_at = models.DateTimeField(null=True)
    goal_of_mentee_at = models.DateTimeField(null=True)

    objects = AgreementQuerySet.as_manager()

    class Privacy:
        erase: set[str] = set()
        keep = {
            "pair", "version", "signed_by_mentor_at", "signed_by_mentee_at", "goal_of_mentor_at",
            "goal_of_mentee_at",
        }  # fmt: skip

    def __str__(self):
        return f"agreement of pair {self.pair_id}"

    def signed_at(self, side):
        """Return when a side signed what stands there now, None where it did not."""
        return self.signed_by_mentor_at if side == Side.MENTOR else self.signed_by_mentee_at

    def goal_at(self, side):
        """Return when a side first had a goal, None where it has none."""
        return self.goal_of_mentor_at if side == Side.MENTOR else self.goal_of_mentee_at

    @property
    def signed_by(self) -> list[str]:
        """Return the sides that signed what stands there now."""
        return [side for side in Side.values if self.signed_at(side)]

    @property
    def is_signed(self) -> bool:
        """Tell whether both signed what stands there now."""
        return len(self.signed_by) == len(Side.values)


class AgreementWordsQuerySet(models.QuerySet["AgreementWords"]):
    def visible_to(self, person):
        """Return words to the two people of the pair alone; no role overrides this."""
        return self.filter(_mine(person, "agreement__pair__"))


class AgreementWords(models.Model):
    """What the two agreed on, by the keys of the sections in content/agreement.yaml: sealed."""

    agreement = models.OneToOneField(
        Agreement, models.CASCADE, primary_key=True, related_name="words"
    )
    texts = SealedField()

    objects = AgreementWordsQuerySet.as_manager()

    class Privacy:
        erase = {"texts"}
        keep = {"agreement"}

    def __str__(self):
        return f"words of the agreement of pair {self.agreement_id}"

    def sealed_for(self):
        """Seal for the two people of the pair."""
        return f"pair:{self.agreement_id}"


class GoalQuerySet(models.QuerySet["Goal"]):
    def visible_to(self, person):
        """Return goals to the two people of the pair alone."""
        mine = self.filter(_mine(person, "pair__"))
        return mine.select_related("pair__mentor", "pair__mentee", "pair__cohort")


class Goal(models.Model):
    """That one of the two has something to reach by a week, and when they looked back at it."""

    code = models.SlugField(unique=True, default=make_code, editable=False)
    pair = models.ForeignKey(Pair, models.CASCADE, related_name="goals")
    side = models.CharField(max_length=6, choices=Side)
    week = models.PositiveSmallIntegerField(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    reviewed_at = models.DateTimeField(null=True)

    objects = GoalQuerySet.as_manager()

    class Meta:
        ordering = ["pair", "side"]
        constraints = [
            models.UniqueConstraint(fields=["pair", "side"], name="one_goal_a_pair_and_side")
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "code", "pair", "side", "week", "made_at", "reviewed_at"}

    def __str__(self):
        return f"goal of the {self.side} in pair {self.pair_id}"

    def get_absolute_url(self):
        return f"{self.pair.get_absolute_url()}#goals"


class GoalWordsQuerySet(models.QuerySet["GoalWords"]):
    def visible_to(self, person):
        """Return words to the two people of the pair alone; no role overrides this."""
        return self.filter(_mine(person, "goal__pair__"))


class GoalWords(models.Model):
    """By a week I will do that, seen by these, because of this; and where it stands: sealed."""

    class Outcome(models.TextChoices):
        GOING = "going", _("Still going")
        REACHED = "reached", _("Reached")
        CHANGED = "changed", _("Changed")
        DROPPED = "dropped", _("Dropped")

    goal = models.OneToOneField(Goal, models.CASCADE, primary_key=True, related_name="words")
    will = SealedField(null=True)
    seen_by = SealedField(null=True)
    because = SealedField(null=True)
    outcome = SealedField(null=True)

    objects = GoalWordsQuerySet.as_manager()

    class Privacy:
        erase = {"will", "seen_by", "because", "outcome"}
        keep = {"goal"}

    def __str__(self):
        return f"words of goal {self.goal_id}"

    def sealed_for(self):
        """Seal for the two people of the pair."""
        return f"pair:{self.goal.pair_id}"

    def outcome_in_words(self) -> str:
        """Return where it stands, empty while nobody said so."""
        return self.Outcome(self.outcome).label if self.outcome else ""


class AgreementChangeQuerySet(models.QuerySet["AgreementChange"]):
    def visible_to(self, person):
        """Return to the two what happened to their agreement and when; leads see the outcome."""
        return self.filter(_mine(person, "agreement__pair__"))


class AgreementChange(models.Model):
    """Somebody wrote or signed: which side, when, which part; never a word of it."""

    class Kind(models.TextChoices):
        WRITTEN = "written", _("written")
        # written too, and what both had signed is open again
        REOPENED = "reopened", _("opened again")
        SIGNED = "signed", _("signed")
        # signed too, by the second of the two
        AGREED = "agreed", _("signed by both")

    # a goal is a part like a section, and each side has its own
    GOAL = "goal"

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    side = models.CharField(max_length=6, choices=Side)
    section = models.CharField(max_length=20, blank=True)
    version = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)

    objects = AgreementChangeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "agreement", "kind", "side", "section", "version", "at"}

    def __str__(self):
        return f"{self.kind} by the {self.side}"
