"""What the pages of matching read, in a number of queries that does not grow with the cohort."""

from collections import Counter, defaultdict
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.core import charts
from contraflow.core.charts import Part
from contraflow.core.figures import figure
from contraflow.pairing import standing
from contraflow.pairing.draft_settings import OPTIONS, WEIGHTS, differences, option_of
from contraflow.pairing.figures import as_fit, as_parts
from contraflow.pairing.helps import RULE_WORDS, helps_of
from contraflow.pairing.models import Draft, Proposal, Wanted
from contraflow.pairs.models import Pair, Session
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Enrolment, Side

PER_PAGE = 50
# so many leaders are offered to choose from
CHOICES = 20
# so many names are listed before the rest is counted
NAMED = 12
# pairings that stand beside the options for comparison
NOT_CHOSEN = {
    "by_hand": gettext_lazy("By hand: the best two first, and so on"),
    "deferred": gettext_lazy("Deferred acceptance: nobody can swap"),
}
OPTION_LABELS = {
    **{name: label for name, (label, _aims) in OPTIONS.items()},
    **NOT_CHOSEN,
    "as_set": gettext_lazy("As this draft is set"),
}


def readiness(cohort: Cohort) -> dict[str, Any]:
    """Tell how many of each side can be paired, and who has not finished the profile."""
    enrolled = cohort.enrolments.enrolled().filter(person__left_on__isnull=True)
    ready = enrolled.filter(profile__finished_at__isnull=False)
    missing = enrolled.filter(profile__finished_at__isnull=True).order_by("person__name", "pk")
    names = missing.values("code", "side", "person__name")
    return {
        "mentors": ready.on_side(Side.MENTOR).count(),
        "mentees": ready.on_side(Side.MENTEE).count(),
        "missing": list(names[:NAMED]),
        "missing_more": max(0, missing.count() - NAMED),
    }


def proposal_page(
    draft: Draft, person: Person, *, search: str, least_first: bool, page: str
) -> Page:
    """Return one page of a draft's proposals as rows of a table."""
    found = Proposal.objects.visible_to(person).filter(draft=draft)
    if words := search.strip():
        found = found.filter(
            Q(mentor__person__name__icontains=words) | Q(mentee__person__name__icontains=words)
        )
    found = found.order_by("fit", "pk") if least_first else found.order_by("stays", "-fit", "pk")
    shown = Paginator(found.values(*_OF_A_ROW), PER_PAGE).get_page(page)
    shown.object_list = [_row(values) for values in shown.object_list]
    return shown


def proposals_of(draft: Draft, person: Person, mentor: str, mentee: str) -> list[dict[str, Any]]:
    """Return the rows of the table in which either of two people stands, by their codes."""
    found = Proposal.objects.visible_to(person).filter(draft=draft)
    of_either = found.filter(Q(mentor__code=mentor) | Q(mentee__code=mentee))
    return [_row(values) for values in of_either.values(*_OF_A_ROW)]


_SIDES = ("mentor", "mentee")
_OF_A_ROW = (
    *WEIGHTS, "fit", "common", "locked", "stays",
    *(
        f"{side}__{name}"
        for side in _SIDES
        for name in ("code", "person__name", "person__job_title", "person__department__name")
    ),
)  # fmt: skip


def _row(values: dict[str, Any]) -> dict[str, Any]:
    row = {
        "parts": parts_of(values),
        "fit": as_fit(values["fit"]),
        "ground": common_ground_in_words(values["common"]),
        "locked": values["locked"],
        "stays": values["stays"],
    }
    for side in _SIDES:
        work = (values[f"{side}__person__job_title"], values[f"{side}__person__department__name"])
        row |= {
            side: values[f"{side}__person__name"],
            f"{side}_code": values[f"{side}__code"],
            f"{side}_work": work_in_words(*work),
        }
    return row


def work_in_words(*work: str | None) -> str:
    """Return what somebody does and where; a line breaks after the point, not before it."""
    return "\u00a0· ".join(each for each in work if each)


def parts_legend() -> SafeString:
    """Name the parts of a fit as the bars show them."""
    return charts.parts_legend(parts_of(dict.fromkeys(WEIGHTS, 0)))


def parts_of(values: dict[str, int]) -> list[Part]:
    """Return the parts of a fit as a chart takes them, from 0 to 1, the private one marked."""
    parts = as_parts({name: values[name] for name in WEIGHTS})
    return [
        Part(str(label), parts[name], is_private=name == "private")
        for name, label in WEIGHTS.items()
    ]


