"""The shape of what the two write: a date in their own hours, one thing learned."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.pairs.models import Session
from contraflow.pairs.rules import (
    MAX_LEARNED,
    why_not_time,
    why_not_write,
)


class DateForm(forms.Form):
    """A day and a time in the time zone of the person who fills it in."""

    starts_on = forms.DateField(
        label=_("Day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    starts_time = forms.TimeField(
        label=_("Time"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "step": 300}),
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=10, max_value=480)

    def __init__(self, *args, session, **kwargs):
        self.session = session
        self.is_move = session.state == Session.State.BOOKED
        kwargs.setdefault("initial", self._suggestion())
        super().__init__(*args, **kwargs)
        if self.is_move:
            del self.fields["minutes"]

    def _suggestion(self):
        if self.is_move:
            local = timezone.localtime(self.session.starts_at)
            return {"starts_on": local.date(), "starts_time": local.time()}
        tomorrow = timezone.localdate() + dt.timedelta(days=1)
        day = max(self.session.due_on, tomorrow)
        return {"starts_on": day, "minutes": self.session.minutes}

    def clean(self):
        """Turn day and time into the moment `starts_at`, and ask whether it can be."""
        cleaned = super().clean()
        if not {"starts_on", "starts_time"} <= cleaned.keys():
            return cleaned
        try:
            starts_at = _moment(cleaned.pop("starts_on"), cleaned.pop("starts_time"))
        except OverflowError:  # the calendar's first or last day, which another zone does not have
            self.add_error("starts_on", _("Is the year right?"))
            return cleaned
        if starts_at is None:
            self.add_error("starts_time", _("The clocks go forward then: there is no such time."))
        elif reason := why_not_time(
            self.session, starts_at=starts_at, minutes=cleaned.get("minutes")
        ):
            self.add_error("starts_time", reason)
        else:
            cleaned["starts_at"] = starts_at
        return cleaned


def _moment(day: dt.date, time: dt.time) -> dt.datetime | None:
    """Return the moment of a local time, the first of two; None where the clocks skip it."""
    local = dt.datetime.combine(day, time, tzinfo=timezone.get_current_timezone())
    moment = local.astimezone(dt.UTC)
    there = moment.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)
    return moment if there else None


class LearnedForm(forms.Form):
    """The one thing a person learned in a session."""

    text = forms.CharField(
        label=_("One thing I learned"),
        required=False,
        max_length=MAX_LEARNED,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, session, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.session, self.by = session, by

    def clean_text(self):
        """Refuse with the same reason as the action."""
        text = self.cleaned_data["text"]
        if reason := why_not_write(self.session, by=self.by, text=text):
            raise ValidationError(reason)
        return text
