"""What would place more people: each change in words, and the settings of a draft that tries it.

A help is what a draft's result keeps of the engine's: {"rule", "setting", "more_pairs"}, where the
setting is what the rule would have to be.
"""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contraflow.core.figures import figure
from contraflow.pairing.draft_settings import percent_in_words, whole
from contraflow.pairing.models import Draft

if TYPE_CHECKING:
    from contraflow.pairing.solving import Ground, Pairing

RULE_WORDS = {
    "reporting_line": gettext_lazy("never in one reporting line"),
    "reporting_line_levels": gettext_lazy("never in one reporting line"),
    "different_team": gettext_lazy("different teams"),
    "minimum_grade_gap": gettext_lazy("the grades apart"),
    "same_panel": gettext_lazy("not on each other's panel"),
    "common_language": gettext_lazy("a language in common"),
    "floor": gettext_lazy("nobody below the floor"),
    "share_of_best": gettext_lazy("nobody below a share of their own best"),
    "forbidden": gettext_lazy("the pairs you keep apart"),
}
# so many mentors or leaders with one more place: theirs to decide, so no setting of a draft
_PLACES = {"mentor_places", "mentee_places"}
_AIMS = {"floor", "share_of_best"}
# what a rule is when it is off; every other one is a switch
_OFF = {"minimum_grade_gap": None, "reporting_line_levels": 0} | dict.fromkeys(_AIMS, 0)


def helps_of(draft: Draft) -> list[dict[str, Any]]:
    """Return what would place more people, in words, with the key that tries it if one can."""
    known = [each for each in map(_named, draft.result.get("helps", [])) if _is_known(each)]
    helps = [
        {
            "words": in_words(each, draft.settings),
            "key": "" if each["rule"] in _PLACES else key_of(each),
            "is_of_people": each["rule"] in _PLACES,
        }
        for each in known
    ]
    if words := _places_in_words(draft.result):
        is_short = draft.result["mentee_places"] > draft.result["mentor_places"]
        helps.append({"words": words, "key": "", "is_of_people": is_short})
    return helps


def help_named(draft: Draft, key: str) -> dict[str, Any] | None:
    """Return the help of a draft that a button named, if it is still there."""
    helps = [each for each in map(_named, draft.result.get("helps", [])) if _is_known(each)]
    return next((e for e in helps if e["rule"] not in _PLACES and key_of(e) == key), None)


def key_of(each: dict[str, Any]) -> str:
    """Return a name of a help that stays the same however often the draft is solved.

    >>> key_of({"rule": "minimum_grade_gap", "setting": 1, "more_pairs": 4})
    'minimum_grade_gap:1'
    """
    return f"{each['rule']}:{each['setting']}"


def settings_with(settings: dict[str, Any], each: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a draft with the one change of a help."""
    rule, setting = each["rule"], each["setting"]
    if rule in _AIMS:
        return whole(settings) | {rule: setting or None}
    if rule == "forbidden":
        return whole(settings)
    return whole(settings) | {"rules": settings["rules"] | {rule: setting}}


def in_words(each: dict[str, Any], settings: dict[str, Any]) -> str:
    """Say what would have to change, and how many more pairs there would be."""
    words = {"change": _change_in_words(each, whole(settings)), "count": figure(each["more_pairs"])}
    return (
        ngettext(
            "%(change)s: %(count)s more pair.",
            "%(change)s: %(count)s more pairs.",
            each["more_pairs"],
        )
        % words
    )


def _change_in_words(each: dict[str, Any], settings: dict[str, Any]) -> str:
    rule, setting = each["rule"], each["setting"]
    if rule in _PLACES:
        return _one_more_place(rule, setting)
    if rule in _OFF and setting not in (None, _OFF[rule]):
        now = settings[rule] if rule in _AIMS else settings["rules"][rule]
        return _milder(rule)(setting, now)
    return _("Without the rule “%(rule)s”") % {"rule": RULE_WORDS[rule]}


def _milder(rule: str):
    """Return what says in words that a rule asks for less than it does now."""
    return {
        "minimum_grade_gap": lambda less, now: (
            _("With grades at least %(less)s apart, instead of %(now)s")
            % {"less": less, "now": now}
        ),
        "reporting_line_levels": lambda less, now: (
            _(
                "If the rule “never in one reporting line” reaches %(less)s up or down, instead of "
                "%(now)s"
            )
            % {"less": _levels(less), "now": _levels(now)}
        ),
        "floor": lambda less, now: (
            _("With a floor of %(less)s, instead of %(now)s")
            % {"less": f"{less:.2f}", "now": f"{now:.2f}"}
        ),
        "share_of_best": lambda less, now: (
            _("If %(less)s of one's own best are enough, instead of %(now)s")
            % {"less": percent_in_words(less), "now": percent_in_words(now)}
        ),
    }[rule]


def _levels(levels: int | None) -> str:
    if levels is None:
        return _("any distance")
    return ngettext("%(count)s level", "%(count)s levels", levels) % {"count": figure(levels)}


def _one_more_place(rule: str, people: int) -> str:
    words = (
        ngettext(
            "If %(count)s mentor took one more leader",
            "If %(count)s mentors took one more leader each",
            people,
        )
        if rule == "mentor_places"
        else ngettext(
            "If %(count)s leader took one more mentor",
            "If %(count)s leaders took one more mentor each",
            people,
        )
    )
    return words % {"count": figure(people)}


def _places_in_words(result: dict[str, Any]) -> str:
    """Say which side has more places than the other, and what that means."""
    short = result.get("mentee_places", 0) - result.get("mentor_places", 0)
    if short > 0:
        words = ngettext(
            "%(count)s more mentor, or a mentor who takes a second leader, is needed.",
            "%(count)s more mentors, or mentors who take a second leader, are needed.",
            short,
        )
    elif short < 0:
        words = ngettext(
            "There is %(count)s more place with mentors than with leaders: whoever is left "
            "stands ready as a reserve.",
            "There are %(count)s more places with mentors than with leaders: whoever is left "
            "stands ready as a reserve.",
            -short,
        )
    else:
        return ""
    return words % {"count": figure(abs(short))}


def _named(each: dict[str, Any]) -> dict[str, Any]:
    """Return a help of a draft of any age: earlier ones only told that a rule were off."""
    rule = {"reporting_line": "reporting_line_levels"}.get(each["rule"], each["rule"])
    is_switch = rule not in _OFF and rule != "forbidden"
    off = False if is_switch else _OFF.get(rule)
    return {"setting": off, **each, "rule": rule}


def _is_known(each: dict[str, Any]) -> bool:
    return each["rule"] in RULE_WORDS or each["rule"] in _PLACES


def left_over(ground: "Ground", pairing: "Pairing") -> dict[str, Any]:
    """Return who has no partner, which public rules are in the way, and what would help."""
    diagnosis, problem, alone = pairing.diagnosis, ground.problem, []
    for each in diagnosis.unplaced:
        people = problem.mentors if each.side == "mentor" else problem.mentees
        rules = sorted(each.blocked, key=lambda rule: (-each.blocked[rule], rule))
        alone.append(
            {
                "enrolment": ground.profiles.enrolments[people[each.place].id],
                "side": each.side,
                "nobody_possible": each.nobody_possible,
                "rules": [rule for rule in rules if rule != "same_person"],
            }
        )
    return {
        "alone": alone,
        "mentor_places": diagnosis.mentor_places,
        "mentee_places": diagnosis.mentee_places,
        "helps": [vars(each) for each in diagnosis.helps],
    }
