"""The report of `contraflow pair`: one HTML page that needs nothing beside it."""

import json
import re
from html import escape
from importlib import resources

from contraflow.cli.paired import RULES, Paired, common_ground, fit
from contraflow.matching import (
    PUBLIC_PARTS,
    SCALE,
    Explanation,
    alternatives,
    price_of,
    report_of,
)

PARTS = (*PUBLIC_PARTS, "private")
LEAST_SHOWN = 5
# Up to this many possible pairs the price of the next best is exact: about 0.2 seconds each.
SOLVED_AGAIN = 400_000
BINS = 10
# Where the page holds its proof.
CERTIFICATE = "certificate"


def report_page(paired: Paired) -> str:
    """Return the whole page."""
    pairs = paired.pairs()
    sections = [
        _figures(paired, pairs),
        _distribution(pairs),
        _pairs(paired, pairs),
        _least_served(paired, pairs),
        _without_partner(paired),
        _rules(paired),
        _proof(paired),
    ]
    title = "Pairing report"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Contraflow</title>
<style>{_style()}</style>
</head>
<body>
<header><svg class="brand" viewBox="0 0 32 32" role="img" aria-label="Contraflow">
<rect width="32" height="32" rx="8"/><path d="M11 24V9m-4 4 4-4 4 4M21 8v15m-4-4 4 4 4-4"/></svg>
<div><h1>{title}</h1>
<p class="soft">{escape(paired.leaders.file)} with {escape(paired.mentors.file)} ·
hours of the week of {paired.week_of.isoformat()}</p></div></header>
<main>
{"".join(sections)}
</main>
<footer class="soft">Made by Contraflow on this machine. Nothing was sent anywhere.</footer>
</body>
</html>
"""


def _style() -> str:
    """Return the tokens that every page of the product has, without its fonts, and our own."""
    core = resources.files("contraflow.core").joinpath("static/core/css/tokens.css")
    tokens = re.sub(r"@font-face\s*\{[^}]*\}", "", core.read_text("utf-8"))
    own = resources.files("contraflow.cli").joinpath("pair_report.css")
    return f"{tokens}\n{own.read_text('utf-8')}"


def certificate(paired: Paired) -> str:
    """Return the proof as JSON, safe inside a page."""
    report = report_of(paired.problem, paired.pairing)
    return json.dumps(report, separators=(",", ":")).replace("<", "\\u003c")


def _figures(paired: Paired, pairs: list[Explanation]) -> str:
    leaders, mentors = paired.placed()
    least = fit(pairs[-1].score) if pairs else "–"
    who = (
        f"{paired.leader_name(pairs[-1].mentee)} with {paired.mentor_name(pairs[-1].mentor)}"
        if pairs
        else "nobody is paired"
    )
    all_leaders, all_mentors = len(paired.leaders.people), len(paired.mentors.people)
    cards = [
        (
            "Pairs",
            str(len(pairs)),
            f"{leaders} of {all_leaders} leaders, {mentors} of {all_mentors} mentors",
        ),
        ("Average fit", f"{paired.average():.2f}" if pairs else "–", "1.00 is a full fit"),
        ("Least served", least, who),
        ("Proof", "Optimal", "checked, see below"),
    ]
    items = "".join(
        f"<div class=card><dt>{name}</dt><dd><strong>{value}</strong>"
        f"<span class=soft>{escape(note)}</span></dd></div>"
        for name, value, note in cards
    )
    return f"<dl class=figures>{items}</dl>"


def _distribution(pairs: list[Explanation]) -> str:
    """Return how the fits are spread, as a picture; the table below has every figure."""
    if not pairs:
        return ""
    counts = [0] * BINS
    for why in pairs:
        counts[min(why.score * BINS // SCALE, BINS - 1)] += 1
    bars = "".join(
        f'<li><span class=bar style="block-size:{100 * count / max(counts):.0f}%"></span>'
        f"<span class=count>{count or ''}</span>"
        f"<span class=soft>{place / BINS:.1f}</span></li>"
        for place, count in enumerate(counts)
    )
    spoken = "; ".join(
        f"{count} from {place / BINS:.1f}" for place, count in enumerate(counts) if count
    )
    return (
        "<section class=card><h2>How well people fit</h2>"
        f'<ol class=bars role=img aria-label="Pairs by fit: {spoken}">{bars}</ol></section>'
    )


def _bar(why: Explanation) -> str:
    widths = [(part, _part(why, part)) for part in PARTS]
    full = max(SCALE, why.score)
    pieces = "".join(
        f'<i class={part} style="inline-size:{100 * points / full:.1f}%"></i>'
        for part, points in widths
    )
    words = ", ".join(f"{part} {fit(points)}" for part, points in widths)
    return f'<span class=parts role=img aria-label="{words}" title="{words}">{pieces}</span>'


def _part(why: Explanation, part: str) -> int:
    return why.private if part == "private" else why.public_parts[part]


def _pairs(paired: Paired, pairs: list[Explanation]) -> str:
    if not pairs:
        return (
            "<section class=card><h2>Pairs</h2><p>No pair is possible. "
            "Below is which rule stands in the way, and what would help.</p></section>"
        )
    legend = "".join(f"<li><i class={part}></i>{part.capitalize()}</li>" for part in PARTS)
    rows = "".join(
        f"<tr><th scope=row class=leader-name>{escape(paired.leader_name(why.mentee))}</th>"
        f"<td class=mentor-name>{escape(paired.mentor_name(why.mentor))}</td>"
        f"<td class=number>{fit(why.score)}</td><td>{_bar(why)}</td>"
        f"<td>{escape(common_ground(why)) or '<span class=soft>–</span>'}</td></tr>"
        for why in pairs
    )
    return (
        f"<section class=card><h2>Pairs</h2><ul class=legend>{legend}</ul>"
        "<div class=scroll><table><thead><tr><th>Leader<th>Mentor<th class=number>Fit<th>By part"
        f"<th>Common ground</tr></thead><tbody>{rows}</tbody></table></div>"
        "</section>"
    )


def _least_served(paired: Paired, pairs: list[Explanation]) -> str:
    """Return the lowest pairs with what else the leader could have had, and its cost."""
    if not pairs:
        return ""
    items = "".join(
        f"<li><b>{escape(paired.leader_name(why.mentee))}</b> with "
        f"<b>{escape(paired.mentor_name(why.mentor))}</b>, {fit(why.score)}. "
        f"<span class=soft>{escape(_next_best(paired, why))}</span></li>"
        for why in reversed(pairs[-LEAST_SHOWN:])
    )
    return f"<section class=card><h2>The least served</h2><ol>{items}</ol></section>"


def _next_best(paired: Paired, why: Explanation) -> str:
    found = alternatives(paired.problem, paired.pairing, mentee=why.mentee, count=1)
    if not found:
        return "Nobody else is possible for this leader."
    other = found[0]
    name = f"Next best for this leader: {paired.mentor_name(other.mentor)}, {fit(other.score)}"
    if len(paired.leaders.people) * len(paired.mentors.people) > SOLVED_AGAIN:
        if other.lowers_least:
            return f"{name}, which would be lower than anybody has now."
        return f"{name}; it would cost all pairs together at least {fit(other.costs_at_least)}."
    # The other mentor takes the place of this one, so this pair is given up for it.
    price = price_of(
        paired.problem,
        paired.pairing,
        force=[(other.mentor, other.mentee)],
        forbid=[(why.mentor, why.mentee)],
    )
    if price.pairs < 0:
        return f"{name}; then the number of pairs would fall by {-price.pairs}."
    if price.least_served < 0:
        least = fit(int(paired.pairing.least_served or 0) + price.least_served)
        return f"{name}; then the least served would have {least}."
    return f"{name}; it would cost all pairs together {fit(-price.total)}."


def _without_partner(paired: Paired) -> str:
    unplaced = paired.unplaced()
    hints = "".join(
        f"<p>{escape(hint)}</p>"
        for hint in (paired.looks_swapped(), paired.second_before_first)
        if hint
    )
    if not unplaced:
        return "<section class=card><h2>Without a partner</h2><p>Nobody.</p></section>"
    people = "".join(
        f"<li><b>{escape(name)}</b>, {side}. <span class=soft>{escape(why)}</span></li>"
        for side, name, why in unplaced
    )
    helps = "".join(f"<li>{escape(each)}</li>" for each in paired.helps())
    would_help = f"<h3>What would help</h3><ul>{helps}</ul>" if helps else ""
    return (
        f"<section class=card><h2>Without a partner</h2>{hints}"
        f"<ul>{people}</ul>{would_help}</section>"
    )


def _rules(paired: Paired) -> str:
    blocked = paired.pairing.diagnosis.blocked
    rows = "".join(
        f"<tr><th scope=row>{escape(RULES[rule].capitalize())}</th>"
        f"<td class=number>{count:,}</td></tr>"
        for rule, count in blocked.items()
        if rule in RULES
    )
    rows += (
        "<tr><th scope=row>Not possible, for a private reason</th>"
        f"<td class=number>{blocked['not_possible']:,}</td></tr>"
    )
    unchecked = "".join(
        f"<li>Pairs {escape(RULES[rule])}: no column to check it by.</li>"
        for rule in paired.unchecked
    )
    not_checked = f"<h3>Not checked</h3><ul>{unchecked}</ul>" if unchecked else ""
    not_checked += "".join(f"<p>{escape(note)}</p>" for note in paired.not_compared())
    weights = ", ".join(
        f"{name.replace('_', ' ')} {value:g}"
        for name, value in vars(paired.problem.weights).items()
    )
    return (
        "<section class=card><h2>Rules that always hold</h2>"
        "<table><thead><tr><th>Never<th class=number>Pairs ruled out</tr></thead>"
        f"<tbody>{rows}</tbody></table>{not_checked}"
        f"<p class=soft>Weights: {escape(weights)}.</p></section>"
    )


def _proof(paired: Paired) -> str:
    pairing = paired.pairing
    return (
        f"<section class=card><h2>The proof</h2><p>{escape(paired.proof())}</p>"
        f"<p class=soft>The pairs total {pairing.score:,} millionths of a full fit. Prices for "
        f"every person, found together with the pairs, show that no total above {pairing.bound:,} "
        "is possible. A checker written apart from the solver added all of it up before this "
        "page was written. The proof is in this file, with numbers for people and nothing of what "
        "they answered; <code>contraflow verify</code> and the name of this file check it again."
        f'</p><script type="application/json" id="{CERTIFICATE}">{certificate(paired)}</script>'
        "</section>"
    )
