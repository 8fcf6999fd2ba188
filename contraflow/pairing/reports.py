"""A draft on paper and as a table: every pair with its reasons, read a few at a time."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from contraflow.core.figures import figure
from contraflow.pairing.draft_settings import WEIGHTS, in_words, whole
from contraflow.pairing.figures import as_fit, as_parts
from contraflow.pairing.models import Draft, Proposal
from contraflow.pairing.queries import parts_of, why_sentences
from contraflow.people.models import Person

# so many pairs are held in memory and written at a time
AT_A_TIME = 100
_SHARED = ("topics", "interests", "languages")


def pairs_to_print(draft: Draft, person: Person) -> Iterator[list[dict[str, Any]]]:
    """Yield the pairs of a draft for people to read, the best fit first, some at a time."""
    for some in _some_at_a_time(draft, person):
        yield [
            {
                "mentor": each.mentor.person.name,
                "leader": each.mentee.person.name,
                "fit": as_fit(each.fit),
                "parts": parts_of(_parts(each)),
                "sentences": why_sentences(each),
                "locked": each.locked,
                "stays": each.stays,
            }
            for each in some
        ]


def table_of(draft: Draft, person: Person) -> Iterator[list[Any]]:
    """Yield the pairs of a draft as the rows of a table, the names of its columns first."""
    yield [
        _("Mentor"), _("Leader"), _("Fit"), *WEIGHTS.values(), _("Topics"), _("Interests"),
        _("Languages"), _("Hours of the week that suit both"), _("Kept together"), _("Stays"),
    ]  # fmt: skip
    for some in _some_at_a_time(draft, person):
        for each in some:
            shared = ["; ".join(each.common.get(name, ())) for name in _SHARED]
            parts = as_parts(_parts(each))
            yield [
                each.mentor.person.name, each.mentee.person.name, f"{as_fit(each.fit):.2f}",
                *(f"{parts[name]:.2f}" for name in WEIGHTS), *shared,
                each.common.get("hours", 0),
                *(_("yes") if is_so else "" for is_so in (each.locked, each.stays)),
            ]  # fmt: skip


def _some_at_a_time(draft: Draft, person: Person) -> Iterator[tuple[Proposal, ...]]:
    found = Proposal.objects.visible_to(person).filter(draft=draft).order_by("-fit", "pk")
    people = found.select_related("mentor__person__department", "mentee__person__department")
    rows = people.iterator(chunk_size=AT_A_TIME)
    while some := tuple(islice(rows, AT_A_TIME)):
        yield some


def _parts(proposal: Proposal) -> dict[str, int]:
    return {name: getattr(proposal, name) for name in WEIGHTS}


def proof_in_words(draft: Draft) -> list[str]:
    """Say what has been proven about a draft, aim after aim."""
    result, settings = draft.result, whole(draft.settings)
    if not draft.is_first:
        return [
            _(
                "Around the pairs that stay as many as possible get a partner; no other way serves "
                "the least served better, and of those that serve them as well none has a larger "
                "total."
            )
        ]
    if not result.get("pairs"):
        return [_("The rules leave nobody a partner.")]
    said = [_("No pairing under these rules makes more pairs than these %(count)s.")]
    if settings["one_each_first"]:
        said.append(_("Nobody has a second partner while somebody who could have one has none."))
    if settings["objective"] == "least_served":
        said.append(
            _("Of all that make as many, none serves the least served pair better: %(least)s.")
        )
        if settings["depth"] > 1:
            said.append(
                _("Of those, none lifts the %(depth)s lowest fits further, the lowest first.")
            )
    said.append(_("Of those, none has a larger total of all fits: %(total)s."))
    if not (result.get("status") == "optimal" and result.get("verified")):
        said = [_("At most %(gap)s %% of the total could still be gained.")]
    words = {
        "count": figure(result["pairs"]),
        "least": f"{result['least']:.2f}",
        "depth": settings["depth"],
        "total": f"{result['total']:.2f}",
        "gap": f"{100 * result.get('gap', 0):.1f}",
    }
    return [sentence % words for sentence in said]


def settings_in_words(draft: Draft) -> list[tuple[Any, Any]]:
    """Return every setting of a draft by its label."""
    return list(in_words(draft.settings).items())
