"""What a lead may turn: weights, rules, floor and order of aims, as a draft keeps them.

A draft's settings are one JSON object:

    {"weights": {"skills": 45, "interests": 20, "logistics": 15, "distance": 10, "private": 10},
     "rules": {"reporting_line_levels": 2, "different_team": true, "minimum_grade_gap": 2,
               "same_panel": true, "common_language": true},
     "floor": null, "share_of_best": null,
     "objective": "least_served", "depth": 1, "one_each_first": false}

Weights are percents and sum to 100. `reporting_line_levels` null means at any distance, 0 off;
`minimum_grade_gap` null means off. `floor` is a fit and `share_of_best` a share, both from 0 to 1,
null for none. `depth` is how many of the lowest fits are lifted; it counts only where the least
served come first. Vetoes and closed topics always hold. What a draft made before a setting was
there does not name stands as in `NOT_NAMED`; read settings with `whole`.
"""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from contraflow import content

WEIGHTS = {
    "skills": _("Skills"),
    "interests": _("Interests"),
    "logistics": _("Logistics"),
    "distance": _("Distance"),
    "private": _("Private"),
}
RULES = {
    "reporting_line_levels": _("Never in one reporting line"),
    "different_team": _("Different teams"),
    "minimum_grade_gap": _("Grades apart, at least"),
    "same_panel": _("Not on each other's pay or promotion panel"),
    "common_language": _("A language in common"),
}
# the rules that two who are a pair can come to break, and what is said of it then
CONFLICTS = {
    "reporting_line": _("One of them now stands in the other's reporting line."),
    "different_team": _("They are in one team now."),
    "same_panel": _("One of them now sits on the other's pay or promotion panel."),
}
OBJECTIVES = {
    "least_served": _("Least served first"),
    "total": _("Largest total"),
}
# the aims of drafts made before these settings were there
NOT_NAMED = {"share_of_best": None, "depth": 1, "one_each_first": False}
# the settings that say what is aimed at, each set of them with a name: what a lead may choose from
_FAIREST = {"objective": "least_served", **NOT_NAMED}
OPTIONS: dict[str, tuple[Any, dict[str, Any]]] = {
    "total": (_("Largest total alone"), _FAIREST | {"objective": "total"}),
    "least_served": (_("Least served first"), _FAIREST),
    "depth_3": (_("Lift the 3 lowest fits"), _FAIREST | {"depth": 3}),
    # no break between a figure and its sign
    "share_70": (
        _("Everybody at least 70\u00a0% of their own best"), _FAIREST | {"share_of_best": 0.7},
    ),
    "share_80": (
        _("Everybody at least 80\u00a0% of their own best"), _FAIREST | {"share_of_best": 0.8},
    ),
    "one_each_first": (
        _("One partner each before anybody has two"), _FAIREST | {"one_each_first": True},
    ),
}  # fmt: skip
# More would let the figures of a pair say how two people answered in private.
MOST_PRIVATE_PERCENT = 20


def default_settings() -> dict[str, Any]:
    """Return the settings of content/defaults.yaml, as a draft keeps them."""
    defaults = content.read("defaults")["defaults"]["pairing"]
    weights = dict(defaults["weights"])
    weights["private"] = weights.pop("personality")
    hard = defaults["hard_rules"]
    return {
        "weights": as_percents({name: weights[name] for name in WEIGHTS}),
        "rules": {
            "reporting_line_levels": _number_in("no_reporting_line_up_to_", hard) or 0,
            "different_team": "different_team" in hard,
            "minimum_grade_gap": _number_in("minimum_grade_gap_", hard),
            "same_panel": "mentor_not_in_leaders_promotion_or_pay_panel" in hard,
            "common_language": "a_language_in_common" in hard,
        },
        "floor": None,
        "objective": "least_served",
        **NOT_NAMED,
    }


