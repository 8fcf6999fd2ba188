"""A draft taken out of the house: all of it, nothing private, and who took it is remembered."""

import csv
import io
import json
from types import SimpleNamespace

import pytest
from django.urls import reverse

from contraflow.cli import main
from contraflow.core.models import AuditEntry
from contraflow.pairing import reports
from contraflow.pairing.actions import find_partners, forbid_pair, lock_pair, rematch
from contraflow.pairing.draft_settings import default_settings
from contraflow.pairing.models import Draft
from contraflow.pairs.actions import end_pair
from tests.pairing.makers import (
    make_many,
    make_running_cohort,
    make_small_cohort,
    pair_of,
    run_waiting,
    seal,
    solved,
)
from tests.pairing.test_views import text_of

# a room's quick tests take seconds: these run with the whole suite
pytestmark = pytest.mark.slow


@pytest.fixture
def small(cast):
    """A cohort of five that waits to be paired."""
    cast.small, cast.people = make_small_cohort(cast.programme)
    return cast


@pytest.fixture
def lead(sign_in):
    """The lead's browser."""
    return sign_in("chi")


def url(draft, kind=""):
    if kind:
        return reverse("pairing:report-file", args=[draft.code, kind])
    return reverse("pairing:report", args=[draft.code])


def table(answer):
    return list(csv.reader(io.StringIO(answer.getvalue().decode().removeprefix("\ufeff"))))


def test_a_report_holds_figures_proof_pairs_reasons_and_who_has_no_partner(lead, small):
    draft = solved(small.small, small.chi)

    page = text_of(SimpleNamespace(content=lead.get(url(draft)).getvalue()))

    assert "Report on draft 1 2 leaders, 3 mentors" in page
    assert "No pairing under these rules makes more pairs than these 2." in page
    assert "A separate checker, which shares no code with the search, has checked it." in page
    assert "How many pairs fit how well, draft 1" in page
    assert "Grades apart, at least 2" in page
    assert "Mentors for whom no place with a leader is left: Zoe Adler" in page
    assert (
        "Priya Raman Gerald Whitfield 0.79 Gerald wants to learn Generative AI; Priya can teach "
        "that. 8 hours of the week suit both. Skills 0.45 · Interests 0.10 · Logistics 0.14 · "
        "Distance 0.05 · Private 0.05" in page
    )
    assert "Try as a draft" not in page


def test_the_pairs_as_a_table_are_safe_to_open_and_their_parts_sum_to_the_fit(lead, small):
    small.people["priya"].person.name = "=HYPERLINK(1)"
    small.people["priya"].person.save()
    seal(small.people["priya"], wishes=[small.people["gerald"].code])
    draft = solved(small.small, small.chi)
    lock_pair(draft, small.people["priya"], small.people["gerald"], by=small.chi)

    answer = lead.get(url(draft, "csv"))

    head, *rows = table(answer)
    assert answer["Content-Disposition"] == 'attachment; filename="draft-1-pairs.csv"'
    assert head == [
        "Mentor", "Leader", "Fit", "Skills", "Interests", "Logistics", "Distance", "Private",
        "Topics", "Interests", "Languages", "Hours of the week that suit both", "Kept together",
        "Stays",
    ]  # fmt: skip
    assert [row[0] for row in rows] == ["'=HYPERLINK(1)", "Ines Moreau"]
    assert rows[0][8:] == ["Generative AI", "", "en", "8", "yes", ""]
    for row in rows:
        assert round(sum(map(float, row[3:8])), 2) == float(row[2])


@pytest.mark.parametrize("kind", ["", "csv"])
def test_who_took_a_report_is_remembered(lead, small, kind):
    draft = solved(small.small, small.chi)

    lead.get(url(draft, kind)).getvalue()

    entry = AuditEntry.objects.get(event="ReportTaken")
    assert entry.by_id == small.chi.pk
    assert entry.facts == {
        "draft_id": draft.pk, "cohort_id": small.small.pk, "kind": kind or "html",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["", "csv", "json"])
def test_a_draft_that_is_not_solved_has_no_report(lead, small, kind):
    draft = solved(small.small, small.chi)
    forbid_pair(draft, small.people["priya"], small.people["gerald"], by=small.chi)

    answer = lead.get(url(draft, kind))

    assert answer.status_code == 409
    assert AuditEntry.objects.filter(event="ReportTaken").count() == 0


