"""Set up the demonstration: its people, programme and cohorts, by the actions a person calls.

Everything here may be run again: it takes up where an earlier, interrupted run stopped.
"""

import datetime as dt
from collections.abc import Callable, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from contraflow.core.jobs import run_job
from contraflow.core.mail import no_mail
from contraflow.core.models import Installation, Job
from contraflow.core.sealing import key_fingerprint
from contraflow.ops.demo_people import (
    DemoCohort,
    DemoOrganisation,
    DemoParticipant,
    people_csv,
)
from contraflow.people.actions import grant_role, start_applying, upload_import
from contraflow.people.models import PeopleImport, Person, Role
from contraflow.programmes import actions
from contraflow.programmes.catalogue import load_catalogue, search_text
from contraflow.programmes.models import Cohort, Enrolment, Programme, Side, Steward, Topic

Told = Callable[[int, int, str], None]

TEMPLATE = "digital_literacy"
TITLE = "Executive digital fluency"
# cohort A has lived so long when the demonstration opens
WEEKS_LIVED = 14
# so many people answer and fill in their profile in one transaction
BATCH = 20


def cohort_name(key: str, starts_on: dt.date) -> str:
    """Return what the demonstration calls its cohorts, "2026 A"."""
    return f"{starts_on.year} {key}"


def seed_organisation(organisation: DemoOrganisation, *, today: dt.date) -> Programme:
    """Make the installation, its people and roles, the programme and its two cohorts."""
    Installation.objects.get_or_create(
        pk=1,
        defaults={"organisation": organisation.name, "key_fingerprint": key_fingerprint()},
    )
    load_catalogue()
    _add_topics(organisation)
    _import(organisation)
    with transaction.atomic():
        people = people_by_email()
        _grant_roles(organisation, people)
        lead = people[organisation.staff.leads[0]]
        programme = Programme.objects.filter(title=TITLE).first()
        if programme is None:
            programme = _make_programme(organisation, people, lead)
            _make_cohorts(organisation, programme, lead, today)
    return programme


def _add_topics(organisation: DemoOrganisation) -> None:
    Topic.objects.bulk_create(
        [
            Topic(
                key=each.key,
                source=Topic.Source.OWN,
                label=each.label,
                theme=each.theme,
                search_text=search_text(each.label, each.theme),
            )
            for each in organisation.topics
        ],
        ignore_conflicts=True,
    )


def _import(organisation: DemoOrganisation) -> None:
    """Bring the people in as any organisation would: from a file, by the real import."""
    if Person.objects.exists():
        return
    file = upload_import(
        [people_csv(organisation).encode()], by=None, filename=f"{organisation.name}.csv"
    )
    _run_here(file)
    start_applying(file, by=None)
    _run_here(file)


def _run_here(file: PeopleImport) -> None:
    """Run the import's job in this process: no worker is up yet."""
    file.refresh_from_db()
    row = Job.objects.get(code=file.job_code)
    run_job(row.pk)
    row.refresh_from_db()
    file.refresh_from_db()
    if row.state != Job.State.DONE or file.refusal:
        raise RuntimeError(f"The people of the demonstration: {row.error or file.refusal}")


def people_by_email() -> dict[str, Person]:
    """Return everybody by their address."""
    return {person.email: person for person in Person.objects.active()}


def _grant_roles(organisation: DemoOrganisation, people: Mapping[str, Person]) -> None:
    staff = organisation.staff
    wanted = [
        *((email, Role.Kind.LEAD) for email in staff.leads),
        *((email, Role.Kind.TRUSTED_CONTACT) for email in staff.trusted_contacts),
        (staff.sponsor, Role.Kind.SPONSOR),
        (staff.administrator, Role.Kind.ADMINISTRATOR),
    ]
    held = set(Role.objects.values_list("person__email", "kind"))
    for email, kind in wanted:
        if (email, kind) not in held:
            grant_role(people[email], by=None, kind=kind)


