"""Health for machines, jobs for who started them, and the gallery for those who build pages."""

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from contraflow.core import charts
from contraflow.core.access import access, public
from contraflow.core.branding import accent_of
from contraflow.core.jobs import cancel_job
from contraflow.core.models import Installation, Job, Logo
from contraflow.core.pages import page

PARTS = [
    charts.Part("Skills", 0.43),
    charts.Part("Interests", 0.17),
    charts.Part("Logistics", 0.14),
    charts.Part("Distance", 0.10),
    charts.Part("Private", 0.09, is_private=True),
]


class SampleForm(forms.Form):
    """One field of each kind that the pages use."""

    title = forms.CharField(
        label=_("What do you want to learn?"), help_text=_("One sentence is enough.")
    )
    email = forms.EmailField(label=_("E-mail"))
    notes = forms.CharField(label=_("Notes"), widget=forms.Textarea(), required=False)
    theme = forms.ChoiceField(label=_("Theme"), choices=[("ai", _("AI")), ("work", _("Work"))])
    starts_on = forms.DateField(
        label=_("Starts on"), widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    file = forms.FileField(label=_("List of people"), required=False)
    weight = forms.IntegerField(
        label=_("Skills"), initial=45, widget=forms.NumberInput(attrs={"type": "range"})
    )
    rule = forms.BooleanField(label=_("Never in the same reporting line"), required=False)
    agreed = forms.BooleanField(label=_("I have read the charter"))
    who_leads = forms.ChoiceField(
        label=_("Who books the sessions?"),
        choices=[("leader", _("The leader")), ("mentor", _("The mentor"))],
        widget=forms.RadioSelect,
    )
    days = forms.MultipleChoiceField(
        label=_("Days that suit you"),
        choices=[("mon", _("Monday")), ("wed", _("Wednesday")), ("fri", _("Friday"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    heard = forms.ChoiceField(
        label=_("I could say what I really thought."),
        choices=[(n, str(n)) for n in range(1, 6)],
        widget=forms.RadioSelect,
    )


def _charts() -> dict:
    """Return one chart of each kind, of figures that show their edge cases."""
    weeks = [str(week) for week in range(1, 25)]
    held = {
        _("Digital"): [4, 3, 6, 4, 3, 6, 10, 8, 8, 4, 7, 5, 3, 3],
        _("Inclusion"): [4, 10, 8, 8, 9, 4, 3, 7, 8, 9, 10, 2, 6, 7],
        _("Markets"): [6, 4, 6, 2, 10, 9, 6, 5, 10, 7, 9, 9, 6, 5],
        _("Work-life"): [8, 7, 3, 5, 9, 2, 0, 8, 5, 7, 8, 7, 11, 5],
    }
    return {
        "heat_map": charts.heat_map(
            _("Sessions held, by theme and week"),
            [(theme, [*counts, *[None] * 10]) for theme, counts in held.items()],
            weeks,
        ),
        "funnel": charts.funnel(
            _("From invitation to rhythm"),
            [
                charts.Bar(_("Enrolled"), 1012, "leader"),
                charts.Bar(_("Matched"), 1000, "leader"),
                charts.Bar(_("Agreed"), 962, "leader"),
                charts.Bar(_("Meeting"), 934),
                charts.Bar(_("On cadence"), 861),
            ],
        ),
        "parts": charts.parts(_("Why Priya and Gerald"), PARTS),
        "bars": charts.bars(
            _("Topics most wished for"),
            [charts.Bar(_("Generative AI"), 212), charts.Bar(_("Dashboards"), 140, "leader")],
        ),
        "objectives": [
            charts.progress_to_target(
                _("Leaders fluent in digital tools"),
                baseline=2.1,
                now=3.1,
                target=3.5,
                lowest=1,
                highest=5,
                due=_("30 June"),
            ),
            charts.progress_to_target(
                _("Decisions citing a mentor insight"), baseline=0, now=11, target=20
            ),
            charts.progress_to_target(
                _("Mentors who feel heard"), now=None, target=75, highest=100, unit=" %"
            ),
        ],
        "histogram": charts.histogram(
            _("How many pairs fit how well"),
            [
                (f"{n / 10:.1f} – {(n + 1) / 10:.1f}", count)
                for n, count in enumerate([0, 0, 0, 1, 14, 96, 210, 150, 28, 1])
            ],
            ["0", "0.25", "0.5", "0.75", "1"],
        ),
        "rhythm": charts.rhythm(
            _("Sessions held as planned"),
            list(zip(weeks[:9], [62, 78, 88, 91, None, 93, 86, 90, 94], strict=True)),
            unit=" %",
        ),
    }


@public("It shows components with invented data, on development and demonstration servers only.")
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in all its states."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    jobs = [
        Job(code="waits", state=Job.State.DONE, total=None, step=_("Reading the file")),
        Job(code="runs", state=Job.State.DONE, done=340, total=1000, step=_("Writing people")),
    ]
    return page(
        request,
        "core/gallery.html",
        form=SampleForm(initial={"theme": "work"}),
        bound=SampleForm({"email": "priya at example"}, auto_id="bound_%s"),
        jobs=jobs,
        tabs=[
            {"label": label, "url": f"#{label}", "current": place == 1}
            for place, label in enumerate([_("Overview"), _("Matching"), _("Pairs"), _("Settings")])
        ],
        people=[
            ("Priya Raman", "Gerald Whitfield", _("Generative AI, data dashboards")),
            ("Ines Moreau", "Karen Olsen", _("Short video, community building")),
            ("Jamal Carter", "Anne-Marie Dufour", _("Inclusive hiring, employee groups")),
        ],
        rows=Paginator(range(95), 20).page(2),
        parts=PARTS,
        charts=_charts(),
    )


@require_safe
@public("A supervisor or load balancer asks; it learns only that the service answers.")
def healthz(request: HttpRequest) -> HttpResponse:
    """Tell whether this process serves and reaches its database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
@public("A load balancer asks; it learns only whether to send people here.")
def readyz(request: HttpRequest) -> HttpResponse:
    """Tell whether the database is of this version, so that pages will work."""
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    if behind:
        return JsonResponse({"status": "run `contraflow migrate`"}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
@access(Job, to="core.see_job")
def job(request: HttpRequest, row: Job) -> HttpResponse:
    """Show how far a job is, and what came of it."""
    return page(request, "core/job.html", part="job", job=row)


@require_POST
@access(Job, to="core.cancel_job")
def job_cancel(request: HttpRequest, row: Job) -> HttpResponse:
    """Ask a job to stop."""
    cancel_job(row)
    return redirect("core:job", code=row.code)


_FOR_A_YEAR = "public, max-age=31536000, immutable"


@require_safe
@public("The organisation's logo stands above every page, the one to sign in too.")
def logo(request: HttpRequest, mark: str) -> HttpResponse:
    """Send the organisation's logo; its address changes with it."""
    picture = Logo.objects.first() if Installation.current().logo_mark == mark else None
    if picture is None:
        raise Http404
    headers = {"Cache-Control": _FOR_A_YEAR, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(bytes(picture.png), content_type="image/png", headers=headers)


@require_safe
@public("The organisation's colour stands above every page, the one to sign in too.")
def accent(request: HttpRequest, colour: str) -> HttpResponse:
    """Send the organisation's colour as a stylesheet, as pages hold none of their own."""
    installation = Installation.current()
    if not installation.accent or installation.accent != f"#{colour}":
        raise Http404
    own = accent_of(installation)
    rule = f".site-header{{border-block-start:4px solid light-dark({own.light},{own.dark})}}"
    return HttpResponse(
        rule, content_type="text/css; charset=utf-8", headers={"Cache-Control": _FOR_A_YEAR}
    )
