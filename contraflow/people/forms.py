"""Forms about people: signing in, one's own facts, roles."""

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contraflow.core.branding import MOST_BYTES, read_png, why_not_accent
from contraflow.core.errors import Refusal
from contraflow.core.figures import figure
from contraflow.core.letters import LONGEST_SUBJECT, LONGEST_TEXT, Wording, faults
from contraflow.core.mail_choices import ways_of
from contraflow.core.models import MailChoice
from contraflow.people.importing.by_hand import enter, texts_of
from contraflow.people.importing.columns import FIELDS, is_never_imported, why_not_map
from contraflow.people.importing.rows import EMAIL_NEEDED, NAME_NEEDED
from contraflow.people.models import Person, Role

# hashing is slow on purpose; nobody shall buy minutes of it with a password of a megabyte
PASSWORD_MAX_LENGTH = 200


def between_commas(text: str) -> list[str]:
    """Return what stands between commas, tidy, each once.

    >>> between_commas("English,  sign  language,, English")
    ['English', 'sign language']
    """
    tidy = (" ".join(each.split()) for each in text.split(","))
    return list(dict.fromkeys(filter(None, tidy)))


def _email_field() -> forms.EmailField:
    return forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={"required": _("Enter the address your organisation knows you by.")},
    )


def _password_field(label, autocomplete, **options) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=PASSWORD_MAX_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        **options,
    )


class LinkForm(forms.Form):
    """Ask for a mailed link."""

    email = _email_field()


class PasswordSignInForm(forms.Form):
    """Sign in by password."""

    email = _email_field()
    password = _password_field(_("Password"), "current-password")


