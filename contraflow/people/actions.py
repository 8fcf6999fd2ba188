"""What people do: sign in, say who they are, give and take roles."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.core.jobs import start_job
from contraflow.core.models import Installation
from contraflow.core.sealing import key_fingerprint
from contraflow.people.events import (
    InstallationSetUp,
    KeyBackupConfirmed,
    PasswordSet,
    PeopleLeft,
    PersonAdded,
    PersonEdited,
    PersonReturned,
    PersonSignedIn,
    RoleGranted,
    RoleRevoked,
)
from contraflow.people.importing.by_hand import ByHand, enter
from contraflow.people.importing.columns import header_key, why_not_map
from contraflow.people.mails import digest_of
from contraflow.people.models import (
    ColumnMapping,
    ImportChunk,
    LoginLink,
    PeopleImport,
    Person,
    Role,
)
from contraflow.people.rules import (
    is_at_work,
    why_not_apply,
    why_not_grant,
    why_not_leave,
    why_not_map_again,
    why_not_revoke,
    why_not_set_up,
    why_not_throw_away,
    why_not_use_link,
)

# bytes of an uploaded file in one row of the database
CHUNK_BYTES = 1 << 20


@transaction.atomic
def ask_for_link(address: str, *, next_path: str = "") -> None:
    """Mail a one-time link to the address if somebody here has it.

    The work is the same for an address nobody has, down to the job: whoever measures the
    answer learns nothing.
    """
    person = Person.objects.active().filter(email=address.strip().lower()).first()
    start_job(
        "people.send_login_link",
        by=None,
        person_id=person.pk if person else None,
        next_path=next_path,
    )


@transaction.atomic
def use_link(secret: str) -> LoginLink:
    """Use up a mailed link and return it; refuse one that was used, is too old or unknown.

    One UPDATE decides, so that of two at the same moment one gets in.
    """
    mine = LoginLink.objects.filter(digest=digest_of(secret)).select_related("person")
    link = mine.first()
    if reason := why_not_use_link(link):
        raise Refusal(reason)
    if not LoginLink.objects.filter(pk=link.pk).open().update(used_at=timezone.now()):
        raise Refusal(why_not_use_link(mine.first()))
    announce(PersonSignedIn(person_id=link.person_id, means=link.means), by=link.person)
    return link


@transaction.atomic
def set_password(person: Person, *, by: Person, password: str) -> None:
    """Give a person a password; their sessions elsewhere end."""
    person.set_password(password)
    person.save(update_fields=["password"])
    announce(PasswordSet(person_id=person.pk), by=by)


@transaction.atomic
def edit_person(person: Person, *, by: Person, **facts) -> None:
    """Write what a person says about themself, and keep later imports from undoing it."""
    changed = sorted(name for name, fact in facts.items() if getattr(person, name) != fact)
    if not changed:
        return
    for name in changed:
        setattr(person, name, facts[name])
    person.chosen = sorted({*person.chosen, *changed})
    person.save(update_fields=[*changed, "chosen", "search_key"])
    announce(PersonEdited(person_id=person.pk, fields=tuple(changed)), by=by)


@transaction.atomic
def add_person(texts: dict[str, str], *, by: Person) -> Person:
    """Enter somebody new, by the rules of a row of an import."""
    person = _enter(texts, by=by).write()
    announce(PersonAdded(person_id=person.pk), by=by)
    return person


@transaction.atomic
def change_person(person: Person, texts: dict[str, str], *, by: Person) -> Person:
    """Change the facts of somebody, by the rules of a row of an import."""
    entered = _enter(texts, by=by, person=person)
    changed = sorted(entered.difference().changes)
    if not changed:
        return person
    person = entered.write()
    announce(PersonEdited(person_id=person.pk, fields=tuple(changed)), by=by)
    return person


def _enter(texts: dict[str, str], *, by: Person, person: Person | None = None) -> ByHand:
    # as with imports: what one brings is known to the next
    list(Installation.objects.select_for_update())
    entered = enter(texts, by=by, person=person)
    if entered.problems:
        raise Refusal(" ".join(problem.reason for problem in entered.problems))
    return entered


@transaction.atomic
def let_leave(person: Person, *, by: Person) -> None:
    """Note that somebody left today; they can no longer sign in."""
    if reason := why_not_leave(person, by=by):
        raise Refusal(reason)
    person.left_on = timezone.localdate()
    person.save(update_fields=["left_on"])
    announce(PeopleLeft(person_ids=(person.pk,)), by=by)


@transaction.atomic
def take_back(person: Person, *, by: Person) -> None:
    """Note that somebody who had left is here; who never left stays as they are."""
    if person.is_active:
        return
    person.left_on = None
    person.save(update_fields=["left_on"])
    announce(PersonReturned(person_id=person.pk), by=by)


@transaction.atomic
def grant_role(person: Person, *, by: Person | None, kind: str) -> Role:
    """Let a person do more in the organisation."""
    if reason := why_not_grant(person, kind):
        raise Refusal(reason)
    role = Role.objects.create(person=person, kind=kind)
    announce(RoleGranted(person_id=person.pk, kind=kind), by=by)
    return role


@transaction.atomic
def revoke_role(role: Role, *, by: Person) -> None:
    """Take a role away; the last administrator keeps theirs."""
    # both rows are locked, so that two administrators cannot remove each other at once
    list(Role.objects.select_for_update().filter(kind=role.kind))
    if reason := why_not_revoke(role):
        raise Refusal(reason)
    person_id, kind = role.person_id, role.kind
    role.delete()
    announce(RoleRevoked(person_id=person_id, kind=kind), by=by)


@transaction.atomic
def upload_import(
    pieces: Iterable[bytes],
    *,
    by: Person | None,
    filename: str,
    mapping: dict[str, str] | None = None,
) -> PeopleImport:
    """Keep a file of people, in pieces of CHUNK_BYTES at most, and start to read it."""
    people_import = PeopleImport.objects.create(
        filename=filename[:255], size_bytes=0, by=by, mapping=mapping or {}
    )
    size = 0
    for number, content in enumerate(pieces):
        ImportChunk.objects.create(people_import=people_import, number=number, content=content)
        size += len(content)
    people_import.size_bytes = size
    _start(people_import, "people.read_import", by=by)
    return people_import


@transaction.atomic
def map_columns(people_import: PeopleImport, *, by: Person | None, mapping: dict[str, str]) -> None:
    """Say which column means what, for this file and others with its header; read it again."""
    people_import = _locked(people_import)
    if reason := why_not_map_again(people_import) or why_not_map(people_import.columns, mapping):
        raise Refusal(reason)
    ColumnMapping.objects.update_or_create(
        header=header_key(people_import.columns),
        defaults={"mapping": mapping, "used_at": timezone.now()},
    )
    people_import.mapping = mapping
    people_import.state = PeopleImport.State.UPLOADED
    _start(people_import, "people.read_import", by=by)


@transaction.atomic
def start_applying(
    people_import: PeopleImport, *, by: Person | None, missing_left: bool = False
) -> None:
    """Apply a previewed file in the background; a second press changes nothing."""
    people_import = _locked(people_import)
    if reason := why_not_apply(people_import):
        raise Refusal(reason)
    if is_at_work(people_import):
        return
    people_import.missing_left = missing_left
    _start(people_import, "people.apply_import", by=by)


@transaction.atomic
def throw_away_import(people_import: PeopleImport, *, by: Person | None) -> None:
    """Forget an uploaded file and what was read from it."""
    people_import = _locked(people_import)
    if reason := why_not_throw_away(people_import):
        raise Refusal(reason)
    people_import.delete()


def _locked(people_import: PeopleImport) -> PeopleImport:
    return PeopleImport.objects.select_for_update().get(pk=people_import.pk)


def _start(people_import: PeopleImport, kind: str, *, by: Person | None) -> None:
    work = start_job(kind, by=by, only_one=f"import:{people_import.pk}", import_id=people_import.pk)
    people_import.job_code = work.code
    people_import.save()


@transaction.atomic
def set_up_installation(
    *, organisation: str, email: str, name: str, password: str | None = None
) -> Person:
    """Name the organisation, note which key seals its words, and make its first administrator."""
    if reason := why_not_set_up():
        raise Refusal(reason)
    Installation.objects.update_or_create(
        pk=1, defaults={"organisation": organisation, "key_fingerprint": key_fingerprint()}
    )
    person = Person.objects.filter(email=email.lower()).first()
    if person is None:
        person = Person.objects.create_person(email, name=name, password=password)
    elif password:
        set_password(person, by=person, password=password)
    if not person.roles.filter(kind=Role.Kind.ADMINISTRATOR).exists():
        grant_role(person, by=None, kind=Role.Kind.ADMINISTRATOR)
    announce(InstallationSetUp(person_id=person.pk), by=person)
    return person


@transaction.atomic
def confirm_key_backup(*, by: Person) -> None:
    """Note that the key of this moment is kept in a second place."""
    fingerprint = key_fingerprint()
    Installation.objects.filter(pk=1).update(
        key_fingerprint=fingerprint, key_backed_up_at=timezone.now()
    )
    announce(KeyBackupConfirmed(fingerprint=fingerprint), by=by)