def _make_programme(
    organisation: DemoOrganisation, people: Mapping[str, Person], lead: Person
) -> Programme:
    programme = actions.create_programme(
        by=lead,
        title=TITLE,
        purpose=_(
            "Leaders learn from junior colleagues how today's tools are built and used, and "
            "mentors learn how the organisation decides."
        ),
        template=TEMPLATE,
    )
    staff = organisation.staff
    for email in staff.leads[1:]:
        actions.add_steward(programme, people[email], Steward.Kind.LEAD, by=lead)
    actions.add_steward(programme, people[staff.sponsor], Steward.Kind.SPONSOR, by=lead)
    for email in staff.trusted_contacts:
        actions.add_steward(programme, people[email], Steward.Kind.TRUSTED_CONTACT, by=lead)
    return programme


def _make_cohorts(
    organisation: DemoOrganisation, programme: Programme, lead: Person, today: dt.date
) -> None:
    monday = today - dt.timedelta(days=today.weekday())
    starts = (monday - dt.timedelta(weeks=WEEKS_LIVED - 1), monday + dt.timedelta(weeks=3))
    for cohort, starts_on in zip(organisation.cohorts, starts, strict=True):
        made = actions.create_cohort(
            programme,
            by=lead,
            name=cohort_name(cohort.name, starts_on),
            starts_on=starts_on,
        )
        actions.open_enrolment(made, by=lead, at=_moment(starts_on - dt.timedelta(weeks=6)))


def enrol_everybody(cohort: Cohort, plan: DemoCohort, *, lead: Person, tell: Told) -> None:
    """Invite the people of a cohort; they accept, fill in their profiles and finish them.

    Then the cohort is closed for enrolment and waits to be paired.
    """
    if cohort.state != Cohort.State.ENROLLING:
        return
    people = people_by_email()
    at = _moment(cohort.starts_on - dt.timedelta(weeks=5))
    with no_mail():
        for side, those in ((Side.MENTEE, plan.leaders), (Side.MENTOR, plan.mentors)):
            actions.invite(cohort, [people[each.email] for each in those], side, by=lead, at=at)
        _answer(cohort, (*plan.leaders, *plan.mentors), at=at, tell=tell)
        actions.start_pairing(cohort, by=lead, at=at + dt.timedelta(weeks=2))


def _answer(
    cohort: Cohort, those: tuple[DemoParticipant, ...], *, at: dt.datetime, tell: Told
) -> None:
    rows = cohort.enrolments.select_related("person", "cohort", "profile")
    enrolments = {row.person.email: row for row in rows}
    codes = {email: row.code for email, row in enrolments.items()}
    topics = dict(Topic.objects.values_list("key", "pk"))
    done = 0
    for start in range(0, len(those), BATCH):
        batch = those[start : start + BATCH]
        with transaction.atomic():
            for each in batch:
                _take_part(enrolments[each.email], each, codes, topics, at + dt.timedelta(days=3))
        done += len(batch)
        tell(done, len(those), _("Cohort %(cohort)s enrols") % {"cohort": cohort.name})


def _take_part(
    enrolment: Enrolment,
    each: DemoParticipant,
    codes: Mapping[str, str],
    topics: Mapping[str, int],
    at: dt.datetime,
) -> None:
    profile = getattr(enrolment, "profile", None)
    if profile is not None and profile.finished_at:
        return
    person, said = enrolment.person, each.profile
    enrolment = actions.accept_invitation(enrolment, by=person, at=at)
    skills = [(topics[skill.topic], skill.level, skill.consent) for skill in said.skills]
    actions.save_profile(
        enrolment, by=person, topics=skills, interests=said.interests, hours=said.hours,
        capacity=said.capacity, at=at,
    )  # fmt: skip
    if said.personality or each.wishes or each.vetoes:
        answers = {str(n): answer for n, answer in enumerate(said.personality or (), start=1)}
        actions.save_private_profile(
            enrolment, by=person, personality=answers or None,
            wishes=[codes[email] for email in each.wishes],
            vetoes=[codes[email] for email in each.vetoes],
        )  # fmt: skip
    actions.finish_profile(enrolment, by=person, at=at)


def _moment(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC)
