"""The shape of what the two write: a date in their own hours, one thing learned."""

import datetime as dt

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contraflow.pairs.agreements import MAX_GOAL_PART, MAX_SECTION, weeks_in_words
from contraflow.pairs.closings import MAX_ANSWER, QUESTIONS
from contraflow.pairs.models import Session, Story
from contraflow.pairs.rests import rests_of_pair, rests_until
from contraflow.pairs.rules import (
    BOOK_AHEAD,
    CALENDAR_PROBLEMS,
    MAX_ACTIVITY,
    MAX_COMMITMENT,
    MAX_LEARNED,
    MAX_QUESTION,
    MAX_STORY,
    MAX_TOPIC,
    why_not_be_away,
    why_not_commit,
    why_not_keep_holidays,
    why_not_name_assistant,
    why_not_pause,
    why_not_time,
    why_not_write,
)
from contraflow.pairs.times import times_for_both
from contraflow.people.holidays import NOWHERE, countries, country_of_zone, regions
from contraflow.people.models import Person


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

    def __init__(self, *args, session, by=None, proposed=None, minutes=None, **kwargs):
        self.session, self.by = session, by
        self.is_move = session.state == Session.State.BOOKED
        # the moment that was asked for, also where it cannot be
        self.wanted = None
        # what stands in the form before anybody writes into it
        self.proposed = None if args else proposed or self._proposal()
        initial = _fields_of(self.proposed) if self.proposed else {"starts_on": self._next_day()}
        super().__init__(*args, initial=initial | {"minutes": minutes or session.minutes}, **kwargs)
        if self.is_move:
            del self.fields["minutes"]

    def _proposal(self):
        """Return where a booked session is, else the first time for both from its planned day."""
        if self.is_move:
            return self.session.starts_at
        begin = timezone.make_aware(dt.datetime.combine(self._next_day(), dt.time()))
        return next(iter(times_for_both(self.session, near=begin, earliest=begin)), None)

    def _next_day(self):
        """Return the planned day or tomorrow, whichever is later; no weekend and no day of rest."""
        day = max(self.session.due_on, timezone.localdate() + dt.timedelta(days=1))
        rests = rests_of_pair(self.session.pair)
        while (last := rests_until(day, rests)) or day.weekday() >= 5:
            day = (last or day) + dt.timedelta(days=1)
        return day

    def clean(self):
        """Turn day and time into the moment `starts_at`, and ask whether it can be."""
        cleaned = super().clean()
        if not {"starts_on", "starts_time"} <= cleaned.keys():
            return cleaned
        day, time = cleaned.pop("starts_on"), cleaned.pop("starts_time")
        today = timezone.localdate()
        try:
            self.wanted = _moment(day, time)
        except OverflowError:  # the calendar's first or last day, which another zone does not have
            self.add_error("starts_on", _("Is the year right?"))
            return cleaned
        if self.wanted is None:
            self.add_error("starts_time", _("The clocks go forward then: there is no such time."))
        elif day < today:
            self.add_error("starts_on", _("This day has passed."))
        elif reason := why_not_time(
            self.session, by=self.by, starts_at=self.wanted, minutes=cleaned.get("minutes")
        ):
            is_too_far = day > today + BOOK_AHEAD
            self.add_error("starts_on" if is_too_far else "starts_time", reason)
        else:
            cleaned["starts_at"] = self.wanted
        return cleaned

    def times(self):
        """Return times near the one in the form that suit both; nothing where none is in it."""
        if not (self.wanted or self.proposed):
            return None
        minutes = self.cleaned_data.get("minutes") if self.is_bound else None
        return times_for_both(self.session, near=self.near(), minutes=minutes)

    def near(self):
        """Return the moment that is looked around: the wanted one, or the planned day."""
        planned = timezone.make_aware(dt.datetime.combine(self.session.due_on, dt.time()))
        return max(self.wanted or self.proposed or planned, timezone.now())


def _fields_of(moment: dt.datetime) -> dict:
    local = timezone.localtime(moment)
    return {"starts_on": local.date(), "starts_time": local.time()}


def _moment(day: dt.date, time: dt.time) -> dt.datetime | None:
    """Return the moment of a local time, the first of two; None where the clocks skip it."""
    local = dt.datetime.combine(day, time, tzinfo=timezone.get_current_timezone())
    moment = local.astimezone(dt.UTC)
    there = moment.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)
    return moment if there else None


