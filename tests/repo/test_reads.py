"""Every page of the product: who is noted for looking at it, and at whom it says they looked."""

import pytest

from contraflow.core.models import AuditEntry
from contraflow.home.reads import PAGES
from tests.repo.test_every_address import addresses, path_of, stage, visitor

pytestmark = pytest.mark.django_db
__all__ = ["stage"]

# what the lead of the programme is noted for, by the name of the page
BY_THE_LEAD = {
    "people:list": "people",
    "people:export": "people",
    "people:person": "person:{ama}",
    "people:edit": "person:{ama}",
    "people:import": "people",
    "people:import-bad-rows": "people",
    "programmes:cohort": "cohort:{enrolling}",
    "programmes:invite": "people",
    "programmes:enrolment": "enrolment:{enrolment}",
    "pairs:list": "cohort:{enrolling}",
    "pairs:pair": "pair:{pair}",
    "pairs:session": "pair:{pair}",
    "pairs:pair-end": "pair:{pair}",
    "training:progress": "cohort:{enrolling}",
    "pairing:cohort": "cohort:{small}",
    "pairing:draft": "cohort:{small}",
    "pairing:pair": "cohort:{small}",
    "pairing:cost": "cohort:{small}",
    "pairing:leaving": "cohort:{small}",
    "pairing:report": "cohort:{small}",
    "pairing:report-file": "cohort:{small}",
    "pairing:swap": "cohort:{small}",
    "desk:hand-over": "roles",
    "desk:desk": "programme:{programme}",
    "desk:pair": "pair:{pair}",
    "desk:write": "pair:{pair}",
    "home:overview": "cohort:{enrolling}",
}
BY_OTHER_LEADS = ["list", "export", "person", "edit", "import", "import-bad-rows"]
NOTED = {
    "chi": BY_THE_LEAD,
    "cleo": {f"people:{name}": BY_THE_LEAD[f"people:{name}"] for name in BY_OTHER_LEADS},
    "root": {f"people:{name}": BY_THE_LEAD[f"people:{name}"] for name in BY_OTHER_LEADS}
    | {"people:role-list": "roles"},
    # the two of a pair, a sponsor, a trusted contact and a stranger see what is theirs
    **dict.fromkeys(["ama", "bela", "sol", "tru", "dov", "nobody"], {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("who", NOTED)
def test_a_look_at_others_is_noted_once_and_names_them(stage, who):
    codes = {
        "ama": stage.ama.pk, "pair": stage.pair.pk, "small": stage.small.pk,
        "programme": stage.programme.pk,
        "enrolling": stage.enrolling.pk,
        "enrolment": stage.enrolling.enrolments.get(person=stage.ama).pk,
    }  # fmt: skip
    client, found = visitor(stage, who), {}
    for name, _pattern in addresses():
        last = AuditEntry.objects.reads().order_by("pk").last()
        answer = client.get(path_of(name, stage))
        if answer.streaming:
            assert b"".join(answer.streaming_content)
        entries = AuditEntry.objects.reads().filter(pk__gt=last.pk if last else 0)
        if entries:
            (entry,) = entries
            assert entry.by_id == getattr(stage, who).pk
            assert entry.facts == {"page": name}
            found[name] = entry.about

    assert found == {name: about.format(**codes) for name, about in NOTED[who].items()}


def test_every_page_that_is_noted_has_words():
    noted = {name for pages in NOTED.values() for name in pages}

    assert noted <= set(PAGES)
    assert set(PAGES) - noted == {
        "home:search", "people:add", "people:role-grant", "people:import-map", "pairing:again",
        "pairing:drafts",
    }  # fmt: skip
    assert set(PAGES) <= {name for name, _pattern in addresses()}