def common_ground_in_words(common: dict, most: int = 3) -> str:
    """Return what two people share in a few words: topics, else interests."""
    return ", ".join((common.get("topics") or common.get("interests") or [])[:most])


def decisions(draft: Draft, person: Person) -> list[dict]:
    """Return what the lead decided in a draft."""
    rows = Wanted.objects.visible_to(person).filter(draft=draft).order_by("pk")
    return list(
        rows.values(
            "kind", "mentor__code", "mentor__person__name", "mentee__code", "mentee__person__name"
        )
    )


def left_over(draft: Draft, person: Person) -> dict[str, Any]:
    """Return who has no partner, grouped by the reason in words, and what would help."""
    alone = draft.result.get("alone", [])
    seen = Enrolment.objects.visible_to(person).filter(pk__in=[e["enrolment"] for e in alone])
    rows = {row["pk"]: row for row in seen.values("pk", "code", "person__name")}
    groups: dict[tuple[str, str], list[dict]] = {}
    for each in alone:  # leaders come first
        if row := rows.get(each["enrolment"]):
            groups.setdefault((each["side"], _why_alone(each)), []).append(row)
    return {
        "count": len(rows),
        "groups": [
            {
                "side": side,
                "reason": reason,
                "people": sorted(people, key=lambda each: each["person__name"])[:PER_PAGE],
                "more": max(0, len(people) - PER_PAGE),
            }
            for (side, reason), people in groups.items()
        ],
        "helps": helps_of(draft),
    }


def _why_alone(each: dict[str, Any]) -> str:
    """Say what is in the way; without counts, since what is missing in them would be private."""
    is_mentor = each["side"] == Side.MENTOR
    if not each["nobody_possible"]:
        return (
            _("Mentors for whom no place with a leader is left:")
            if is_mentor
            else _("Leaders for whom no mentor's place is left:")
        )
    rules = [str(RULE_WORDS[rule]) for rule in each["rules"] if rule in RULE_WORDS][:2]
    if not rules:
        return (
            _("Mentors who are not possible with any leader:")
            if is_mentor
            else _("Leaders who are not possible with any mentor:")
        )
    words = (
        _("Mentors who are not possible with any leader, most often because of: %(rules)s.")
        if is_mentor
        else _("Leaders who are not possible with any mentor, most often because of: %(rules)s.")
    )
    return words % {"rules": get_text_list(rules, _("and"))}


def why_sentences(proposal: Proposal) -> list[str]:
    """Say in words why two people fit, from what a lead may know of them."""
    mentor, mentee = proposal.mentor.person, proposal.mentee.person
    names = dict(zip(("mentor", "leader"), names_of(mentor, mentee), strict=True))
    common = proposal.common
    said = []
    if topics := common.get("topics"):
        said.append(
            _("%(leader)s wants to learn %(topics)s; %(mentor)s can teach that.")
            % {**names, "topics": _listed(topics)}
        )
    if interests := common.get("interests"):
        said.append(_("Both are interested in %(things)s.") % {"things": _listed(interests)})
    if hours := common.get("hours"):
        said.append(_("%(count)s hours of the week suit both.") % {"count": figure(hours)})
    ours, theirs = mentor.department, mentee.department
    if ours and theirs and ours.pk != theirs.pk:
        said.append(
            _("They see different parts of the organisation: %(one)s and %(other)s.")
            % {"one": ours.name, "other": theirs.name}
        )
    return said


def names_of(one: Person, other: Person) -> tuple[str, str]:
    """Return what to call two people, their full names where the short ones are the same."""
    short = one.get_short_name(), other.get_short_name()
    return short if short[0] != short[1] else (one.name, other.name)


def _listed(things: list[str], most: int = 4) -> str:
    return get_text_list([str(thing) for thing in things[:most]], _("and"))


# fits are counted in steps of so many hundredths, from 0 to 1
_STEP = 5