class KeepForm(forms.Form):
    """What stays with a person after a session: one thing learned, one thing to try."""

    text = forms.CharField(
        label=_("One thing I learned"),
        required=False,
        max_length=MAX_LEARNED,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    condition = forms.CharField(
        label=_("If or when this happens …"),
        required=False,
        max_length=MAX_COMMITMENT,
        widget=forms.TextInput(attrs={"placeholder": _("on Monday I open the report")}),
    )
    action = forms.CharField(
        label=_("… I will do this"),
        required=False,
        max_length=MAX_COMMITMENT,
        widget=forms.TextInput(attrs={"placeholder": _("I ask the model for three objections")}),
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

    def clean(self):
        """Ask for both halves of the plan, or none."""
        cleaned = super().clean()
        halves = {name: cleaned.get(name, "") for name in ("condition", "action")}
        if reason := why_not_commit(self.session, by=self.by, **halves):
            missing = next((name for name, half in halves.items() if not half), "condition")
            self.add_error(missing, reason)
        return cleaned


class QuestionForm(forms.Form):
    """What the leader would like to ask, told in advance."""

    text = forms.CharField(
        label=_("A question to think about beforehand"),
        required=False,
        max_length=MAX_QUESTION,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class StoryForm(forms.Form):
    """Something of one's own: a moment, what it meant, what others may take from it."""

    prompt = forms.ChoiceField(label=_("It could begin with"), required=False)
    text = forms.CharField(
        label=_("Your story"),
        help_text=_(
            "A moment, what it meant, what you would like to be taken from it. "
            "Would you be all right if it were repeated with your name?"
        ),
        max_length=MAX_STORY,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    shared_as = forms.ChoiceField(
        label=_("Who may hear it"),
        choices=Story.SharedAs,
        initial=Story.SharedAs.OURS,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, prompts, **kwargs):
        """Offer `prompts`; nobody has to begin with one."""
        super().__init__(*args, **kwargs)
        empty = ("", _("Something else"))
        self.fields["prompt"].choices = [empty, *((each, each) for each in prompts)]


class TopicForm(forms.Form):
    """A topic of the cohort's plan, or one of the pair's own."""

    OWN = "own"
    choice = forms.ChoiceField(label=_("Talk about"), widget=forms.RadioSelect)
    topic = forms.CharField(label=_("Our own topic"), required=False, max_length=MAX_TOPIC)
    activity = forms.CharField(
        label=_("What we will do"),
        required=False,
        max_length=MAX_ACTIVITY,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, choices, **kwargs):
        """Offer `choices`, pairs of a plan's number and words; the last is one's own topic."""
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = choices

    def clean(self):
        """Ask for the words of an own topic."""
        cleaned = super().clean()
        if cleaned.get("choice") == self.OWN and not cleaned.get("topic"):
            self.add_error("topic", _("Write what you want to talk about."))
        return cleaned


def _day_field(label, **kwargs):
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, **kwargs)


class RestForm(forms.Form):
    """The first and the last day on which somebody is away, or a cohort is closed."""

    starts_on = _day_field(_("First day"))
    ends_on = _day_field(_("Last day"))

    def clean(self):
        """Refuse with the same reason as the action, at the last day."""
        cleaned = super().clean()
        if {"starts_on", "ends_on"} <= cleaned.keys() and (
            reason := why_not_be_away(**cleaned, today=timezone.localdate())
        ):
            self.add_error("ends_on", reason)
        return cleaned


class HolidaysForm(forms.Form):
    """Whose public holidays are one's own: proposed from the time zone, kept once it is sent."""

    country = forms.ChoiceField(label=_("Public holidays of"))
    region = forms.CharField(label=_("Region"), required=False, widget=forms.Select)

    def __init__(self, *args, person, **kwargs):
        place = person.country or country_of_zone(person.time_zone)
        country = place.partition("-")[0]
        super().__init__(*args, initial={"country": country, "region": place}, **kwargs)
        nobody = [] if place else [("", _("Choose a country"))]
        self.fields["country"].choices = [
            *nobody, (NOWHERE, _("No country: I meet on every day")), *countries().items(),
        ]  # fmt: skip
        named = self.data.get("country", "") if self.is_bound else country
        self.fields["region"].widget.choices = [
            (named, _("The whole country")),
            *((f"{named}-{code}", name) for code, name in regions(named).items()),
        ]
        if not regions(named):
            self.fields["region"].widget = forms.HiddenInput()

    def clean(self):
        """Return the `place`; a region of the country chosen before is none of this one."""
        cleaned = super().clean()
        country, region = cleaned.get("country", ""), cleaned.pop("region", "")
        cleaned["place"] = region if region.startswith(f"{country}-") else country
        if country and (reason := why_not_keep_holidays(cleaned["place"])):
            self.add_error("country", reason)
        return cleaned


class PauseForm(forms.Form):
    """The last day of a pause that begins today."""

    until = _day_field(_("Last day of the pause"))

    def __init__(self, *args, pair, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.pair, self.by = pair, by

    def clean_until(self):
        """Refuse with the same reason as the action."""
        until, today = self.cleaned_data["until"], timezone.localdate()
        if reason := why_not_pause(self.pair, by=self.by, until=until, today=today):
            raise ValidationError(reason)
        return until


class AssistantForm(forms.Form):
    """Who is to keep one's diary, by their address."""

    email = forms.EmailField(label=_("Their e-mail address"))

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person, self.assistant = person, None

    def clean_email(self):
        """Find the person, and refuse with the same reason as the action."""
        email = self.cleaned_data["email"].strip().lower()
        self.assistant = Person.objects.active().filter(email=email).first()
        if self.assistant is None:
            raise ValidationError(
                _("Nobody here has this address. Is it the one they sign in with?")
            )
        if reason := why_not_name_assistant(self.person, self.assistant):
            raise ValidationError(reason)
        return email


class BusyForm(forms.Form):
    """Where one's own calendar can be read."""

    address = forms.CharField(
        label=_("Secret address in iCal format"),
        max_length=2000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )

    def clean_address(self):
        """Take webcal:// for what it means, and refuse at once what can never be read."""
        address = self.cleaned_data["address"].strip()
        scheme, _colon, rest = address.partition("://")
        if scheme.lower() in {"webcal", "webcals"}:
            scheme, address = "https", f"https://{rest}"
        allowed = {"https", "http"} if settings.CALENDAR_HTTP else {"https"}
        if scheme.lower() not in allowed or not rest:
            raise ValidationError(CALENDAR_PROBLEMS["address"])
        return address


class SeriesForm(forms.Form):
    """The first date of a series, and how often it comes again."""

    starts_on = _day_field(_("First day"))
    starts_time = forms.TimeField(
        label=_("Time"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "step": 300}),
    )
    weeks = forms.TypedChoiceField(label=_("Every"), coerce=int)

    def __init__(self, data, *, pair, sessions):
        initial = {"weeks": min(8, max(1, round(pair.cohort.cadence_days / 7)))}
        if sessions and data is None and (proposed := DateForm(session=sessions[0]).proposed):
            initial |= _fields_of(proposed)
        super().__init__(data, initial=initial)
        self.fields["weeks"].choices = [
            (weeks, ngettext("week", "%(weeks)s weeks", weeks) % {"weeks": weeks})
            for weeks in range(1, 9)
        ]

    def clean(self):
        """Turn day and time into the moment `first`, which lies ahead."""
        cleaned = super().clean()
        if not {"starts_on", "starts_time"} <= cleaned.keys():
            return cleaned
        day, time = cleaned.pop("starts_on"), cleaned.pop("starts_time")
        try:
            first = _moment(day, time)
        except OverflowError:
            first = None
        now = timezone.now()
        if first is None:
            self.add_error("starts_time", _("There is no such time on this day."))
        elif not now < first < now + BOOK_AHEAD:
            self.add_error("starts_on", _("Choose a day within the coming year."))
        cleaned["first"] = first
        return cleaned


class SectionForm(forms.Form):
    """The text of a section, with the version of the agreement its writer has before them."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    text = forms.CharField(
        required=False,
        max_length=MAX_SECTION,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, section, **kwargs):
        """Name the box after its section: several stand on one page."""
        super().__init__(*args, auto_id=f"id_{section.key}_%s", **kwargs)
        self.fields["text"].label = section.title
        self.fields["text"].help_text = section.help


def _part(label, **kwargs):
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(
        label=label, required=False, max_length=MAX_GOAL_PART, widget=widget, **kwargs
    )


class GoalForm(forms.Form):
    """A goal in its form, saved as it grows."""

    week = forms.IntegerField(label=_("By week"), required=False, min_value=1)
    will = _part(_("I will …"))
    seen_by = _part(_("seen by …"))
    because = _part(_("because …"))

    def __init__(self, *args, pair, **kwargs):
        super().__init__(*args, auto_id="id_goal_%s", **kwargs)
        self.fields["week"].help_text = weeks_in_words(pair, timezone.localdate())


class SignForm(forms.Form):
    """The version that was read, and the leader's pledge."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    pledges = forms.BooleanField(label=_("I give this pledge."), required=False)


class ClosingPageForm(forms.Form):
    """What one of the two writes at the end, a box for each question."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="id_closing_%s", **kwargs)
        for key, question in QUESTIONS.items():
            self.fields[key] = forms.CharField(
                label=question.title, help_text=question.help, required=False,
                max_length=MAX_ANSWER, widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip
