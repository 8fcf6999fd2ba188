"""Work in the background: mailing links, reading and applying files of people."""

from contraflow.core.jobs import Work, job
from contraflow.people.mails import mail_login_link
from contraflow.people.models import Person


@job("people.send_login_link")
def send_login_link(work: Work, *, person_id: int | None, next_path: str) -> None:
    """Mail a one-time link; do nothing where nobody has the address that was entered."""
    with work.effects():
        if person := Person.objects.active().filter(pk=person_id).first():
            mail_login_link(person, next_path=next_path)
