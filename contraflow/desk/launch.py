"""The launch checklist of content/launch_gate_and_messages.yaml, for one cohort.

What the product knows is computed; what only people know is ticked by them. `KEYS` names the
lines of the file in their order.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contraflow.content.schema import load_launch
from contraflow.core.figures import figure
from contraflow.desk.models import LaunchOverride, LaunchTick
from contraflow.pairs.followups import has_contact_for_everybody
from contraflow.programmes.models import Cohort, Enrolment, Side, Steward
from contraflow.programmes.rules import gate

KEYS = ("sponsor", "objective", "conditions", "policy", "concerns", "assessment", "size")
# under so few pairs nothing can be said in figures (content/defaults.yaml, k)
ENOUGH_PAIRS = 5


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the checklist: its words, what is known, who ticked it."""

    key: str
    text: str
    # (in words, whether it is so)
    facts: list[tuple[str, bool]]
    tick: LaunchTick | None
    # a fact that settles the line, so that nobody needs to tick it
    is_settled: bool = False
    # what holds nothing up, and would better be otherwise
    gap: str = ""

    @property
    def is_met(self) -> bool:
        """Tell whether nothing of the line is missing."""
        if self.key == "size":
            return self.is_settled or self.tick is not None
        return self.tick is not None and all(met for _words, met in self.facts)


def lines_of(cohort: Cohort) -> list[Line]:
    """Return the checklist of a cohort as it stands now."""
    ticks = {tick.line: tick for tick in cohort.launch_ticks.select_related("by")}
    facts, gaps = _facts(cohort), {"concerns": _contact_gap(cohort)}
    return [
        Line(
            key=key,
            text=text,
            facts=facts.get(key, []),
            tick=ticks.get(key),
            is_settled=key == "size" and facts["size"][0][1],
            gap=gaps.get(key, ""),
        )
        for key, text in zip(KEYS, load_launch().launch_gate, strict=True)
    ]


def _facts(cohort: Cohort) -> dict[str, list[tuple[str, bool]]]:
    stewards = list(cohort.programme.stewards.values_list("person_id", "kind"))
    sponsors = [person for person, kind in stewards if kind == Steward.Kind.SPONSOR]
    contacts = sum(kind == Steward.Kind.TRUSTED_CONTACT for _person, kind in stewards)
    places = cohort.enrolments.enrolled().values_list("person_id", "side")
    sides = {side: {person for person, on in places if on == side} for side in Side.values}
    learners = sides[Side.MENTEE] | set(
        cohort.enrolments.filter(
            side=Side.MENTEE, state__in=Enrolment.PRESENT, person__in=sponsors
        ).values_list("person_id", flat=True)
    )
    possible = min(len(people) for people in sides.values())
    primary = cohort.programme.objectives.filter(is_primary=True).exists()
    return {
        "sponsor": [
            (_("The programme has a sponsor"), bool(sponsors)),
            (
                _("The sponsor takes part in this cohort as a leader"),
                bool(learners & set(sponsors)),
            ),
        ],
        "objective": [(_("One objective is marked as the primary outcome"), primary)],
        "concerns": [(_("Two trusted contacts are named"), contacts >= 2)],
        "size": [
            (
                ngettext(
                    "Room for %(n)s pair with who is enrolled",
                    "Room for %(n)s pairs with who is enrolled",
                    possible,
                )
                % {"n": figure(possible)},
                possible >= ENOUGH_PAIRS,
            )
        ],
    }  # fmt: skip


def _contact_gap(cohort: Cohort) -> str:
    """Say that some would have nobody to answer to after their pair, and not who they are."""
    if has_contact_for_everybody(cohort):
        return ""
    return _(
        "For some who take part, no trusted contact stands outside their reporting line and runs "
        "no part of the programme. Name another: mentors are asked some time after their pair has "
        "ended whether all is well, and their answer goes to such a contact alone."
    )


def override_of(cohort: Cohort) -> LaunchOverride | None:
    """Return who launches all the same, and why; None where nobody does."""
    return LaunchOverride.objects.filter(cohort=cohort).select_related("by").first()


@gate
def why_not_launch(cohort: Cohort, verb: str) -> str | None:
    """Say what the checklist still misses before the pairs are published, or None."""
    if verb != "start_running" or LaunchOverride.objects.filter(cohort=cohort).exists():
        return None
    missing = sum(not line.is_met for line in lines_of(cohort))
    if not missing:
        return None
    words = ngettext(
        "%(n)s line of the launch checklist is open. Tick it, or launch all the same with a "
        "reason.",
        "%(n)s lines of the launch checklist are open. Tick them, or launch all the same with a "
        "reason.",
        missing,
    )
    return words % {"n": figure(missing)}