class SetPasswordForm(forms.Form):
    """Choose a password; the old one is asked for unless the person just came by a mailed link."""

    old = _password_field(_("Password you have now"), "current-password")
    new = _password_field(
        _("New password"),
        "new-password",
        help_text=_("At least 12 characters. Four words that do not belong together are good."),
    )
    again = _password_field(_("New password, once more"), "new-password")

    def __init__(self, *args, person, needs_old, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        if not needs_old:
            del self.fields["old"]

    def clean_new(self):
        new = self.cleaned_data["new"]
        password_validation.validate_password(new, self.person)
        return new

    def clean_again(self):
        again = self.cleaned_data["again"]
        if "new" in self.cleaned_data and again != self.cleaned_data["new"]:
            raise ValidationError(_("The two new passwords differ. Type them again."))
        return again


class ProfileForm(forms.ModelForm):
    """What people say about themselves; the rest comes from the organisation."""

    languages = forms.CharField(
        label=_("Languages"),
        required=False,
        max_length=300,
        help_text=_("Those you could have a conversation in, separated by commas."),
    )

    class Meta:
        model = Person
        fields = ["name", "preferred_name", "time_zone"]
        help_texts = {
            "preferred_name": _("What you want to be called."),
            "time_zone": _("Type the name of a large city of your country."),
        }
        # six hundred names are searched by typing; the page holds them once, as a list
        widgets = {"time_zone": forms.TextInput(attrs={"list": "time-zones"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["languages"] = ", ".join(self.instance.languages)

    def clean_languages(self):
        return between_commas(self.cleaned_data["languages"])


class GrantForm(forms.Form):
    """Give a role to somebody, named by address."""

    email = forms.EmailField(label=_("E-mail of the person"), max_length=254)
    kind = forms.ChoiceField(label=_("Role"), choices=Role.Kind.choices)

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        self.person = Person.objects.active().filter(email=email).first()
        if self.person is None:
            raise ValidationError(_("Nobody here has this address. Add them first, under People."))
        return email


class PersonForm(forms.Form):
    """One person by hand; each field is read by the rules of a row of an import."""

    # the words of what is wrong come from those rules, beside the field
    use_required_attribute = False

    name = forms.CharField(label=_("Name"), error_messages={"required": NAME_NEEDED})
    preferred_name = forms.CharField(
        label=_("Preferred name"), required=False, help_text=_("What they want to be called.")
    )
    email = forms.CharField(
        label=_("E-mail"),
        error_messages={"required": EMAIL_NEEDED},
        help_text=_("They sign in with it."),
        widget=forms.EmailInput,
    )
    job_title = forms.CharField(label=_("Job title"), required=False)
    grade = forms.CharField(
        label=_("Grade"),
        required=False,
        help_text=_("A whole number; higher is more senior."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    department = forms.CharField(
        label=_("Department"),
        required=False,
        help_text=_("The path from the top, like Sales/North/Key. A new one is made."),
        widget=forms.TextInput(attrs={"list": "departments"}),
    )
    manager_email = forms.CharField(
        label=_("Manager's e-mail"),
        required=False,
        help_text=_("Type a name or an address, and choose. Empty for whoever is at the top."),
        widget=forms.TextInput(attrs={"list": "managers", "autocomplete": "off"}),
    )
    external_id = forms.CharField(
        label=_("External id"),
        required=False,
        help_text=_("The personnel number; an import knows people again by it."),
    )
    site = forms.CharField(label=_("Site"), required=False)
    time_zone = forms.CharField(
        label=_("Time zone"),
        required=False,
        help_text=_("Like Europe/Berlin; UTC where it is empty."),
        widget=forms.TextInput(attrs={"list": "time-zones"}),
    )
    languages = forms.CharField(
        label=_("Languages"), required=False, help_text=_("Separated by commas.")
    )
    panels = forms.CharField(
        label=_("Pay and promotion panels"), required=False, help_text=_("Separated by commas.")
    )
    joined_on = forms.CharField(
        label=_("Joined on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args, by, person=None, suggest="", **kwargs):
        if person:
            kwargs["initial"] = texts_of(person)
        super().__init__(*args, **kwargs)
        self.by, self.person = by, person
        self.fields["manager_email"].widget.attrs |= {
            "hx-get": suggest, "hx-trigger": "input delay:250ms", "hx-target": "#managers",
            "hx-swap": "outerHTML",
        }  # fmt: skip
        # what people said of themselves stays, as with an import
        for name in set(person.chosen if person else ()) & set(self.fields):
            self.fields[name].disabled = True
            self.fields[name].help_text = _("They set this themselves.")

    def clean(self):
        """Say what is wrong in the words of an import, each thing beside its field."""
        cleaned = super().clean()
        texts = {name: cleaned.get(name, "") for name in self.fields}
        for problem in enter(texts, by=self.by, person=self.person).problems:
            if problem.column not in self.errors:
                self.add_error(problem.column or None, problem.reason)
        return cleaned


class PeopleSearch(forms.Form):
    """Whom to look for; from the address bar, so it never refuses."""

    q = forms.CharField(label=_("Name or e-mail"), required=False, max_length=100)
    department = forms.CharField(label=_("Department"), required=False, max_length=300)

    def narrowed(self, people):
        """Return those of the people that the form asks for."""
        self.is_valid()
        asked = self.cleaned_data
        if words := asked.get("q"):
            people = people.search(words)
        if department := asked.get("department"):
            people = people.in_department(department)
        return people


class PeopleFilter(PeopleSearch):
    """What the list of people is narrowed to: those who are here, who left, or both."""

    class Who:
        ACTIVE, LEFT, ALL = "active", "left", "all"
        CHOICES = [(ACTIVE, _("Active")), (LEFT, _("Left")), (ALL, _("Everyone"))]

    who = forms.ChoiceField(label=_("Who"), required=False, choices=Who.CHOICES)

    def narrowed(self, people):
        """Return those of the people that the form asks for."""
        people = super().narrowed(people)
        who = self.cleaned_data.get("who") or self.Who.ACTIVE
        if who == self.Who.ALL:
            return people
        return people.active() if who == self.Who.ACTIVE else people.left()


class UploadForm(forms.Form):
    """A file of people."""

    file = forms.FileField(
        label=_("List of people"),
        help_text=_("XLSX or CSV; the first line names the columns."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
        allow_empty_file=True,
    )

    def __init__(self, *args, is_too_large=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.is_too_large = is_too_large

    def clean_file(self):
        file = self.cleaned_data["file"]
        if self.is_too_large:
            raise ValidationError(
                _(
                    "The file is larger than %(megabytes)s MB. Leave out columns that are not "
                    "needed, or import it in parts; pictures in a workbook cost most."
                ),
                params={"megabytes": figure(settings.IMPORT_MAX_MEGABYTES)},
            )
        if not file.size:
            raise ValidationError(_("The file is empty. The first line must name the columns."))
        return file


class MappingForm(forms.Form):
    """Which column of a file means what: one choice for each column that may be imported."""

    NOT_IMPORTED = "-"

    def __init__(self, *args, people_import, **kwargs):
        super().__init__(*args, **kwargs)
        self.titles = people_import.columns
        choices = [(self.NOT_IMPORTED, _("not imported")), *FIELDS.items()]
        for place, title in enumerate(self.titles):
            if title and not is_never_imported(title):
                self.fields[f"column-{place}"] = forms.ChoiceField(
                    label=title,
                    choices=choices,
                    initial=people_import.mapping.get(title, self.NOT_IMPORTED),
                )

    def clean(self):
        chosen = {
            title: self.cleaned_data.get(f"column-{place}")
            for place, title in enumerate(self.titles)
        }
        self.mapping = {
            title: field for title, field in chosen.items() if field and field != self.NOT_IMPORTED
        }
        if reason := why_not_map(self.titles, self.mapping):
            raise ValidationError(reason)


class ApplyForm(forms.Form):
    """Apply a file; who is not in it stays unless somebody says otherwise."""

    missing_left = forms.BooleanField(
        label=_("People who are not in this file have left"),
        required=False,
        help_text=_("They can no longer sign in. Tick it only if the file holds everybody."),
    )


class MailTextForm(forms.Form):
    """What mails of one kind say; says which placeholder is wrong, and where."""

    subject = forms.CharField(label=_("Subject"), max_length=LONGEST_SUBJECT)
    text = forms.CharField(
        label=_("Text"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "true"}),
        help_text=_(
            "An empty line begins a paragraph. # makes the heading, ** around words makes them "
            "strong, - makes a list, [words](address) a link, and a button where it stands alone. "
            "A line whose placeholder has nothing to say is left out."
        ),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput(), min_value=0)

    def __init__(self, *args, kind, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = kind

    @property
    def wording(self) -> Wording:
        """Return what was typed."""
        return Wording(self.cleaned_data["subject"], self.cleaned_data["text"])

    def clean(self):
        """Refuse placeholders that this kind of mail does not have, and miss those it needs."""
        cleaned = super().clean()
        if {"subject", "text"} <= set(cleaned):
            for field, reasons in faults(self.kind, self.wording).items():
                for reason in reasons:
                    self.add_error(field, reason)
        return cleaned


class BrandForm(forms.Form):
    """The organisation's name, its colour and its logo."""

    organisation = forms.CharField(label=_("Name of the organisation"), max_length=120)
    accent = forms.CharField(
        label=_("Colour"),
        help_text=_("Of buttons and links in mails, and of the line above every page."),
        widget=forms.TextInput(attrs={"type": "color"}),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png"}),
        help_text=_("A PNG, at most 1200 × 400 pixels and 200 kB."),
    )
    without_logo = forms.BooleanField(label=_("Take the logo away"), required=False)

    def clean_accent(self):
        """Refuse a colour that nobody could read."""
        colour = self.cleaned_data["accent"].strip().lower()
        if reason := why_not_accent(colour):
            raise ValidationError(reason)
        return colour

    def clean_logo(self):
        """Refuse what is no PNG, or too large."""
        file = self.cleaned_data["logo"]
        if not file:
            return None
        content = file.read(MOST_BYTES + 1)
        try:
            read_png(content)
        except Refusal as error:
            raise ValidationError(str(error)) from error
        return content


class MailChoicesForm(forms.Form):
    """How one wants mails of each kind."""

    def __init__(self, *args, kinds, chosen, **kwargs):
        super().__init__(*args, **kwargs)
        for kind in kinds:
            ways = ways_of(kind)
            self.fields[kind.id] = forms.ChoiceField(
                label=kind.name,
                help_text=kind.sent,
                initial=chosen.get(kind.id, MailChoice.How.AT_ONCE),
                choices=[(how, MailChoice.How(how).label.capitalize()) for how in ways],
            )
