"""Every address of core x everybody."""

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from contraflow.core.models import Job
from tests.conftest import CAST, each_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(cast):
    """A job that Chi started, half done."""
    return Job.objects.create(
        kind="test.do", by_id=cast.chi.pk, state="running", done=340, total=1000, step="Counting"
    )


def statuses(sign_in, path, method="get"):
    return {name: getattr(sign_in(name), method)(path).status_code for name in CAST}


ONLY_CHI = dict.fromkeys(CAST, 404) | {"nobody": 302}


def test_job_is_seen_by_whoever_started_it_alone(sign_in, job):
    assert statuses(sign_in, f"/jobs/{job.code}/") == ONLY_CHI | {"chi": 200}
    assert "Counting" not in sign_in("cleo").get(f"/jobs/{job.code}/").content.decode()


@pytest.mark.parametrize("name", each_of())
def test_job_is_cancelled_by_whoever_started_it_alone(sign_in, job, name):
    status = sign_in(name).post(f"/jobs/{job.code}/cancel/").status_code

    job.refresh_from_db()
    assert (status, bool(job.cancel_asked_at)) == (
        {"chi": 302, "nobody": 302}.get(name, 404),
        name == "chi",
    )


def test_job_is_not_cancelled_by_a_link(sign_in, job):
    assert sign_in("chi").get(f"/jobs/{job.code}/cancel/").status_code == 405
    job.refresh_from_db()
    assert job.cancel_asked_at is None


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"state": "waiting", "done": 0, "total": None}, "Waiting for a free worker"),
        ({"state": "running"}, "340 of 1,000"),
        ({"state": "done", "step": "All counted"}, "All counted"),
        ({"state": "failed", "error": "The file is empty."}, "The file is empty."),
        ({"state": "cancelled"}, "Nothing was changed."),
    ],
    ids=lambda value: value["state"] if isinstance(value, dict) else "",
)
def test_page_of_a_job_says_how_it_stands_and_asks_again_while_it_runs(sign_in, job, fields, says):
    Job.objects.filter(pk=job.pk).update(**fields)
    under_way = fields["state"] in {"waiting", "running"}

    page = sign_in("chi").get(f"/jobs/{job.code}/").content.decode()
    part = sign_in("chi").get(f"/jobs/{job.code}/", headers={"HX-Request": "true"})

    for text in (page, part.content.decode()):
        assert says in text
        assert ("every 500ms" in text) is under_way
        assert (f"/jobs/{job.code}/cancel/" in text) is under_way
    assert "<html" in page
    assert "<html" not in part.content.decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_told_to_everybody_and_tells_nothing_else(sign_in, path):
    assert statuses(sign_in, path) == dict.fromkeys(CAST, 200)
    assert sign_in("nobody").get(path).content == b'{"status": "ok"}'
    assert sign_in("nobody").post(path).status_code == 405


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_says_that_the_database_is_away(client, path):
    def away(execute, sql, params, many, context):
        raise OperationalError("connection refused")

    with connection.execute_wrapper(away):
        answer = client.get(path)

    assert answer.status_code == 503
    assert answer.json() == {"status": "the database does not answer"}


def test_server_is_not_ready_before_the_database_is_of_its_version(client):
    MigrationRecorder.Migration.objects.filter(app="pairs").delete()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"status": "run `contraflow migrate`"})
    assert client.get("/healthz").status_code == 200
