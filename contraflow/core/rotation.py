"""Change the keys that seal words: the installation's, and those of every person and pair.

Both may be killed at any moment and go on where they are called again; nobody has to stop the
product meanwhile. The installation's key is changed in three steps: the new one takes its place in
the file and the old one stays beside it; every data key is wrapped anew; the file with the old one
is put away by hand. A data key is changed by retiring it: it opens what it sealed until a job has
sealed all of that with its successor, and is destroyed an hour later, when no page that was just
being written can bring an old value back.
"""

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.core.events import Event, announce
from contraflow.core.jobs import TryLater, Work, job, start_job
from contraflow.core.keyfiles import write_once
from contraflow.core.models import Installation, Job, SealingKey
from contraflow.core.sealing import (
    SECRETS,
    Sealed,
    SealedField,
    SealingError,
    fresh_key,
    key_fingerprint,
    key_to_seal_for,
    keys_to_open,
    previous_path,
    wrapped_anew,
)

log = logging.getLogger(__name__)
JOB_KIND = "core.seal_anew"
_BATCH = 500
# longer than any request or job holds a row that it read
_STILL_WRITTEN_WITH = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class InstallationKeyChanged(Event):
    """Every data key is wrapped by another key of the installation."""

    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class KeysRetired(Event):
    """Every person and pair gets another key; a job seals their words anew."""

    keys: int


@dataclass(frozen=True, kw_only=True)
class RetiredKeysDestroyed(Event):
    """What was sealed with them opens with their successors; copies of them open nothing new."""

    keys: int


# -- the installation's key ---------------------------------------------------------------------


def change_installation_key(tell: Callable[[int], None] = lambda done: None) -> int:
    """Put a new key in place of the installation's, wrap all data keys by it, return how many.

    With the key in the environment, that is where it is changed: then data keys are wrapped anew.
    """
    with _alone():
        if not settings.SEALING_KEY:
            _replace_key_file()
        wrapped = _wrap_all_anew(tell)
        with transaction.atomic():
            fingerprint = key_fingerprint()
            Installation.objects.update(key_fingerprint=fingerprint, key_backed_up_at=None)
            announce(InstallationKeyChanged(fingerprint=fingerprint), by=None)
    return wrapped


@contextmanager
def _alone() -> Iterator[None]:
    """Refuse where another process is changing the key just now; a killed one holds nothing."""
    path = Path(settings.SEALING_KEY_PATH)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(_("The key is being changed by another process.")) from None
        yield


def _replace_key_file() -> None:
    """Let a new key take the place of the old, which stays beside it; go on after a kill."""
    path, previous = Path(settings.SEALING_KEY_PATH), previous_path()
    coming = path.with_name(f"{path.name}.next")
    if previous.exists() and not coming.exists():
        if _any_wrapped_before():
            return  # killed after the exchange: what is left is to wrap
        raise Refusal(
            _(
                "%(file)s is still here, from the last change. Put it away, to where backups of "
                "that time are kept, then call this again."
            )
            % {"file": previous}
        )
    key_fingerprint()  # a first start would make the key now
    write_once(coming, fresh_key())
    with suppress(FileExistsError):  # killed before the exchange
        os.link(path, previous)
    _on_disk(path.parent)
    coming.replace(path)
    _on_disk(path.parent)


def _on_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _any_wrapped_before() -> bool:
    keys = SealingKey.objects.filter(destroyed_at=None)
    return any(wrapped_anew(bytes(row.wrapped), row.owner) for row in keys.iterator())


def _wrap_all_anew(tell: Callable[[int], None]) -> int:
    count = 0
    keys = SealingKey.objects.filter(destroyed_at=None)
    for row in keys.order_by("pk").iterator(_BATCH):
        before = row.wrapped
        if wrapped := wrapped_anew(bytes(before), row.owner):
            # a key that was destroyed meanwhile must not come back
            count += keys.filter(pk=row.pk).update(wrapped=wrapped)
            tell(count)
    return count


# -- the keys of people and pairs ---------------------------------------------------------------


