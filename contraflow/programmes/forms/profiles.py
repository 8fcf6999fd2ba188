"""The five steps of the profile for matching. Whatever is not asked here is never used."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.core.figures import figure
from contraflow.people.forms import between_commas
from contraflow.programmes.models import ProfileTopic, Side
from contraflow.programmes.personality import ANSWERS, ITEMS
from contraflow.programmes.rules import MAX_INTERESTS

# hours of the day that are offered, in the person's own time zone
FIRST_HOUR, LAST_HOUR = 7, 20
WEEKDAYS = (
    (gettext_lazy("Monday"), gettext_lazy("Mon")),
    (gettext_lazy("Tuesday"), gettext_lazy("Tue")),
    (gettext_lazy("Wednesday"), gettext_lazy("Wed")),
    (gettext_lazy("Thursday"), gettext_lazy("Thu")),
    (gettext_lazy("Friday"), gettext_lazy("Fri")),
    (gettext_lazy("Saturday"), gettext_lazy("Sat")),
    (gettext_lazy("Sunday"), gettext_lazy("Sun")),
)
# first and last hour of a session that fits, Monday to Friday
PRESETS = {"office": (9, 16), "mornings": (8, 11), "afternoons": (13, 17), "none": (1, 0)}


def preset_hours(name: str) -> list[int]:
    """Return the hours of the week that a preset ticks, Monday to Friday.

    >>> preset_hours("mornings")[:5]
    [8, 9, 10, 11, 32]
    """
    first, last = PRESETS[name]
    return [day * 24 + hour for day in range(5) for hour in range(first, last + 1)]


def suggested_interests() -> list[str]:
    """Return things to have in common outside work, to start a conversation."""
    return [
        _("architecture"), _("art"), _("board games"), _("books"), _("chess"), _("coffee"),
        _("cooking"), _("cycling"), _("dancing"), _("films"), _("football"), _("gardening"),
        _("hiking"), _("history"), _("languages"), _("making things"), _("music"), _("nature"),
        _("photography"), _("podcasts"), _("running"), _("science"), _("swimming"), _("theatre"),
        _("travel"), _("video games"), _("volunteering"), _("yoga"),
    ]  # fmt: skip


class TopicLevelForm(forms.ModelForm):
    """One topic: how well a mentor knows it and speaks about it, or how much a leader wants it."""

    level = forms.TypedChoiceField(
        coerce=int, choices=[(level, str(level)) for level in range(5)], widget=forms.RadioSelect
    )

    class Meta:
        model = ProfileTopic
        fields = ["level", "consent"]
        widgets = {"consent": forms.RadioSelect}

    def __init__(self, *args, side, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["consent"].label = _("May it come up?")
        if side == Side.MENTOR:
            self.fields["level"].label = _("How well do you know it?")
        else:
            self.fields["level"].label = _("How much do you want to learn it?")
            del self.fields["consent"]


class InterestsForm(forms.Form):
    """What somebody likes outside work, and the languages they can hold a session in."""

    # a browser that finds a required field empty sends nothing, and says nothing of it
    use_required_attribute = False
    interests = forms.MultipleChoiceField(
        label=gettext_lazy("What do you like doing?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    more = forms.CharField(
        label=gettext_lazy("Something else"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Separated by commas."),
    )
    languages = forms.CharField(
        label=gettext_lazy("Languages"),
        max_length=300,
        help_text=gettext_lazy("Those you could hold a session in, separated by commas."),
        error_messages={"required": gettext_lazy("Name at least one language.")},
    )

    def __init__(self, *args, own=(), **kwargs):
        super().__init__(*args, **kwargs)
        known = dict.fromkeys([*suggested_interests(), *own])
        self.fields["interests"].choices = [(each, each) for each in known]

    def clean_languages(self):
        languages = between_commas(self.cleaned_data["languages"])
        if not languages:
            raise ValidationError(self.fields["languages"].error_messages["required"])
        return languages

    def clean(self):
        cleaned = super().clean()
        chosen = [*cleaned.get("interests", []), *between_commas(cleaned.get("more", ""))]
        if len(set(chosen)) > MAX_INTERESTS:
            self.add_error(
                "interests",
                _("Choose at most %(count)s: the ones you would talk about.")
                % {"count": figure(MAX_INTERESTS)},
            )
        cleaned["interests"] = chosen
        return cleaned


class HoursForm(forms.Form):
    """When a session suits, and with how many partners."""

    hours = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Hours that suit"),
        required=False,
        coerce=int,
        choices=[
            (day * 24 + hour, "") for day in range(7) for hour in range(FIRST_HOUR, LAST_HOUR + 1)
        ],
    )
    capacity = forms.TypedChoiceField(
        label=gettext_lazy("Partners at most"),
        coerce=int,
        choices=[(count, str(count)) for count in range(1, 6)],
        widget=forms.RadioSelect,
        help_text=gettext_lazy("One is what we advise: each pair takes about two hours a month."),
    )

    def grid(self) -> list[dict]:
        """Return the week as rows of hours with a cell for each day, for the template."""
        ticked = {str(each) for each in self["hours"].value() or []}
        return [
            {
                "hour": f"{hour}:00",
                "cells": [
                    {
                        "value": day * 24 + hour,
                        "label": f"{name} {hour}:00",
                        "is_ticked": str(day * 24 + hour) in ticked,
                    }
                    for day, (name, _short) in enumerate(WEEKDAYS)
                ],
            }
            for hour in range(FIRST_HOUR, LAST_HOUR + 1)
        ]


class PersonalityForm(forms.Form):
    """The optional 16 statements; each may be left open."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for item in ITEMS:
            self.fields[f"item{item.number}"] = forms.TypedChoiceField(
                label=item.text,
                required=False,
                coerce=int,
                empty_value=None,
                choices=[(value, str(value)) for value, _label in ANSWERS],
                widget=forms.RadioSelect,
            )

    def answers(self) -> dict[str, int]:
        """Return the answers given as {item number: 1 to 5}."""
        given = ((item.number, self.cleaned_data[f"item{item.number}"]) for item in ITEMS)
        return {str(number): answer for number, answer in given if answer is not None}


class TopicSearch(forms.Form):
    """What the catalogue is searched for; from the address bar, so it never refuses."""

    q = forms.CharField(
        label=gettext_lazy("Search the catalogue"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class PartnerSearch(forms.Form):
    """Whom of the other side to look for; posted, so that no name stands in a log."""

    q = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=80,
        min_length=2,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        error_messages={"min_length": gettext_lazy("Type at least two letters.")},
    )


class OwnTopicForm(forms.Form):
    """A topic of this organisation."""

    label = forms.CharField(label=gettext_lazy("Topic"), max_length=100)
    theme = forms.CharField(label=gettext_lazy("Theme"), max_length=120, required=False)
