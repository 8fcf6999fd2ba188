"""What a lead turns before matching again."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contraflow.content.schema import load_defaults
from contraflow.pairing.draft_settings import (
    DEPTH_CHOICES,
    LABELS,
    MOST_PRIVATE_PERCENT,
    OBJECTIVES,
    REPORTING_LINE_CHOICES,
    RULES,
    WEIGHTS,
    as_percents,
    whole,
)


def _slider(name: str) -> forms.IntegerField:
    is_private = name == "private"
    # a fifth as long where it ends at 20, so that the same figure stands at the same place
    looks = {"class": "fifth"} if is_private else {}
    return forms.IntegerField(
        label=WEIGHTS[name],
        min_value=0,
        max_value=MOST_PRIVATE_PERCENT if is_private else 100,
        widget=forms.NumberInput(attrs={"type": "range", "step": 1, **looks}),
    )


def _switch(name: str) -> forms.BooleanField:
    return forms.BooleanField(label=RULES[name], required=False)


class InertiaForm(forms.Form):
    """What a pair that stays is worth in a re-match, in percent points of a full fit."""

    inertia = forms.IntegerField(
        label=_("What keeping a pair is worth"),
        min_value=0,
        max_value=20,
        initial=lambda: round(load_defaults().pairing.inertia),
        widget=forms.NumberInput(attrs={"type": "range", "step": 1}),
        help_text=_("In percent points of a full fit. At 0 any gain is worth a change."),
    )


# fields that hold what a draft keeps
_AS_THEY_ARE = ("floor", "objective", "depth", "one_each_first")


class SettingsForm(forms.Form):
    """Weights, rules, floors and aims; only the proportions of the weights count."""

    skills = _slider("skills")
    interests = _slider("interests")
    logistics = _slider("logistics")
    distance = _slider("distance")
    private = _slider("private")
    reporting_line = forms.ChoiceField(
        label=RULES["reporting_line_levels"], choices=REPORTING_LINE_CHOICES
    )
    minimum_grade_gap = forms.IntegerField(
        label=RULES["minimum_grade_gap"],
        min_value=0,
        max_value=50,
        required=False,
        help_text=_("Leave empty where grades do not matter."),
    )
    different_team = _switch("different_team")
    same_panel = _switch("same_panel")
    common_language = _switch("common_language")
    floor = forms.DecimalField(
        label=LABELS["floor"],
        min_value=0,
        max_value=1,
        decimal_places=2,
        required=False,
        widget=forms.NumberInput(attrs={"step": "0.01"}),
        help_text=_("From 0 to 1; empty for no floor."),
    )
    share_of_best = forms.IntegerField(
        label=LABELS["share_of_best"],
        min_value=1,
        max_value=100,
        required=False,
        help_text=_("In per cent; whoever would get less stays without a partner."),
    )
    objective = forms.ChoiceField(label=LABELS["objective"], choices=list(OBJECTIVES.items()))
    depth = forms.TypedChoiceField(
        label=LABELS["depth"],
        choices=DEPTH_CHOICES,
        coerce=int,
        help_text=_("Counts where the least served come first."),
    )
    one_each_first = forms.BooleanField(label=LABELS["one_each_first"], required=False)

    @classmethod
    def for_settings(cls, settings: dict[str, Any]) -> "SettingsForm":
        """Return the form filled with the settings of a draft."""
        settings = whole(settings)
        share = settings["share_of_best"]
        rules = settings["rules"]
        levels = rules["reporting_line_levels"]
        switches = ("minimum_grade_gap", "different_team", "same_panel", "common_language")
        return cls(
            initial={
                **settings["weights"],
                **{name: rules[name] for name in switches},
                "reporting_line": "any" if levels is None else str(levels),
                "share_of_best": None if share is None else round(100 * share),
                **{name: settings[name] for name in _AS_THEY_ARE},
            }
        )

    @property
    def sliders(self) -> list:
        """Return the fields of the weights."""
        return [self[name] for name in WEIGHTS]

    @property
    def switches(self) -> list:
        """Return the fields of the rules that are on or off."""
        return [self[name] for name in ("different_team", "common_language", "same_panel")]

    def clean(self):
        """Refuse weights that would leave nothing, or too much of what was told in private."""
        cleaned = super().clean()
        weights = {name: cleaned.get(name) for name in WEIGHTS}
        if None in weights.values():
            return cleaned
        if not sum(weights.values()):
            raise ValidationError(_("Something has to count: give at least one weight."))
        if as_percents(weights)["private"] > MOST_PRIVATE_PERCENT:
            message = _(
                "At most %(most)s %% of the fit may rest on private answers; give the others more."
            ) % {"most": MOST_PRIVATE_PERCENT}
            self.add_error("private", message)
        return cleaned

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings as a draft keeps them."""
        data = self.cleaned_data
        levels, share = data["reporting_line"], data["share_of_best"]
        return {
            "weights": as_percents({name: data[name] for name in WEIGHTS}),
            "rules": {
                "reporting_line_levels": None if levels == "any" else int(levels),
                "different_team": data["different_team"],
                "minimum_grade_gap": data["minimum_grade_gap"],
                "same_panel": data["same_panel"],
                "common_language": data["common_language"],
            },
            **{name: data[name] for name in _AS_THEY_ARE},
            "floor": None if data["floor"] is None else float(data["floor"]),
            "share_of_best": None if share is None else share / 100,
        }
