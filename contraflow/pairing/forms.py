"""What a lead turns before matching again."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contraflow.content.schema import load_defaults
from contraflow.pairing.draft_settings import (
    MOST_PRIVATE_PERCENT,
    OBJECTIVES,
    REPORTING_LINE_CHOICES,
    RULES,
    WEIGHTS,
    as_percents,
)


def _slider(name: str) -> forms.IntegerField:
    most = MOST_PRIVATE_PERCENT if name == "private" else 100
    return forms.IntegerField(
        label=WEIGHTS[name],
        min_value=0,
        max_value=most,
        widget=forms.NumberInput(attrs={"type": "range", "step": 1}),
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


class SettingsForm(forms.Form):
    """Weights, rules, floor and order of aims; only the proportions of the weights count."""

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
        label=_("Nobody below a fit of"),
        min_value=0,
        max_value=1,
        decimal_places=2,
        required=False,
        widget=forms.NumberInput(attrs={"step": "0.05"}),
        help_text=_("In steps of 0.05; empty for no floor."),
    )
    objective = forms.ChoiceField(label=_("Order of aims"), choices=list(OBJECTIVES.items()))

    @classmethod
    def for_settings(cls, settings: dict[str, Any]) -> "SettingsForm":
        """Return the form filled with the settings of a draft."""
        rules = settings["rules"]
        levels = rules["reporting_line_levels"]
        switches = ("minimum_grade_gap", "different_team", "same_panel", "common_language")
        return cls(
            initial={
                **settings["weights"],
                **{name: rules[name] for name in switches},
                "reporting_line": "any" if levels is None else str(levels),
                "floor": settings["floor"],
                "objective": settings["objective"],
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

    def clean_floor(self):
        """Keep the floor on the grid in which fits are shown."""
        floor = self.cleaned_data["floor"]
        if floor is not None and floor % Decimal("0.05"):
            raise ValidationError(_("Choose a multiple of 0.05, such as 0.55."))
        return floor

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
        levels = data["reporting_line"]
        return {
            "weights": as_percents({name: data[name] for name in WEIGHTS}),
            "rules": {
                "reporting_line_levels": None if levels == "any" else int(levels),
                "different_team": data["different_team"],
                "minimum_grade_gap": data["minimum_grade_gap"],
                "same_panel": data["same_panel"],
                "common_language": data["common_language"],
            },
            "floor": None if data["floor"] is None else float(data["floor"]),
            "objective": data["objective"],
        }
