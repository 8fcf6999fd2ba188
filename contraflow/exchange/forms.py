"""The shape of what the two write."""

from django import forms
from django.utils.translation import gettext_lazy as _

from contraflow.exchange.models import Promise
from contraflow.exchange.rules import MAX_MESSAGE, MAX_NOTE, MAX_PROMISE


class MessageForm(forms.Form):
    """A few lines to the partner."""

    text = forms.CharField(
        label=_("Your message"), max_length=MAX_MESSAGE, widget=forms.Textarea(attrs={"rows": 4})
    )


class NoteForm(forms.Form):
    """A note, and whose it is."""

    OURS, MINE = "ours", "mine"
    text = forms.CharField(
        label=_("Your note"), max_length=MAX_NOTE, widget=forms.Textarea(attrs={"rows": 6})
    )
    readers = forms.ChoiceField(label=_("Who can read it"), widget=forms.RadioSelect, initial=OURS)
    session = forms.ChoiceField(label=_("About"), required=False)

    def __init__(self, *args, partner, sessions, **kwargs):
        """Offer the pair's sessions; a note may also be about none of them."""
        super().__init__(*args, **kwargs)
        self.fields["readers"].choices = [
            (self.OURS, _("You and %(name)s") % {"name": partner.get_short_name()}),
            (self.MINE, _("Only you")),
        ]
        self.sessions = {str(each.number): each for each in sessions}
        named = [
            (number, _("Session %(number)s: %(topic)s") % {"number": number, "topic": each.topic})
            for number, each in self.sessions.items()
        ]
        self.fields["session"].choices = [("", _("Nothing in particular")), *named]

    def clean_session(self):
        """Return the session itself."""
        return self.sessions.get(self.cleaned_data["session"])


class PromiseForm(forms.Form):
    """What one of the two will do for the other."""

    kind = forms.ChoiceField(label=_("What kind of thing"), choices=Promise.Kind)
    text = forms.CharField(
        label=_("What I will do"),
        max_length=MAX_PROMISE,
        help_text=_("In a sentence: “I introduce you to the head of design by May.”"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