def distribution(draft: Draft, person: Person) -> list[tuple[str, int]]:
    """Count the fits of a draft, as they are shown, in even steps from 0 to 1."""
    fits = Proposal.objects.visible_to(person).filter(draft=draft).order_by().values_list("fit")
    last = 100 // _STEP - 1
    counts = Counter(min(int(100 * as_fit(fit) + 0.5) // _STEP, last) for (fit,) in fits)
    edges = [f"{hundredths / 100:.2f}" for hundredths in range(0, 101, _STEP)]
    return [(f"{edges[at]} – {edges[at + 1]}", counts[at]) for at in range(last + 1)]


def distributions(drafts: list[Draft], person: Person) -> list[SafeString]:
    """Draw how the fits of drafts are distributed, all on the same scale."""
    counted = [distribution(draft, person) for draft in drafts]
    most = max((count for bins in counted for _label, count in bins), default=0)
    ticks = [f"{quarter / 4:.2f}" for quarter in range(5)]
    return [
        charts.histogram(
            _("How many pairs fit how well, draft %(number)s") % {"number": draft.number},
            bins, ticks, most=most,
        )
        for draft, bins in zip(drafts, counted, strict=True)
    ]  # fmt: skip


def options_of(draft: Draft) -> dict[str, Any]:
    """Return what other aims would give a draft's people, each with its price, or what is missing.

    `rows` is empty while a job computes them, and where nobody has asked for them yet.
    """
    found = draft.result.get("options", {})
    rows = found.get("rows", [])
    job = None if rows else draft.pricing_job
    most = next((row["total"] for row in rows if row["name"] == "total"), 0)
    own = option_of(draft.settings) or "as_set"
    for row in rows:
        row["label"] = OPTION_LABELS[row["name"]]
        row["is_own"] = row["name"] == own
        row["can_be_chosen"] = row["name"] in OPTIONS and not row["is_own"]
        row["is_compared"] = row["name"] in NOT_CHOSEN
        # what a total is short of the largest; a pairing of more people may have a larger one
        row["loses"] = max(0.0, 100 * (most - row["total"]) / most) if most else 0.0
    return {
        "rows": rows,
        "own": next((row for row in rows if row["is_own"]), None),
        "total": next((row for row in rows if row["name"] == "total"), None),
        "are_several": any(row["pairs"] > min(row["mentors"], row["mentees"]) for row in rows),
        "job": job,
    }


def comparison(one: Draft, other: Draft, person: Person, *, page: str = "") -> dict[str, Any]:
    """Compare two drafts: figures, settings that differ, distribution, and who changes partner."""
    pairs = [_pairs_of(draft, person) for draft in (one, other)]
    return {
        "one": one,
        "other": other,
        "chosen": [("one", one), ("other", other)],
        "settings": differences(one.settings, other.settings),
        "distributions": distributions([one, other], person),
        "same_pairs": len(pairs[0] & pairs[1]),
        "changed_pairs": len(pairs[0] - pairs[1]),
        "changes": _changes(pairs, person, page=page),
    }


def _pairs_of(draft: Draft, person: Person) -> set[tuple[int, int]]:
    seen = Proposal.objects.visible_to(person).filter(draft=draft).order_by()
    return set(seen.values_list("mentor_id", "mentee_id"))


def _changes(pairs: list[set[tuple[int, int]]], person: Person, *, page: str) -> Page:
    """Return one page of leaders whose mentors differ, with those of either draft by name."""
    differ = pairs[0] ^ pairs[1]
    leaders = Enrolment.objects.visible_to(person).filter(pk__in={mentee for _m, mentee in differ})
    ordered = leaders.order_by("person__name", "pk").values_list("pk", flat=True)
    shown = Paginator(ordered, PER_PAGE).get_page(page)
    on_page = set(shown.object_list)
    mentors = [defaultdict(list), defaultdict(list)]
    for side, found in enumerate(pairs):
        for mentor, mentee in found:
            if mentee in on_page:
                mentors[side][mentee].append(mentor)
    wanted = on_page.union(*(each for side in mentors for each in side.values()))
    people = Enrolment.objects.visible_to(person).filter(pk__in=wanted)
    names = dict(people.values_list("pk", "person__name"))
    shown.object_list = [
        {
            "leader": names[leader],
            "one": sorted(names[each] for each in mentors[0][leader] if each in names),
            "other": sorted(names[each] for each in mentors[1][leader] if each in names),
        }
        for leader in shown.object_list
    ]
    return shown


# -- a cohort that runs ---------------------------------------------------------------------------


def without_partner(cohort: Cohort, person: Person) -> dict[str, Any] | None:
    """Return who of a running cohort has no partner and why, and who stands ready; else None."""
    if cohort.state != Cohort.State.RUNNING:
        return None
    seen = standing.without_partner(cohort).visible_to(person).order_by("person__name", "pk")
    rows = list(
        seen.values("code", "side", "state", "person", "person__name", "profile__finished_at")
    )
    if not rows:
        return None
    whys = _why_without(cohort, person, rows[:NAMED])
    bench = standing.on_bench(cohort).visible_to(person).order_by("person__name", "pk")
    names = list(bench.values("code", "person__name"))
    return {
        "people": [row | {"why": whys[row["person"]]} for row in rows[:NAMED]],
        "more": max(0, len(rows) - NAMED),
        "looking": sorted(row["person"] for row in rows),
        "bench": names[:NAMED],
        "bench_more": max(0, len(names) - NAMED),
        "with_free_place": len(standing.with_free_place(cohort)),
    }


def _why_without(cohort: Cohort, person: Person, rows: list[dict]) -> dict[int, str]:
    """Say of each what became of the last pair, or where they wait."""
    people = [row["person"] for row in rows]
    theirs = Q(mentor__in=people) | Q(mentee__in=people)
    last: dict[int, Pair] = {}
    for pair in Pair.objects.visible_to(person).filter(theirs, cohort=cohort).order_by("pk"):
        last |= {pair.mentor_id: pair, pair.mentee_id: pair}
    return {row["person"]: _why_one_is_without(row, last.get(row["person"])) for row in rows}


def _why_one_is_without(row: dict, pair: Pair | None) -> str:
    if pair is None:
        waits = row["state"] == Enrolment.State.WAITING
        return _("on the waiting list") if waits else _("was in no pair yet")
    partner = pair.partner_of(Person(pk=row["person"]))
    if pair.state == Pair.State.ENDED:
        words = {"name": partner.name, "day": date_format(pair.ended_on, "j F")}
        return _("the pair with %(name)s ended on %(day)s") % words
    return _("%(name)s has left the organisation") % {"name": partner.name}


def ending_pairs(draft: Draft, person: Person) -> list[dict[str, Any]]:
    """Return the pairs that would end with a draft, and what would become of the two."""
    ends = {each["pair"]: each for each in draft.result.get("ends", [])}
    if not ends:
        return []
    held = Count("sessions", filter=Q(sessions__state=Session.State.HELD))
    pairs = Pair.objects.visible_to(person).filter(pk__in=ends).annotate(held=held)
    partners = _partners_in(draft, person)
    rows = []
    for pair in pairs:
        end = ends[pair.pk]
        rows.append(
            {
                "code": pair.code,
                "mentor": pair.mentor.name,
                "mentee": pair.mentee.name,
                "held": pair.held,
                "why": end["why"],
                "fit": None if end["fit"] is None else as_fit(end["fit"]),
                "then": [
                    {"name": each.name, "partners": partners.get(each.pk, [])}
                    for each in (pair.mentor, pair.mentee)
                    if each.is_active
                ],
            }
        )
    return sorted(rows, key=lambda row: (row["why"] == "left", -row["held"], row["mentor"]))


def _partners_in(draft: Draft, person: Person) -> dict[int, list[dict[str, Any]]]:
    """Return for each person whom a draft gives them, with the fit."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = Proposal.objects.visible_to(person).filter(draft=draft).values_list(
        "mentor__person", "mentor__person__name", "mentee__person", "mentee__person__name", "fit"
    )  # fmt: skip
    for mentor, mentors_name, mentee, mentees_name, fit in rows:
        found[mentor].append({"name": mentees_name, "fit": as_fit(fit)})
        found[mentee].append({"name": mentors_name, "fit": as_fit(fit)})
    return found


def both_ways(draft: Draft) -> list[dict[str, Any]]:
    """Compare a re-match with what a repair alone would have given: (what, repair, re-match)."""
    if "repair" not in draft.result:
        return []
    result, alone = draft.result, draft.result["repair"]
    changed = sum(each["why"] != "left" for each in result["ends"])
    return [
        {"label": _("Pairs"), "repair": alone["pairs"], "rematch": result["pairs"]},
        {"label": _("Pairs that change"), "repair": 0, "rematch": changed},
        *(
            {"label": label, "repair": f"{alone[name]:.2f}", "rematch": f"{result[name]:.2f}"}
            for name, label in (
                ("average", _("Average fit")),
                ("least", _("Least served person")),
                ("total", _("Total")),
            )
            if alone[name] is not None and result[name] is not None
        ),
    ]