def test_anybody_can_check_the_proof_of_a_draft_and_learns_no_name(lead, small, tmp_path, capsys):
    seal(small.people["priya"], wishes=[small.people["gerald"].code])
    draft = solved(small.small, small.chi)
    lock_pair(draft, small.people["priya"], small.people["karen"], by=small.chi)
    run_waiting()

    answer = lead.get(url(draft, "json"))

    assert answer["Content-Disposition"] == 'attachment; filename="draft-1-proof.json"'
    path = tmp_path / "proof.json"
    path.write_bytes(answer.content)
    assert main(["verify", str(path)]) == 0
    assert "right." in capsys.readouterr().out
    proof = json.loads(answer.content)
    assert len(proof["pairs"]) == Draft.objects.get().result["pairs"] == 2
    for word in ("Priya", "priya", "Generative", small.people["priya"].code):
        assert word not in answer.content.decode()


def test_a_draft_of_people_who_have_changed_has_no_proof_any_more(lead, small):
    draft = solved(small.small, small.chi)
    small.small.enrolments.filter(pk=small.people["priya"].pk).update(state="withdrawn")

    answer = lead.get(url(draft, "json"), follow=True)

    assert answer.redirect_chain == [(url(draft, ""), 302)]
    page = "".join(part.decode() for part in answer.streaming_content)
    assert "have changed since this draft was made" in page


def test_there_is_no_report_of_another_kind(lead, small):
    assert lead.get(url(solved(small.small, small.chi), "docx")).status_code == 404


@pytest.mark.parametrize("count", [2, pytest.param(120, marks=pytest.mark.slow)])
def test_a_report_takes_as_many_queries_for_few_pairs_as_for_many(
    lead, cast, django_assert_num_queries, count
):
    draft = solved(make_many(cast.programme, count, count), cast.chi)

    for kind, queries in (("", 13), ("csv", 8)):
        with django_assert_num_queries(queries):
            content = lead.get(url(draft, kind)).getvalue().decode()

        assert content.count("Mentor 0") == count


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {},
            [
                "No pairing under these rules makes more pairs than these 2.",
                "Of all that make as many, none serves the least served pair better: 0.74.",
                "Of those, none has a larger total of all fits: 1.56.",
            ],
        ),
        (
            {"objective": "total", "depth": 3},
            [
                "No pairing under these rules makes more pairs than these 2.",
                "Of those, none has a larger total of all fits: 1.56.",
            ],
        ),
        (
            {"depth": 3, "one_each_first": True},
            [
                "No pairing under these rules makes more pairs than these 2.",
                "Nobody has a second partner while somebody who could have one has none.",
                "Of all that make as many, none serves the least served pair better: 0.74.",
                "Of those, none lifts the 3 lowest fits further, the lowest first.",
                "Of those, none has a larger total of all fits: 1.56.",
            ],
        ),
    ],
)
def test_the_proof_is_said_aim_after_aim(settings, said):
    result = {"pairs": 2, "least": 0.74, "total": 1.56, "status": "optimal", "verified": True}

    draft = Draft(settings=default_settings() | settings, result=result)

    assert reports.proof_in_words(draft) == said


def test_what_is_not_proven_is_not_called_so():
    bounded = {"pairs": 2, "least": 0.7, "total": 1.5, "status": "bounded", "gap": 0.004}

    assert reports.proof_in_words(Draft(settings=default_settings(), result=bounded)) == [
        "At most 0.4 % of the total could still be gained."
    ]
    nobody = Draft(settings=default_settings(), result={"pairs": 0})
    assert reports.proof_in_words(nobody) == ["The rules leave nobody a partner."]


@pytest.mark.parametrize("kind", ["repair", "rematch"])
def test_a_draft_for_a_cohort_that_runs_has_its_report_and_its_proof(lead, cast, tmp_path, kind):
    cohort, people = make_running_cohort(cast.programme, cast.chi)
    end_pair(pair_of(cohort, "priya"), by=cast.chi)
    draft = find_partners(cohort, by=cast.chi)
    if kind == "rematch":
        draft = rematch(draft, by=cast.chi, inertia=2)
    run_waiting()
    draft.refresh_from_db()

    page = text_of(SimpleNamespace(content=lead.get(url(draft)).getvalue()))
    _head, *rows = table(lead.get(url(draft, "csv")))
    path = tmp_path / "proof.json"
    path.write_bytes(lead.get(url(draft, "json")).content)

    assert "Around the pairs that stay as many as possible get a partner" in page
    assert {(row[0], row[1], row[-1]) for row in rows} == {
        ("Zoe Adler", "Gerald Whitfield", ""), ("Ines Moreau", "Karen Olsen", "yes"),
    }  # fmt: skip
    assert main(["verify", str(path)]) == 0
