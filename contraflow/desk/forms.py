"""The shape of what a lead writes at the desk."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from contraflow.core.codes import make_code
from contraflow.desk import rules
from contraflow.desk.models import Message
from contraflow.desk.queries import audience
from contraflow.desk.texts import Text, personal_text, text_for, text_to_learn
from contraflow.people.models import Person
from contraflow.programmes.models import Side


class WriteForm(forms.Form):
    """A mail to both of a pair, with its ready text."""

    subject = forms.CharField(label=_("Subject"), max_length=rules.MAX_SUBJECT)
    body = forms.CharField(
        label=_("Text"), max_length=rules.MAX_TEXT, widget=forms.Textarea(attrs={"rows": 10})
    )
    again = forms.BooleanField(label=_("Write again all the same"), required=False)
    # of the step, so that pressing twice sends once
    code = forms.SlugField(widget=forms.HiddenInput, max_length=20)

    def __init__(self, *args, pair, kind, by, **kwargs):
        self.pair, self.kind, self.by = pair, kind, by
        ready = text_for(pair, kind, by=by)
        initial = {"subject": ready.subject, "body": ready.body, "code": make_code()}
        super().__init__(*args, initial=initial, **kwargs)
        self.earlier = rules.last_mail(pair)
        if not self.earlier or self.earlier.code == self.data.get("code"):
            del self.fields["again"]

    @property
    def text(self) -> Text:
        """Return the mail as it was written."""
        return Text(subject=self.cleaned_data["subject"], body=self.cleaned_data["body"])

    def clean(self):
        """Refuse with the same reason as the action, at the box that answers it."""
        cleaned = super().clean()
        if "again" in self.fields and not cleaned.get("again"):
            self.add_error(
                "again", rules.why_not_write(self.pair, self.kind, by=self.by, again=False)
            )
        return cleaned


class AsideForm(forms.Form):
    """Until when a pair is put aside, and why, for oneself."""

    until = forms.DateField(
        label=_("Until"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=rules.MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args, pair, by, **kwargs):
        self.pair, self.by = pair, by
        initial = {"until": timezone.localdate() + dt.timedelta(days=7)}
        super().__init__(*args, initial=initial, **kwargs)

    def clean_until(self):
        """Refuse with the same reason as the action."""
        until = self.cleaned_data["until"]
        if reason := rules.why_not_put_aside(self.pair, by=self.by, until=until):
            raise ValidationError(reason)
        return until


class HandOverForm(forms.Form):
    """Which other lead looks after a pair."""

    to = forms.ChoiceField(label=_("Looked after by"))

    def __init__(self, *args, pair, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.leads = {lead.code: lead for lead in rules.other_leads(pair, by)}
        self.fields["to"].choices = [(code, lead.name) for code, lead in self.leads.items()]

    @property
    def person(self):
        """Return the lead that was chosen."""
        return self.leads[self.cleaned_data["to"]]


class MessageForm(forms.Form):
    """A message to people of a cohort."""

    to = forms.ChoiceField(label=_("To"), choices=Message.To)
    subject = forms.CharField(label=_("Subject"), max_length=rules.MAX_SUBJECT)
    body = forms.CharField(
        label=_("Text"), max_length=rules.MAX_TEXT, widget=forms.Textarea(attrs={"rows": 8})
    )
    # of the message, so that pressing twice sends once
    code = forms.SlugField(widget=forms.HiddenInput, max_length=20)

    def __init__(self, *args, cohort, **kwargs):
        self.cohort = cohort
        super().__init__(*args, initial={"code": make_code()}, **kwargs)
        self.fields["to"].choices = [
            (to, self._named(to, label)) for to, label in Message.To.choices
        ]
        self.count = 0

    def _named(self, to, label):
        if to not in Side.values:
            return label
        return _now("everybody on the side: %(side)s") % {
            "side": self.cohort.programme.word_for(to)
        }

    @property
    def text(self) -> Text:
        """Return the message as it was written."""
        return Text(subject=self.cleaned_data["subject"], body=self.cleaned_data["body"])

    def clean_to(self):
        """Count who gets it, and refuse with the same reason as the action."""
        to = self.cleaned_data["to"]
        self.count = audience(self.cohort, to).count()
        if reason := rules.why_not_send(self.cohort, to, count=self.count):
            raise ValidationError(reason)
        return to


class OverrideForm(forms.Form):
    """Why a cohort launches with lines of its checklist open."""

    reason = forms.CharField(
        label=_("Reason"), max_length=rules.MAX_REASON, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, cohort, **kwargs):
        self.cohort = cohort
        super().__init__(*args, **kwargs)

    def clean_reason(self):
        """Refuse with the same reason as the action."""
        if why_not := rules.why_not_override(self.cohort, reason=self.cleaned_data["reason"]):
            raise ValidationError(why_not)
        return self.cleaned_data["reason"]


class NextLeadForm(forms.Form):
    """Who takes a programme over."""

    to = forms.ModelChoiceField(Person.objects.none(), label=_("To"), to_field_name="code")

    def __init__(self, *args, programme, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = rules.possible_leads(programme, by=by)


class LearnForm(forms.Form):
    """What a sponsor wants to learn, and later what they learned."""

    wants = forms.CharField(
        label=_("What I want to learn"), max_length=rules.MAX_LEARNING,
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip
    learned = forms.CharField(
        label=_("What I learned"), max_length=rules.MAX_LEARNING, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args, said, takes_part, **kwargs):
        ready = {"wants": text_to_learn(takes_part=takes_part)}
        if said:
            ready = {"wants": said.wants, "learned": said.learned}
        super().__init__(*args, initial=ready, **kwargs)
        if not said:
            # one thing at a time: nobody has learned anything yet
            del self.fields["learned"]


class ReadyMailForm(forms.Form):
    """A mail with its ready text, to be changed before it is sent."""

    subject = forms.CharField(label=_("Subject"), max_length=rules.MAX_SUBJECT)
    body = forms.CharField(
        label=_("Text"), max_length=rules.MAX_TEXT, widget=forms.Textarea(attrs={"rows": 14})
    )
    # of what is sent, so that pressing twice sends once
    code = forms.SlugField(widget=forms.HiddenInput, max_length=20)

    def __init__(self, *args, ready: Text, **kwargs):
        initial = {"subject": ready.subject, "body": ready.body, "code": make_code()}
        super().__init__(*args, initial=initial, **kwargs)

    @property
    def text(self) -> Text:
        """Return the mail as it was written."""
        return Text(subject=self.cleaned_data["subject"], body=self.cleaned_data["body"])


class PersonalWordForm(forms.Form):
    """A word that stands ready for leaders whose dates fall through."""

    text = forms.CharField(
        label=_("Your word"), max_length=rules.MAX_PERSONAL,
        widget=forms.Textarea(attrs={"rows": 9}),
    )  # fmt: skip

    def __init__(self, *args, standing, **kwargs):
        initial = {"text": standing.words.text if standing else personal_text()}
        super().__init__(*args, initial=initial, **kwargs)
