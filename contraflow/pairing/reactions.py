"""What pairing does when people move: it looks at once whether pairs came into conflict."""

from contraflow.core.events import on
from contraflow.core.jobs import start_job
from contraflow.pairing.jobs import GUARD_KIND
from contraflow.people.events import PeopleImported, PersonEdited, PersonReturned

# what is changed of a person that can bring two into conflict
_FACTS = {"manager", "department", "panels"}


@on(PeopleImported)
@on(PersonReturned)
def look_for_conflicts(event: PeopleImported | PersonReturned) -> None:
    """Look at all pairs; the daily look finds what a kill left out."""
    _look()


@on(PersonEdited)
def look_for_conflicts_of_one(event: PersonEdited) -> None:
    """Look where a fact was changed that can bring two into conflict."""
    if _FACTS & set(event.fields):
        _look()


def _look() -> None:
    # one that runs may have read the people already
    start_job(GUARD_KIND, by=None, only_one="all", behind_running=True)
