"""Charts as SVG made on the server: no script, no style attribute, and the same figures as a table.

Widths are percentages of the place a chart gets, so text keeps its size on a phone; colours are
classes of charts.css, so dark mode, print and high contrast work. Labels are escaped here.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from contraflow.core.figures import figure

NOTHING = mark_safe("")
# so far beyond its target goes the scale of an objective that has no end of its own
PAST_TARGET = 1.1
# more upright bars than this have no room for their figures on a phone
FEW_BARS = 16


class Part(NamedTuple):
    """One part of a score; a private one is drawn unlike the others."""

    label: str
    value: float
    is_private: bool = False


class Bar(NamedTuple):
    """One bar with its label; `hue` is "mentor", "leader" or "soft"."""

    label: str
    value: float
    hue: str = "mentor"


def _fit(number: float) -> str:
    """Write a fit or a part of one: always two digits, so that 0.10 and 0.11 compare at a look."""
    return number_format(Decimal(f"{number:.2f}"), decimal_pos=2, use_l10n=True)


def _percent(value: float, of: float) -> str:
    """Return a length as SVG wants it, kept between nothing and the whole."""
    share = 100 * value / of if of else 0
    return f"{min(100.0, max(0.0, share)):.4g}%"


def _svg(title: str, describes: str, height: int, inside: SafeString, kind: str = "") -> SafeString:
    return format_html(
        '<svg role="img" width="100%" height="{}"{}><title>{}</title><desc>{}</desc>{}</svg>',
        height,
        format_html(' class="{}"', kind) if kind else NOTHING,
        title,
        describes,
        inside,
    )


def _label_row(label: str, words: str) -> SafeString:
    return format_html(
        '<span class="label-row"><span>{}</span><span>{}</span></span>', label, words
    )


def _ends(labels: Sequence[str]) -> SafeString:
    """Name the first and the last of a row of marks; all of them stand in the table."""
    if len(labels) < 2:
        return NOTHING
    return format_html(
        '<div class="ends small soft" aria-hidden="true"><span>{}</span><span>{}</span></div>',
        labels[0],
        labels[-1],
    )


def _join(template: str, rows: Iterable[tuple]) -> SafeString:
    return format_html_join("", template, rows)


def _table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, is_hidden: bool = False
) -> SafeString:
    """Return the chart's figures as a table that opens on request.

    A hidden one is for screen readers only, where all its figures are printed already.
    """
    body = _join(
        "<tr>{}</tr>",
        (
            (
                format_html(
                    '<th scope="row">{}</th>{}',
                    row[0],
                    _join("<td>{}</td>", zip(row[1:], strict=True)),
                ),
            )
            for row in rows
        ),
    )
    table = format_html(
        '<table><caption class="visually-hidden">{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
        caption,
        _join('<th scope="col">{}</th>', zip(head, strict=True)),
        body,
    )
    if is_hidden:
        return format_html('<div class="visually-hidden">{}</div>', table)
    return format_html(
        '<details class="chart-table small"><summary>{}</summary><div>{}</div></details>',
        _("Show as a table"),
        table,
    )


def _chart(*inside: SafeString, kind: str = "") -> SafeString:
    return format_html(
        '<figure class="chart{}">{}</figure>',
        f" {kind}" if kind else "",
        _join("{}", zip(inside, strict=True)),
    )


def bars(
    title: str, rows: Sequence[Bar], *, unit: str = "", out_of: float | None = None
) -> SafeString:
    """Draw one bar under each label; `out_of` is the full length, by default the largest value."""
    full = out_of or max((row.value for row in rows), default=0) or 1
    lines = []
    for row in rows:
        words = f"{figure(row.value)}{unit}"
        bar = _svg(
            row.label,
            words,
            8,
            format_html(
                '<rect class="track" width="100%" height="8"/>'
                '<rect class="fill-{}" width="{}" height="8"/>',
                row.hue,
                _percent(row.value, full),
            ),
        )
        lines.append((row.label, words, bar))
    return _chart(
        format_html(
            '<ul class="bar-list">{}</ul>',
            _join(
                "<li>{}{}</li>", ((_label_row(label, words), bar) for label, words, bar in lines)
            ),
        ),
        _table(title, [_("What"), _("Value")], [line[:2] for line in lines]),
    )


def _laid_parts(parts: Sequence[Part], total: float, height: int) -> SafeString:
    """Lay parts end to end: public ones solid in turn, private ones hatched by a broken stroke."""
    drawn, at, shade = [], 0.0, 0
    for part in parts:
        start, width = _percent(at, total), _percent(part.value, total)
        at += part.value
        if part.is_private:
            drawn.append(
                format_html(
                    '<line class="part-private" x1="{}" x2="{}" y1="{}" y2="{}"'
                    ' stroke-width="{}"/>',
                    start,
                    _percent(at, total),
                    height / 2,
                    height / 2,
                    height,
                )
            )
        else:
            shade = min(shade + 1, 5)
            drawn.append(
                format_html(
                    '<rect class="part-{}" x="{}" width="{}" height="{}"/>',
                    shade,
                    start,
                    width,
                    height,
                )
            )
    return _join("{}", zip(drawn, strict=True))


def _parts_in_words(parts: Sequence[Part]) -> str:
    return ", ".join(f"{part.label} {_fit(part.value)}" for part in parts)


def parts_bar(parts: Sequence[Part], *, total: float = 1) -> SafeString:
    """Draw the parts of a score without legend, for a row of a table; its name says them all."""
    title = _("Fit %(score)s of %(total)s") % {
        "score": _fit(sum(part.value for part in parts)),
        "total": figure(total),
    }
    inside = _laid_parts(parts, total, 10)
    drawn = _svg(title, _parts_in_words(parts), 10, inside, kind="compact")
    return format_html('<span class="chart parts">{}</span>', drawn)


def _swatches(parts: Iterable[Part]) -> list[SafeString]:
    """Draw a small square for each part, as it looks in a bar."""
    drawn, shade = [], 0
    for part in parts:
        shade = shade if part.is_private else min(shade + 1, 5)
        mark = (
            mark_safe('<line class="part-private" x2="14" y1="7" y2="7" stroke-width="14"/>')
            if part.is_private
            else format_html('<rect class="part-{}" width="14" height="14"/>', shade)
        )
        drawn.append(format_html('<svg width="14" height="14" aria-hidden="true">{}</svg>', mark))
    return drawn


def parts_legend(parts: Sequence[Part]) -> SafeString:
    """Name the parts that bars in a table are made of, once for all of them."""
    named = zip(_swatches(parts), (part.label for part in parts), strict=True)
    return format_html(
        '<ul class="legend small soft" role="list">{}</ul>', _join("<li>{}{}</li>", named)
    )


def parts(title: str, parts: Sequence[Part], *, total: float = 1) -> SafeString:
    """Draw the parts of a score with a legend that names them."""
    named = [
        (mark, part.label, _fit(part.value))
        for mark, part in zip(_swatches(parts), parts, strict=True)
    ]
    legend = _join("<li>{}{} <b>{}</b></li>", named)
    return _chart(
        _svg(title, _parts_in_words(parts), 14, _laid_parts(parts, total, 14)),
        format_html('<ul class="legend small">{}</ul>', legend),
        _table(
            title,
            [_("Part"), _("Value")],
            [(part.label, _fit(part.value)) for part in parts],
        ),
        kind="parts",
    )


def funnel(title: str, steps: Sequence[Bar]) -> SafeString:
    """Draw how many of the first step reach each later one."""
    first = steps[0].value if steps else 0
    shown, rows, before = [], [], None
    for step in steps:
        share = _("%(percent)s of %(label)s") % {
            "percent": f"{figure(100 * step.value / first, 0) if first else 0} %",
            "label": steps[0].label,
        }
        bar = _svg(
            step.label,
            share,
            4,
            format_html(
                '<rect class="track" width="100%" height="4"/>'
                '<rect class="fill-{}" width="{}" height="4"/>',
                step.hue,
                _percent(step.value, first),
            ),
        )
        lost = None if before is None else before - step.value
        shown.append((figure(step.value, 0), step.label, bar))
        rows.append((step.label, figure(step.value, 0), figure(lost, 0)))
        before = step.value
    return _chart(
        format_html(
            '<ol class="funnel">{}</ol>',
            _join(
                '<li><span class="value">{}</span><span class="label soft">{}</span>{}</li>', shown
            ),
        ),
        _table(title, [_("Step"), _("Number"), _("Fewer than the step before")], rows),
    )


def heat_map(
    title: str,
    rows: Sequence[tuple[str, Sequence[int | None]]],
    columns: Sequence[str],
    *,
    describes: str = "",
) -> SafeString:
    """Draw one square for each row and column, the darker the more; None is not there yet."""
    most = max((value or 0 for _label, values in rows for value in values), default=0)
    step = 100 / max(len(columns), 1)
    squares = []
    for line, (label, values) in enumerate(rows):
        for place, (column, value) in enumerate(zip(columns, values, strict=True)):
            shade = "none" if value is None else -(-5 * value // most) if most else 0
            squares.append(
                (
                    shade,
                    f"{place * step:.4g}%",
                    line * 26,
                    f"{step * 0.84:.4g}%",
                    label,
                    column,
                    figure(value),
                )
            )
    drawn = _svg(
        title,
        describes or _("The darker a square, the more; every figure is in the table below."),
        26 * len(rows),
        _join(
            '<rect class="heat-{}" x="{}" y="{}" width="{}" height="22" rx="4">'
            "<title>{}, {}: {}</title></rect>",
            squares,
        ),
    )
    names = _join("<span>{}</span>", ((label,) for label, _values in rows))
    return _chart(
        format_html(
            '<div class="heat"><div class="heat-labels small soft" aria-hidden="true">{}</div>'
            "{}{}</div>",
            names,
            drawn,
            _ends(columns),
        ),
        _table(
            title,
            [_("What"), *columns],
            [(label, *[figure(value) for value in values]) for label, values in rows],
        ),
    )


def progress_to_target(
    title: str,
    *,
    now: float | None,
    target: float,
    baseline: float | None = None,
    lowest: float = 0,
    highest: float | None = None,
    unit: str = "",
    due: str = "",
    lower_is_better: bool = False,
) -> SafeString:
    """Draw where an objective stands between `lowest` and `highest`, by default past the target.

    A line marks the target and a notch the baseline; None now is "not yet measured". `due` is
    the day the target is for, already written.
    """

    def say(number: float | None) -> str:
        return "" if number is None else f"{figure(number)}{unit}"

    words = _("not yet measured") if now is None else say(now)
    if now is not None and highest is not None and not unit:
        words = _("%(now)s of %(highest)s") % {"now": say(now), "highest": say(highest)}
    about = _("target %(target)s") if baseline is None else _("from %(from)s, target %(target)s")
    aim = _("at most %(number)s") if lower_is_better else "%(number)s"
    about %= {"from": say(baseline), "target": aim % {"number": say(target)}}
    if due:
        about = _("%(about)s by %(day)s") % {"about": about, "day": due}
    # a target at the very end would look like the end of the scale
    farthest = max(PAST_TARGET * target, now or 0, baseline or 0) if highest is None else highest
    full = farthest - lowest
    inside = [mark_safe('<rect class="track" width="100%" height="8"/>')]
    marks = [("mark", target)]
    if now is not None:
        reached = _percent(now - lowest, full)
        inside.append(format_html('<rect class="fill-mentor" width="{}" height="8"/>', reached))
        marks += [] if baseline in {None, lowest} else [("mark baseline", baseline)]
    inside += [
        format_html(
            '<line class="{0}" x1="{1}" x2="{1}" y2="8"/>', kind, _percent(at - lowest, full)
        )
        for kind, at in marks
    ]
    rows = [
        (name, say(number) or _("none"))
        for name, number in [(_("Baseline"), baseline), (_("Now"), now), (_("Target"), target)]
    ]
    return _chart(
        _label_row(title, words),
        _svg(title, f"{words}, {about}", 8, _join("{}", zip(inside, strict=True))),
        format_html('<span class="ends small soft">{}</span>', about),
        _table(title, [_("What"), _("Value")], rows, is_hidden=True),
        kind="objective",
    )


def rhythm(
    title: str, values: Sequence[tuple[str, float | None]], *, unit: str = "", hue: str = "mentor"
) -> SafeString:
    """Draw small upright bars in a row, one for each week say; None leaves a gap."""
    most = max((value or 0 for _label, value in values), default=0) or 1
    step = 100 / max(len(values), 1)
    labels = [label for label, _value in values]
    drawn = []
    for place, (label, value) in enumerate(values):
        if value is None:
            continue
        height = round(56 * value / most, 1)
        drawn.append(
            (
                hue,
                f"{place * step:.4g}%",
                56 - height,
                f"{step * 0.74:.4g}%",
                height,
                label,
                f"{figure(value)}{unit}",
            )
        )
    return _chart(
        _svg(
            title,
            _("One bar for each; every figure is in the table below."),
            56,
            _join(
                '<rect class="fill-{}" x="{}" y="{}" width="{}" height="{}" rx="3">'
                "<title>{}: {}</title></rect>",
                drawn,
            ),
        ),
        format_html(
            '<div class="bar-values small soft{}" aria-hidden="true">{}</div>',
            "" if len(values) <= FEW_BARS else " many",
            _join("<span>{}</span>", [(figure(value),) for _label, value in values]),
        ),
        _ends(labels),
        _table(
            title,
            [_("When"), _("Value")],
            [
                (label, "–" if value is None else f"{figure(value)}{unit}")
                for label, value in values
            ],
        ),
    )


def histogram(
    title: str,
    bins: Sequence[tuple[str, int]],
    ticks: Sequence[str],
    *,
    most: int | None = None,
    hue: str = "mentor",
) -> SafeString:
    """Draw how many lie in each step of a scale, the steps side by side without gaps.

    `ticks` are written under it at even distances, the first at its left end and the last at its
    right end. `most` is the count that fills the height; give two charts the same to compare them.
    """
    full = most or max((count for _label, count in bins), default=0) or 1
    step = 100 / max(len(bins), 1)
    drawn = [
        (
            hue,
            f"{place * step:.4g}%",
            72 - height,
            f"{step * 0.94:.4g}%",
            height,
            label,
            figure(count),
        )
        for place, (label, count) in enumerate(bins)
        # what is there at all is seen, be it one of thousands
        if (height := round(max(72 * count / full, 2 if count else 0), 1))
    ]
    return _chart(
        _svg(
            title,
            _("One bar for each step; every figure is in the table below."),
            73,
            format_html(
                "{}{}",
                _join(
                    '<rect class="fill-{}" x="{}" y="{}" width="{}" height="{}">'
                    "<title>{}: {}</title></rect>",
                    drawn,
                ),
                mark_safe('<rect class="track" width="100%" height="1" y="72"/>')
                if bins
                else NOTHING,
            ),
        ),
        format_html(
            '<div class="ends small soft" aria-hidden="true">{}</div>',
            _join("<span>{}</span>", zip(ticks, strict=True)),
        ),
        _table(
            title, [_("From – to"), _("Number")], [(label, figure(n)) for label, n in bins if n]
        ),
    )