def whole(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a draft of any age with every setting named."""
    return {**NOT_NAMED, **settings}


def option_of(settings: dict[str, Any]) -> str | None:
    """Return the name of the option whose aims these settings have, None if they have others."""
    ours = {name: whole(settings)[name] for name in _FAIREST}
    return next((name for name, (_label, aims) in OPTIONS.items() if aims == ours), None)


def wish_bonus(private_percent: int) -> float:
    """Return the hundredths of a full fit that a first wish adds, in step with its weight."""
    defaults = content.read("defaults")["defaults"]["pairing"]
    return defaults["wish_bonus_per_side"] * private_percent / defaults["weights"]["personality"]


def as_percents(weights: dict[str, int]) -> dict[str, int]:
    """Return whole percents in the proportions of `weights` that sum to 100.

    The largest remainders are rounded up, so no share is off by a whole percent.
    """
    total = sum(weights.values())
    shares = {name: 100 * value / total for name, value in weights.items()}
    percents = {name: int(share) for name, share in shares.items()}
    by_remainder = sorted(shares, key=lambda name: percents[name] - shares[name])
    for name in by_remainder[: 100 - sum(percents.values())]:
        percents[name] += 1
    return percents


def differences(settings: dict[str, Any], other: dict[str, Any]) -> list[tuple[Any, Any, Any]]:
    """Return (label, value, other value) for each setting that differs."""
    ours, theirs = in_words(settings), in_words(other)
    return [(label, ours[label], theirs[label]) for label in ours if ours[label] != theirs[label]]


def in_words(settings: dict[str, Any]) -> dict[Any, Any]:
    """Return every setting by its label, its value in words."""
    settings = whole(settings)
    words = {
        label: _("%(percent)s %%") % {"percent": settings["weights"][name]}
        for name, label in WEIGHTS.items()
    }
    levels = settings["rules"]["reporting_line_levels"]
    words[RULES["reporting_line_levels"]] = dict(REPORTING_LINE_CHOICES)[_as_choice(levels)]
    gap = settings["rules"]["minimum_grade_gap"]
    words[RULES["minimum_grade_gap"]] = _("any") if gap is None else gap
    for name in ("different_team", "same_panel", "common_language"):
        words[RULES[name]] = _("on") if settings["rules"][name] else _("off")
    floor = settings["floor"]
    words[LABELS["floor"]] = _("no floor") if floor is None else f"{floor:.2f}"
    share = settings["share_of_best"]
    words[LABELS["share_of_best"]] = _("any") if share is None else percent_in_words(share)
    words[LABELS["objective"]] = OBJECTIVES[settings["objective"]]
    words[LABELS["depth"]] = dict(DEPTH_CHOICES).get(settings["depth"], settings["depth"])
    words[LABELS["one_each_first"]] = _("on") if settings["one_each_first"] else _("off")
    return words


def percent_in_words(share: float) -> str:
    """Return a share from 0 to 1 as whole percents."""
    return _("%(percent)s %%") % {"percent": round(100 * share)}


LABELS = {
    "floor": _("Nobody below a fit of"),
    "share_of_best": _("Share of their own best, at least"),
    "objective": _("Order of aims"),
    "depth": _("Lift the lowest"),
    "one_each_first": _("One partner each before anybody has two"),
}
DEPTH_CHOICES = [
    (1, _("least served alone")),
    (2, _("2 lowest fits")),
    (3, _("3 lowest fits")),
    (5, _("5 lowest fits")),
    (10, _("10 lowest fits")),
]
REPORTING_LINE_CHOICES = [
    ("0", _("off")),
    ("1", _("1 level up or down")),
    ("2", _("2 levels up or down")),
    ("3", _("3 levels up or down")),
    ("any", _("at any distance")),
]


def _as_choice(levels: int | None) -> str:
    return "any" if levels is None else str(levels)


def _number_in(start: str, rules: list[str]) -> int | None:
    """Return the number in the rule whose name begins so, None where it is not listed."""
    found = next((rule for rule in rules if rule.startswith(start)), None)
    return int(re.search(r"\d+", found)[0]) if found else None
