"""The pages that gather from all rooms: today, a cohort's overview, the sponsor's page."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contraflow.core import charts
from contraflow.core.access import access
from contraflow.core.navigation import region, regions
from contraflow.core.pages import page
from contraflow.core.reads import note_read
from contraflow.core.templatetags.contraflow import SMALLEST_COUNT, band
from contraflow.desk.queries import advise
from contraflow.home import queries
from contraflow.home import search as finding
from contraflow.home.next_steps import next_steps, setting_up_cards
from contraflow.home.reads import looks_at
from contraflow.home.today import cards_for
from contraflow.pairs.health import pairs_in_need
from contraflow.pairs.models import Pair
from contraflow.programmes.models import Cohort, Programme

# so many pairs are shown at once; the rest is a link away
SHOWN = 5


@access(to="home.view_today")
@require_safe
def today(request):
    """Show what to do now, and the programmes the person runs or answers for."""
    now = timezone.now()
    on = timezone.localtime(now).date()
    cards = sorted(
        cards_for(request.user, now=now) + setting_up_cards(request.user),
        key=lambda card: card.urgency,
    )
    led = list(queries.cohorts_led_by(request.user))
    steps = next_steps(led, today=on)
    return page(
        request,
        "home/today.html",
        today=on,
        first=cards[0] if cards else None,
        heading=_("Hello %(name)s") % {"name": request.user.get_short_name()},
        others=cards[1:],
        led=[(cohort, _step_of(request, cohort, steps)) for cohort in led],
        sponsored=Programme.objects.visible_to(request.user).filter(
            stewards__person=request.user, stewards__kind="sponsor"
        ),
        open_cohorts=queries.cohorts_open_to(request.user),
    )


@access(to="home.search")
@require_safe
def search(request):
    """Find anything the person may open, by its name."""
    text = request.GET.get("q", "").strip()[: finding.LONGEST]
    groups = finding.search(request.user, text)
    if any(group.names_others for group in groups):
        note_read(request, "people")
    return page(request, "home/search.html", part="found", q=text, groups=groups)


@access(to="home.view_looks")
@require_safe
def looks(request):
    """Show people who looked at their data, and when."""
    lists = "lists" in request.GET
    return page(
        request,
        "home/looks.html",
        lists=lists,
        looks=looks_at(request.user, lists=lists, number=request.GET.get("page")),
    )


@region("people.person")
def _who_looked(request, person):
    """Lead from one's own page to who looked at it."""
    return ("home/looks_link.html", {}) if person.pk == request.user.pk else None


@access(Cohort, to="home.view_overview")
@require_safe
def overview(request, cohort):
    """Show the lead how the cohort does and which pairs need help."""
    note_read(request, f"cohort:{cohort.pk}")
    now = timezone.now()
    counted = queries.funnel(cohort, now=now)
    # another lead looks after a pair that one is in oneself
    own = set(Pair.objects.of(request.user).filter(cohort=cohort).values_list("pk", flat=True))
    needy = [pair for pair in pairs_in_need(cohort, now=now) if pair.pk not in own]
    steps = {} if counted.paired else next_steps([cohort], today=timezone.localtime(now).date())
    return page(
        request,
        "home/overview.html",
        cohort=cohort,
        programme=cohort.programme,
        week=_week_in_words(cohort, now),
        has_pairs=counted.paired > 0,
        step=_step_of(request, cohort, steps),
        funnel=_funnel_chart(counted),
        objectives=_objective_charts(queries.objectives(cohort.programme, [cohort], now=now)),
        needy=[(pair, advise(pair.health.band, pair.health.signals)) for pair in needy[:SHOWN]],
        n_needy=len(needy),
        n_active=cohort.pairs.active().count(),
        heat_map=_heat_map(cohort, now),
    )


@access(Programme, to="home.view_sponsor_page")
@require_safe
def sponsor(request, programme):
    """Show the sponsor one page of counts; small counts stay bands."""
    now = timezone.now()
    seen = programme.cohorts.visible_to(request.user)
    cohorts = [
        _sponsor_section(cohort, now)
        for cohort in queries.by_course(seen, today=timezone.localtime(now).date())
    ]
    # a share of few pairs is about these few, and so is what is missing in a share of all
    countable = [each["cohort"] for each in cohorts if not each.get("is_small")]
    return page(
        request,
        "home/sponsor.html",
        programme=programme,
        today=timezone.localtime(now).date(),
        cohorts=cohorts,
        objectives=_objective_charts(queries.objectives(programme, countable, now=now)),
    )


def _step_of(request, cohort, steps):
    """Return what brings a cohort on, None while something is at work on it."""
    return None if regions("cohort.busy", request, cohort) else steps.get(cohort.pk)


def _week_in_words(cohort, now):
    week = cohort.week_of(timezone.localtime(now).date())
    if week < 1:
        return _("starts on %(day)s") % {"day": date_format(cohort.starts_on, "j F Y")}
    if week > cohort.length_weeks:
        return _("over")
    return _("week %(week)s of %(weeks)s") % {"week": week, "weeks": cohort.length_weeks}


def _funnel_chart(counted):
    return charts.funnel(
        _("From invitation to rhythm"),
        [
            charts.Bar(_("Invited"), counted.invited, "leader"),
            charts.Bar(_("Enrolled"), counted.enrolled, "leader"),
            charts.Bar(_("Paired"), counted.paired, "leader"),
            charts.Bar(_("Have met"), counted.met, "mentor"),
            charts.Bar(_("In rhythm"), counted.in_rhythm, "mentor"),
        ],
    )


def _objective_charts(rows):
    return [
        charts.progress_to_target(
            row["objective"].statement,
            now=_rounded(row),
            target=float(row["objective"].target),
            baseline=_number(row["objective"].baseline),
            highest=100 if row["objective"].unit == "percent" else None,
            unit=" %" if row["objective"].unit == "percent" else "",
            due=date_format(row["objective"].due_on, "j F Y"),
            lower_is_better=row["objective"].lower_is_better,
        )
        for row in rows
    ]


def _rounded(row):
    """Round a share to whole per cents, and a mean of a scale to what its target has."""
    is_share = row["objective"].unit == "percent"
    return row["now"] if row["now"] is None else round(row["now"], 0 if is_share else 2)


def _number(decimal):
    return None if decimal is None else float(decimal)


def _heat_map(cohort, now):
    rows = queries.held_by_theme_and_week(cohort, now=now)
    if not rows:
        return ""
    weeks = [_("week %(week)s") % {"week": number + 1} for number in range(cohort.length_weeks)]
    named = [(theme or _("No shared topic"), values) for theme, values in rows]
    return charts.heat_map(_("Sessions held, by theme and week"), named, weeks)


def _sponsor_section(cohort, now):
    counts = queries.sponsor_counts(cohort, now=now)
    section = {"cohort": cohort, "week": _week_in_words(cohort, now), "counts": counts}
    # under k pairs there is a conversation to be had, not a statistic (practice.md 7.3)
    if counts["started"] < SMALLEST_COUNT:
        return section | {"is_small": True}
    weeks = queries.held_of_due_by_week(cohort, now=now)
    held = [(_("week %(week)s") % {"week": week}, held) for week, held, _due in weeks]
    return section | {
        "meeting": _shown_of(counts["meeting"], counts["started"]),
        "rhythm": charts.rhythm(_("Sessions held, week by week"), held) if counts["held"] else "",
    }


def _shown_of(part, whole):
    """Write a count of pairs so that neither it nor what is missing names anybody."""
    if 0 < whole - part < SMALLEST_COUNT:
        return _("all but a few")
    return band(part)
