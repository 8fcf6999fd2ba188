"""What is ticked: it lives in this form, for one answer, and is kept nowhere."""

from collections.abc import Iterable

from django import forms


class TicksForm(forms.Form):
    """Sentences, each of which may be ticked."""

    ticked = forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, label, sentences: Iterable[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ticked"].label = label
        self.fields["ticked"].choices = list(enumerate(sentences))
