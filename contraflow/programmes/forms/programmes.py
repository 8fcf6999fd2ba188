"""Forms about a programme: its words, its people, its objectives."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.content.schema import load_templates
from contraflow.people.models import Person
from contraflow.programmes.models import Objective, Programme, Reading, Steward
from contraflow.programmes.rules import why_not_add_steward


def date_input() -> forms.DateInput:
    """Return the browser's own date picker."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ProgrammeForm(forms.ModelForm):
    """What a programme says of itself."""

    class Meta:
        model = Programme
        fields = ["title", "purpose", "mentor_word", "mentee_word"]
        help_texts = {
            "purpose": gettext_lazy("Two or three sentences; everybody who takes part reads them."),
            "mentor_word": gettext_lazy("Leave empty for “mentor”."),
            "mentee_word": gettext_lazy("Leave empty for “leader”."),
        }


class NewProgrammeForm(ProgrammeForm):
    """A programme from a template, as a copy, or blank."""

    start = forms.ChoiceField(widget=forms.HiddenInput, required=False)

    field_order = ["start", "title", "purpose", "mentor_word", "mentee_word"]

    def __init__(self, *args, own, start="", **kwargs):
        self.own = {programme.code: programme for programme in own}
        self.templates = {template.key: template for template in load_templates()}
        super().__init__(*args, initial=self._first_words(start) | {"start": start}, **kwargs)
        names = ["", *self.templates, *(f"copy:{code}" for code in self.own)]
        self.fields["start"].choices = [(name, name) for name in names]

    def _first_words(self, start: str) -> dict[str, str]:
        if template := self.templates.get(start):
            return {"title": template.title, "purpose": template.objective}
        if source := self.own.get(start.removeprefix("copy:")):
            return {
                "title": _("%(title)s (copy)") % {"title": source.title},
                "purpose": source.purpose,
                "mentor_word": source.mentor_word,
                "mentee_word": source.mentee_word,
            }
        return {}

    def origin(self) -> dict:
        """Return what `create_programme` fills the programme from."""
        start = self.cleaned_data["start"]
        if start in self.templates:
            return {"template": start}
        return {"copy_of": self.own.get(start.removeprefix("copy:"))}


class StewardForm(forms.Form):
    """Name somebody by address as lead, sponsor or trusted contact."""

    email = forms.EmailField(label=gettext_lazy("E-mail of the person"), max_length=254)
    kind = forms.ChoiceField(label=gettext_lazy("Task"), choices=Steward.Kind.choices)

    def __init__(self, *args, programme, **kwargs):
        super().__init__(*args, **kwargs)
        self.programme = programme

    def clean(self):
        cleaned = super().clean()
        if not {"email", "kind"} <= set(cleaned):
            return cleaned
        self.person = Person.objects.active().filter(email=cleaned["email"].lower()).first()
        if self.person is None:
            raise ValidationError(
                {"email": _("Nobody here has this address. Add them first, under People.")}
            )
        if reason := why_not_add_steward(self.programme, self.person, cleaned["kind"]):
            raise ValidationError({"email": reason})
        return cleaned


class ObjectiveForm(forms.ModelForm):
    """What should be achieved, and how one will know."""

    class Meta:
        model = Objective
        fields = [
            "statement", "measure", "unit", "baseline", "target", "due_on", "source",
            "is_primary", "lower_is_better",
        ]  # fmt: skip
        widgets = {"due_on": date_input()}
        help_texts = {
            "measure": gettext_lazy("What is counted or asked, of whom."),
            "baseline": gettext_lazy(
                "Where it stands before; empty if it is measured at the start."
            ),
            "is_primary": gettext_lazy("One objective on which the programme is judged."),
        }

    def clean(self):
        cleaned = super().clean()
        source = cleaned.get("source")
        has_key = bool(self.instance.source_key) and source == self.initial.get("source")
        if source and source != Objective.Source.MANUAL and not has_key:
            self.add_error(
                "source",
                _("Figures that the product measures come with a template. Enter this by hand."),
            )
        return cleaned

    def save(self, commit=True):
        if self.cleaned_data["source"] == Objective.Source.MANUAL:
            self.instance.source_key = ""
        return super().save(commit)


class ReadingForm(forms.ModelForm):
    """A figure with its day."""

    class Meta:
        model = Reading
        fields = ["value", "read_on"]
        widgets = {"read_on": date_input()}
