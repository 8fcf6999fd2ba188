"""People with finished profiles, a few by hand or many by a seed, ready to be paired."""

import random

from django.utils import timezone

from contraflow.core.jobs import run_job
from contraflow.core.models import Job
from contraflow.pairing.actions import make_draft, publish_draft
from contraflow.people.models import Department
from contraflow.programmes.models import (
    Cohort,
    Enrolment,
    PrivateProfile,
    Profile,
    ProfileTopic,
    Side,
    Topic,
)
from tests.conftest import make_cohort, make_person

TOPICS = ["Generative AI", "Dashboards", "Short video", "Inclusive hiring", "Remote work"]


def make_topic(label, theme="Digital"):
    """Return the topic of that label, made once."""
    fields = {"label": label, "theme": theme, "source": Topic.Source.OWN, "search_text": label}
    return Topic.objects.get_or_create(key=f"own:{label}", defaults=fields)[0]


def make_department(path):
    """Return the department of that path with all above it."""
    parent = None
    names = path.split("/")
    for depth in range(len(names)):
        parent, _made = Department.objects.get_or_create(
            path="/".join(names[: depth + 1]),
            defaults={"name": names[depth], "parent": parent},
        )
    return parent


def make_participant(
    cohort, side, name="", *, topics=(), interests=(), hours=(), capacity=1, is_finished=True,
    person=None, **fields,
):  # fmt: skip
    """Enrol somebody with a profile; `topics` are (label, level) or (label, level, consent)."""
    grade = 3 if side == Side.MENTOR else 9
    if name:
        fields.setdefault("email", f"{name.replace(' ', '.').lower()}@example.org")
    person = person or make_person(name, **({"grade": grade, "languages": ["en"]} | fields))
    enrolment = Enrolment.objects.create(
        cohort=cohort, person=person, side=side, state=Enrolment.State.ENROLLED,
        invited_at=timezone.now(),
    )  # fmt: skip
    profile = Profile.objects.create(
        enrolment=enrolment, interests=list(interests), hours=list(hours), capacity=capacity,
        finished_at=timezone.now() if is_finished else None,
    )  # fmt: skip
    ProfileTopic.objects.bulk_create(
        ProfileTopic(profile=profile, topic=make_topic(label), level=level, **_consent(consent))
        for label, level, *consent in topics
    )
    return enrolment


def _consent(consent):
    return {"consent": consent[0]} if consent else {}


def seal(enrolment, **private):
    """Give somebody wishes, vetoes or answers about themselves."""
    profile = PrivateProfile(enrolment=enrolment, **private)
    profile.save()
    return profile


def make_small_cohort(programme):
    """Make a cohort being paired: Priya and Ines for Gerald and Karen, Zoe without a partner."""
    cohort = make_cohort(programme, state=Cohort.State.PAIRING)
    people = {
        name: make_participant(cohort, side, name, topics=topics, hours=range(9, 17), email=email)
        for name, side, topics, email in [
            ("Priya Raman", Side.MENTOR, [("Generative AI", 4), ("Dashboards", 3)], "priya@x.org"),
            ("Ines Moreau", Side.MENTOR, [("Short video", 4)], "ines@x.org"),
            ("Zoe Adler", Side.MENTOR, [("Remote work", 1)], "zoe@x.org"),
            ("Gerald Whitfield", Side.MENTEE, [("Generative AI", 3)], "gerald@x.org"),
            ("Karen Olsen", Side.MENTEE, [("Short video", 2), ("Dashboards", 1)], "karen@x.org"),
        ]
    }
    return cohort, {name.split()[0].lower(): enrolment for name, enrolment in people.items()}


def make_many(programme, mentors, mentees, seed=7):
    """Make a cohort being paired with as many people as wanted, different by a seed."""
    rng = random.Random(seed)
    cohort = make_cohort(programme, state=Cohort.State.PAIRING)
    for side, count in ((Side.MENTOR, mentors), (Side.MENTEE, mentees)):
        for number in range(count):
            labels = rng.sample(TOPICS, 2)
            make_participant(
                cohort, side, f"{side.title()} {number:04}",
                topics=[(label, rng.randint(1, 4)) for label in labels],
                interests=rng.sample(["chess", "opera", "running", "baking"], 2),
                hours=rng.sample(range(24 * 5), 20),
                email=f"{side}{number}.{seed}@example.org",
            )  # fmt: skip
    return cohort


def solved(cohort, by, **settings):
    """Make a draft and have it solved here and now."""
    draft = make_draft(cohort, by=by, **settings)
    run_waiting()
    draft.refresh_from_db()
    return draft


def priced(cohort, by, **settings):
    """Make a draft and have it solved and its options priced here and now."""
    draft = solved(cohort, by, **settings)
    run_waiting(prices=True)
    draft.refresh_from_db()
    return draft


def run_waiting(*, prices=False):
    """Run the waiting jobs of this room as a worker would; mails stay in the outbox.

    Pricing the options solves a cohort several times over, so only who reads prices asks for it.
    """
    waiting = Job.objects.filter(kind__startswith="pairing.")
    if not prices:
        waiting = waiting.exclude(kind="pairing.price_options")
    while row := waiting.due(timezone.now()).first():
        run_job(row.pk, heartbeat=False)


def publish(draft, by, at=None):
    """Publish a draft here and now; return the job."""
    job = publish_draft(draft, by=by, at=at)
    run_waiting()
    job.refresh_from_db()
    return job


def make_running_cohort(programme, by):
    """Publish the small cohort: Priya with Gerald, Ines with Karen, Zoe on the bench."""
    cohort, people = make_small_cohort(programme)
    publish(solved(cohort, by), by)
    cohort.refresh_from_db()
    for enrolment in people.values():
        enrolment.refresh_from_db()
    return cohort, people


def pair_of(cohort, name):
    """Return the living pair of somebody by the first name of either of the two."""
    living = cohort.pairs.filter(state="active").select_related("mentor", "mentee", "cohort")
    return next(each for each in living if name.title() in f"{each.mentor} {each.mentee}")


def couples(rows):
    """Return pairs or proposals as a set of first names, the mentor's first."""
    people = [
        (getattr(r.mentor, "person", r.mentor), getattr(r.mentee, "person", r.mentee)) for r in rows
    ]
    return {tuple(each.name.split()[0].lower() for each in both) for both in people}
