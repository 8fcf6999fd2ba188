"""Forms about a cohort: settings, plan, who is invited, applications and lots."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contraflow.core.figures import figure
from contraflow.people.forms import PeopleSearch
from contraflow.people.models import Person
from contraflow.programmes.forms.programmes import date_input
from contraflow.programmes.models import Cohort, Enrolment, PlannedSession, Side
from contraflow.programmes.rules import why_not_on_side

TEN_YEARS = dt.timedelta(days=3653)


class CohortForm(forms.ModelForm):
    """Dates, places and criteria of a cohort."""

    class Meta:
        model = Cohort
        fields = [
            "name", "starts_on", "length_weeks", "cadence_days", "session_minutes",
            "mentor_places", "mentee_places", "criteria", "applications_open",
        ]  # fmt: skip
        widgets = {"starts_on": date_input()}
        help_texts = {
            "mentor_places": gettext_lazy("Empty for any number."),
            "mentee_places": gettext_lazy("Empty for any number."),
            "criteria": gettext_lazy("Everybody who may apply reads them, so say them plainly."),
            "applications_open": gettext_lazy(
                "Everybody of the organisation sees the criteria and can apply while enrolment "
                "is open."
            ),
        }

    def __init__(self, *args, programme, **kwargs):
        super().__init__(*args, **kwargs)
        self.programme = programme
        self.fields["mentor_places"].label = _("Places: %(word)s") % {
            "word": programme.word_for(Side.MENTOR)
        }
        self.fields["mentee_places"].label = _("Places: %(word)s") % {
            "word": programme.word_for(Side.MENTEE)
        }

    def clean_starts_on(self):
        starts_on = self.cleaned_data["starts_on"]
        # weeks are counted on from it, which the last years of the calendar do not bear
        if abs(starts_on - timezone.localdate()) > TEN_YEARS:
            raise ValidationError(_("This is more than ten years away. Is the year right?"))
        return starts_on

    def clean_name(self):
        name = self.cleaned_data["name"]
        others = self.programme.cohorts.exclude(pk=self.instance.pk)
        if others.filter(name=name).exists():
            raise ValidationError(_("This programme has a cohort of this name already."))
        return name


class NewCohortForm(CohortForm):
    """A cohort from the template's rhythm, or with plan and criteria of an earlier one."""

    copy_of = forms.ModelChoiceField(
        label=gettext_lazy("Plan and criteria"),
        queryset=Cohort.objects.none(),
        required=False,
        to_field_name="code",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        earlier = self.fields["copy_of"]
        earlier.queryset = self.programme.cohorts.all()
        earlier.empty_label = _("From the programme's template")
        earlier.label_from_instance = lambda cohort: _("As in %(name)s") % {"name": cohort.name}
        if not earlier.queryset:
            del self.fields["copy_of"]


class PlannedSessionForm(forms.ModelForm):
    """The words of one planned session."""

    class Meta:
        model = PlannedSession
        fields = ["topic", "opening", "activity", "between", "reflection"]


class MoveForm(forms.Form):
    """Why a cohort goes back a step or is closed."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, required=False)


class EnrolmentFilter(forms.Form):
    """What the list of enrolments is narrowed to; from the address bar, so it never refuses."""

    q = forms.CharField(label=gettext_lazy("Name or e-mail"), required=False, max_length=100)
    side = forms.ChoiceField(label=gettext_lazy("Side"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)

    def __init__(self, *args, programme, **kwargs):
        super().__init__(*args, **kwargs)
        words = [(side, programme.word_for(side)) for side in Side.values]
        self.fields["side"].choices = [("", _("Both")), *words]
        self.fields["state"].choices = [("", _("All")), *Enrolment.State.choices]


class InviteFilter(PeopleSearch):
    """Whom to choose from: the search of the list of people, and a range of grades."""

    grade_from = forms.IntegerField(label=gettext_lazy("Grade from"), required=False, min_value=0)
    grade_to = forms.IntegerField(label=gettext_lazy("Grade up to"), required=False, min_value=0)

    def narrowed(self, people):
        """Return those of the people that the form asks for."""
        people, asked = super().narrowed(people), self.cleaned_data
        if asked.get("grade_from") is not None:
            people = people.filter(grade__gte=asked["grade_from"])
        if asked.get("grade_to") is not None:
            people = people.filter(grade__lte=asked["grade_to"])
        return people


class SideForm(forms.Form):
    """On which side somebody is invited or applies."""

    side = forms.ChoiceField(
        label=gettext_lazy("Invite as"), choices=Side.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args, programme, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["side"].choices = [
            (side, programme.word_for(side).capitalize()) for side in Side.values
        ]


class PasteForm(SideForm):
    """Invite people by their addresses, pasted from anywhere."""

    emails = forms.CharField(
        label=gettext_lazy("E-mail addresses"),
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("One per line, or separated by commas or semicolons."),
    )

    def clean_emails(self):
        """Return the people; name the addresses nobody here has."""
        text = self.cleaned_data["emails"].replace(",", " ").replace(";", " ")
        asked = list(dict.fromkeys(word.strip("<>\"'").lower() for word in text.split()))
        asked = [each for each in asked if "@" in each]
        for each in asked:
            try:
                validate_email(each)
            except ValidationError:
                raise ValidationError(
                    _("“%(text)s” is no e-mail address.") % {"text": each[:100]}
                ) from None
        people = list(Person.objects.active().filter(email__in=asked))
        unknown = sorted(set(asked) - {person.email for person in people})
        if unknown:
            raise ValidationError(
                ngettext(
                    "Nobody here has the address %(some)s. Import or remove it.",
                    "Nobody here has %(count)s of the addresses: %(some)s. Import or remove them.",
                    len(unknown),
                )
                % {"count": figure(len(unknown)), "some": ", ".join(unknown[:10])}
            )
        if not people:
            raise ValidationError(_("There is no e-mail address in this text."))
        return people


class ApplyForm(SideForm):
    """On which side somebody applies."""

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["side"].label = _("I apply as")

    def clean_side(self):
        side = self.cleaned_data["side"]
        if reason := why_not_on_side(self.person, side):
            raise ValidationError(reason)
        return side


class DrawForm(forms.Form):
    """The seed of a lottery."""

    seed = forms.CharField(
        label=gettext_lazy("Seed"),
        required=False,
        max_length=64,
        help_text=gettext_lazy(
            "Something that nobody can know beforehand and everybody can look up afterwards, "
            "say the next national lottery numbers. Left empty, chance makes one. "
            "It is published."
        ),
    )
