"""What happens to people, in the past tense."""

from dataclasses import dataclass

from contraflow.core.events import Event


@dataclass(frozen=True, kw_only=True)
class PersonSignedIn(Event):
    """Somebody signed in, by "password", by a mailed "link" or by that of an "invitation"."""

    person_id: int
    means: str


@dataclass(frozen=True, kw_only=True)
class PasswordSet(Event):
    """A person chose a password, their first or another."""

    person_id: int


@dataclass(frozen=True, kw_only=True)
class PersonAdded(Event):
    """Somebody was entered by hand."""

    person_id: int


@dataclass(frozen=True, kw_only=True)
class PersonEdited(Event):
    """Facts of a person were changed by hand, by themself or by somebody who keeps the list."""

    person_id: int
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RoleGranted(Event):
    """A person may do more in the organisation."""

    person_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class RoleRevoked(Event):
    """A person may do less in the organisation."""

    person_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class PeopleImported(Event):
    """A file of people was applied."""

    import_id: int
    new: int
    changed: int
    unchanged: int
    left: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class PeopleLeft(Event):
    """People left the organisation; they can no longer sign in."""

    person_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class PersonReturned(Event):
    """Somebody who had left is back."""

    person_id: int


@dataclass(frozen=True, kw_only=True)
class KeyBackupConfirmed(Event):
    """An administrator says that the installation's key is kept in a second place."""

    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class InstallationSetUp(Event):
    """The installation got its organisation and its first administrator."""

    person_id: int