@transaction.atomic
def retire_keys() -> Job:
    """Retire the keys of all people and pairs, and start the job that seals their words anew.

    Where an earlier change has not ended, go on with that one.
    """
    under_way = Job.objects.filter(kind=JOB_KIND, state__in=[Job.State.WAITING, Job.State.RUNNING])
    if not under_way.exists():
        secret = Q(*(("owner__startswith", f"{kind}:") for kind in SECRETS), _connector=Q.OR)
        current = SealingKey.objects.filter(retired_at=None, destroyed_at=None).exclude(secret)
        retired = current.update(retired_at=timezone.now())
        announce(KeysRetired(keys=retired), by=None)
    return start_job(JOB_KIND, by=None, only_one="all")


@job(JOB_KIND)
def seal_anew(work: Work) -> None:
    """Seal with new keys what retired ones sealed, then destroy these, or come back for that.

    Many short transactions: each row is found sealed by the old key or by the new one, and a
    second run finds less to do. A value that does not open is left, and its key with it.
    """
    began = timezone.now()
    retired = SealingKey.objects.exclude(retired_at=None)
    keys = keys_to_open(set(retired.values_list("pk", flat=True)))
    owners = dict(retired.values_list("pk", "owner"))
    sealing = _Sealing(keys, owners, work)
    for model, fields in _sealed_models():
        sealing.seal_rows_anew(model, fields)
    idle = retired.filter(pk__in=keys.keys() - sealing.stuck)
    young = idle.filter(retired_at__gt=began - _STILL_WRITTEN_WITH)
    if youngest := young.aggregate(models.Max("retired_at"))["retired_at__max"]:
        work.tell()
        raise TryLater((youngest + _STILL_WRITTEN_WITH - began).total_seconds())
    with work.effects() as result:
        result["keys"], _models = idle.delete()
        result["stuck"] = len(sealing.stuck)
        announce(RetiredKeysDestroyed(keys=result["keys"]), by=None)


def _sealed_models() -> list[tuple[type[models.Model], list[SealedField]]]:
    found = {
        model: [f for f in model._meta.local_concrete_fields if isinstance(f, SealedField)]
        for model in apps.get_models()
    }
    return [(model, fields) for model, fields in found.items() if fields]


class _Sealing:
    """One walk through all that is sealed."""

    def __init__(self, keys: dict[int, Any], owners: dict[int, str], work: Work):
        self.keys, self.owners, self.work = keys, owners, work
        self.successors: dict[str, tuple[int, Any]] = {}
        self.stuck: set[int] = set()
        self.done = 0

    def seal_rows_anew(self, model: type[models.Model], fields: list[SealedField]) -> None:
        """Walk through the rows of a model; only those with old values are locked and written."""
        names = [field.attname for field in fields]
        rows = model._base_manager.order_by("pk").values_list("pk", *names)
        last = None
        while batch := list((rows.filter(pk__gt=last) if last else rows)[:_BATCH]):
            old = [pk for pk, *values in batch if any(map(self._is_old, values))]
            if old:
                with transaction.atomic():
                    locked = rows.filter(pk__in=old).select_for_update(no_key=True)
                    for pk, *values in locked:
                        self._seal_row_anew(model, pk, dict(zip(fields, values, strict=True)))
            last = batch[-1][0]
            self.done += len(old)
            self.work.progress(self.done)
            self.work.give_way()

    def _is_old(self, value: Sealed | None) -> bool:
        return value is not None and value.key_id in self.keys

    def _seal_row_anew(self, model: type[models.Model], pk: Any, row: dict) -> None:
        changed = {}
        for field, value in row.items():
            if not self._is_old(value):
                continue
            owner = self.owners[value.key_id]
            if owner not in self.successors:
                self.successors[owner] = key_to_seal_for(owner)
            try:
                changed[field.attname] = field.sealed_anew(
                    pk, owner, value, self.keys[value.key_id], self.successors[owner]
                )
            except SealingError:
                log.exception("left as it is")
                self.stuck.add(value.key_id)
        if changed:
            model._base_manager.filter(pk=pk).update(**changed)
