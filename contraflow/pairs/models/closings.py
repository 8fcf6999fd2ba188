"""A pair that ends well: suggested, wanted by both, done; and the page that each of them writes.

Everything here is for the two alone. Nobody else can tell a pair that closes from any other.
"""

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone

from contraflow.core.sealing import SealedField
from contraflow.pairs.models.pairs import Pair, Session, _mine
from contraflow.programmes.models import Side

# the closing session takes place, or did
_SITS = (Session.State.BOOKED, Session.State.HELD)


class ClosingQuerySet(models.QuerySet["Closing"]):
    def visible_to(self, person):
        """Return how far a pair is in closing to the two alone; no role overrides this."""
        seen = self.filter(_mine(person, "pair__"))
        return seen.select_related("session").prefetch_related("pages")


class Closing(models.Model):
    """How far the two are in closing their pair together.

    Who suggested it is kept while the other has not answered, and not a moment longer.
    """

    pair = models.OneToOneField(Pair, models.CASCADE, primary_key=True, related_name="closing")
    suggested_by = models.CharField(max_length=6, choices=Side, blank=True)
    # the other said "not yet" to that
    declined_at = models.DateTimeField(null=True)
    agreed_at = models.DateTimeField(null=True)
    # the session they close in, None where none is left to hold
    session = models.ForeignKey(Session, models.SET_NULL, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    objects = ClosingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(agreed_at__isnull=False),
                name="only_both_together_close_a_pair",
            ),
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {"pair", "suggested_by", "declined_at", "agreed_at", "session", "done_at"}

    def __str__(self):
        return f"closing of pair {self.pair_id}"

    def waits_for(self, side) -> bool:
        """Tell whether the other side suggested to close, and this one has not answered."""
        return bool(self.suggested_by) and not self.declined_at and self.suggested_by != side

    def was_suggested_by(self, side) -> bool:
        """Tell whether this side suggested to close, and waits for an answer."""
        return self.suggested_by == side and not self.declined_at

    def page_of(self, side) -> "ClosingPage | None":
        """Return the page of a side, None before both wanted to close."""
        return next((page for page in self.pages.all() if page.side == side), None)

    def is_open_at(self, at: dt.datetime) -> bool:
        """Tell whether each reads what the other has finished: both have, or they sit together."""
        pages = self.pages.all()
        sits = self.session and self.session.state in _SITS
        has_begun = bool(sits) and self.session.starts_at <= at
        return has_begun or (len(pages) == 2 and all(page.ready_at for page in pages))


class ClosingPageQuerySet(models.QuerySet["ClosingPage"]):
    def visible_to(self, person):
        """Return whose page is finished to the two alone."""
        return self.filter(_mine(person, "closing__pair__"))


class ClosingPage(models.Model):
    """That one of the two has finished their page, and said that the closing is done: facts."""

    closing = models.ForeignKey(Closing, models.CASCADE, related_name="pages")
    side = models.CharField(max_length=6, choices=Side)
    ready_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = ClosingPageQuerySet.as_manager()

    class Meta:
        ordering = ["side"]
        constraints = [
            models.UniqueConstraint(fields=["closing", "side"], name="each_closes_on_one_page")
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "closing", "side", "ready_at", "done_at"}

    def __str__(self):
        return f"closing page of the {self.side} in pair {self.closing_id}"


def _own(person):
    return Q(page__side=Side.MENTOR, page__closing__pair__mentor=person.pk) | Q(
        page__side=Side.MENTEE, page__closing__pair__mentee=person.pk
    )


class ClosingWordsQuerySet(models.QuerySet["ClosingWords"]):
    def visible_to(self, person):
        """Return one's own page; the partner's once it is finished, and one's own is too.

        At the time of the closing session a finished page is read, whether or not the other is.
        """
        unfinished = ClosingPage.objects.filter(ready_at=None).values("closing")
        has_begun = Q(
            page__closing__session__state__in=_SITS,
            page__closing__session__starts_at__lte=timezone.now(),
        )
        both_read = ~Q(page__closing__in=unfinished) | has_begun
        theirs = _mine(person, "page__closing__pair__") & Q(page__ready_at__isnull=False)
        return self.filter(_own(person) | (theirs & both_read))


class ClosingWords(models.Model):
    """What one of the two writes to the other at the end, by question: sealed for the pair."""

    page = models.OneToOneField(ClosingPage, models.CASCADE, primary_key=True, related_name="words")
    texts = SealedField(null=True)

    objects = ClosingWordsQuerySet.as_manager()

    class Privacy:
        erase = {"texts"}
        keep = {"page"}

    def __str__(self):
        return f"words of closing page {self.page_id}"

    def sealed_for(self):
        """Seal for the two people of the pair."""
        return f"pair:{self.page.closing_id}"
