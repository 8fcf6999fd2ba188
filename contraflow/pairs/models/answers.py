"""What somebody's calendar answered to an invitation."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contraflow.pairs.models.pairs import Session
from contraflow.programmes.models import Side


class SessionAnswerQuerySet(models.QuerySet["SessionAnswer"]):
    def visible_to(self, person):
        """Return answers to the two of the pair."""
        return self.filter(Q(session__pair__mentor=person.pk) | Q(session__pair__mentee=person.pk))


class SessionAnswer(models.Model):
    """The latest answer of one side; it counts for the date it was given to, `sequence`."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        TENTATIVE = "tentative", _("perhaps")

    session = models.ForeignKey(Session, models.CASCADE, related_name="answers")
    side = models.CharField(max_length=6, choices=Side)
    answer = models.CharField(max_length=10, choices=Answer)
    sequence = models.PositiveIntegerField()
    # when the calendar wrote it, so that an older one that comes later changes nothing
    stamped_at = models.DateTimeField()

    objects = SessionAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "side"], name="side_answers_once")
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "session", "side", "answer", "sequence", "stamped_at"}

    def __str__(self):
        return f"{self.answer} by the {self.side}"
