"""Seal words so that only the right people's pages can read them.

Each person, pair and circle has a data key. It is stored wrapped by the installation's key,
which lives in a file or the environment, never in the database. A sealed column holds

    version (1 byte) | key id (8 bytes) | nonce (12 bytes) | AES-256-GCM ciphertext and tag

with the model, the field, the row and the owner as associated data (NIST SP 800-38D), so that
a sealed value moved to another row does not open. The text is JSON, filled up with blanks to a
multiple of 256 bytes. Whoever holds a copy of the database alone
reads nothing; whoever runs the server and holds the installation's key could.
"""

import base64
import json
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from contraflow.core.keyfiles import write_once

_VERSION = b"\x01"
_NONCE_BYTES = 12
_KEY_BYTES = 32
# A ciphertext is as long as its text: without this, how many somebody vetoed could be counted.
_PADDED_TO = 256


class SealingError(Exception):
    """A sealed value cannot be written or opened; the message says which and why."""


class Sealed(bytes):
    """A sealed value as it stands in the database."""

    @property
    def key_id(self) -> int:
        """Return which SealingKey row opens it."""
        return int.from_bytes(self[1:9], "big")


# -- the installation's key ---------------------------------------------------------------------


def installation_key() -> bytes:
    """Return the key that wraps all others; make it at the first start.

    It is never made anew where sealed words exist: that would hide a lost key.
    """
    if settings.SEALING_KEY:
        return _decoded(settings.SEALING_KEY, "CONTRAFLOW_SEALING_KEY")
    path = Path(settings.SEALING_KEY_PATH)
    if not path.exists():
        _make_key_file(path)
    return _decoded(path.read_text(encoding="ascii").strip(), str(path))


def previous_key() -> bytes | None:
    """Return the key before this one, which still opens while all is wrapped anew (rotation.py)."""
    if settings.SEALING_KEY_PREVIOUS:
        return _decoded(settings.SEALING_KEY_PREVIOUS, "CONTRAFLOW_SEALING_KEY_PREVIOUS")
    path = previous_path()
    if settings.SEALING_KEY or not path.exists():
        return None
    return _decoded(path.read_text(encoding="ascii").strip(), str(path))


def previous_path() -> Path:
    """Return where the key before this one stands, where keys stand in files."""
    path = Path(settings.SEALING_KEY_PATH)
    return path.with_name(f"{path.name}.previous")


def fresh_key() -> str:
    """Return a key nobody has yet, as it is written down."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def key_fingerprint(key: bytes | None = None) -> str:
    """Return 16 hex digits that name the installation's key without giving it away."""
    digest = Hash(SHA256())
    digest.update(b"contraflow sealing key" + (key or installation_key()))
    return digest.finalize().hex()[:16]


def _make_key_file(path: Path) -> None:
    from contraflow.core.models import SealingKey  # noqa: PLC0415 -- models import this module

    if SealingKey.objects.exists():
        raise SealingError(
            f"The installation's key is missing: {path} does not exist, but the database holds "
            "words sealed with it. Put the backup of the key back; without it they are lost."
        )
    write_once(path, fresh_key())


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise SealingError(f"{where} must hold {_KEY_BYTES} bytes in URL-safe base64.")
    return key


# -- data keys ------------------------------------------------------------------------------------


def _wrap(key: bytes, owner: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(installation_key()).encrypt(nonce, key, owner.encode())


def _unwrap(wrapped: bytes, owner: str) -> bytes:
    raw = _unwrapped_by(installation_key(), wrapped, owner)
    if raw is None and (previous := previous_key()):
        raw = _unwrapped_by(previous, wrapped, owner)
    if raw is None:
        raise SealingError(
            f"The key of {owner} does not open with this installation's key "
            f"({key_fingerprint()}). Is it the key of another installation?"
        )
    return raw


def _unwrapped_by(key: bytes, wrapped: bytes, owner: str) -> bytes | None:
    nonce, ciphertext = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, owner.encode())
    except InvalidTag:
        return None


def wrapped_anew(wrapped: bytes, owner: str) -> bytes | None:
    """Return a data key wrapped by the installation's key, or None where it already is."""
    if _unwrapped_by(installation_key(), wrapped, owner) is not None:
        return None
    return _wrap(_unwrap(wrapped, owner), owner)


def opens_here() -> bool:
    """Tell whether the installation's key opens the data keys of this database."""
    from contraflow.core.models import SealingKey  # noqa: PLC0415 -- models import this module

    row = SealingKey.objects.filter(destroyed_at=None).order_by("pk").first()
    try:
        return row is None or bool(_unwrap(bytes(row.wrapped), row.owner))
    except SealingError:
        return False


# what secrets draw lots for; their keys seal no words and are never changed
SECRETS = ("cover", "cohort")


def secret_of(owner: str) -> bytes:
    """Return 32 bytes that only this installation knows, the same at every call.

    For draws that must come out alike each time and that no copy of the database foretells.
    """
    if owner.partition(":")[0] not in SECRETS:
        raise SealingError(f"{owner}: a secret is of one of {SECRETS}.")
    key_id, _ = key_to_seal_for(owner)
    return _raw_keys({key_id})[key_id]


def key_to_seal_for(owner: str) -> tuple[int, AESGCM]:
    """Return the id and the cipher that seal what is new of this owner."""
    from contraflow.core.models import SealingKey  # noqa: PLC0415 -- models import this module

    row = SealingKey.objects.filter(owner=owner, retired_at=None).first()
    if row is None:
        fresh = _wrap(secrets.token_bytes(_KEY_BYTES), owner)
        row, _made = SealingKey.objects.get_or_create(
            owner=owner, retired_at=None, defaults={"wrapped": fresh}
        )
    if row.destroyed_at:
        raise SealingError(f"The key of {owner} was destroyed; nothing is sealed for it again.")
    return row.pk, AESGCM(_unwrap(bytes(row.wrapped), owner))


def keys_to_open(key_ids: set[int]) -> dict[int, AESGCM]:
    """Return the ciphers of these keys; one that was destroyed is missing."""
    return {key_id: AESGCM(key) for key_id, key in _raw_keys(key_ids).items()}


def _raw_keys(key_ids: set[int]) -> dict[int, bytes]:
    from contraflow.core.models import SealingKey  # noqa: PLC0415 -- models import this module

    rows = SealingKey.objects.filter(pk__in=key_ids, destroyed_at=None)
    return {row.pk: _unwrap(bytes(row.wrapped), row.owner) for row in rows}


def destroy_keys(owners: Collection[str], *, at: datetime) -> None:
    """Destroy every key of these owners, also retired ones: what they sealed opens nowhere again.

    An empty row stays for each, so that nobody makes a new key for them.
    """
    from contraflow.core.models import SealingKey  # noqa: PLC0415 -- models import this module

    keys = SealingKey.objects.filter(owner__in=owners)
    keys.exclude(retired_at=None).delete()
    SealingKey.objects.bulk_create(
        (SealingKey(owner=owner, wrapped=b"", destroyed_at=at) for owner in owners),
        ignore_conflicts=True,
    )
    keys.filter(destroyed_at=None).update(wrapped=b"", destroyed_at=at)


def open_together(instances: Iterable[models.Model]) -> list[Any]:
    """Fetch the keys of many rows in one query, before their sealed fields are read."""
    rows = list(instances)
    wanted = {
        value.key_id
        for row in rows
        for field in row._meta.concrete_fields
        if isinstance(field, SealedField)
        and isinstance(value := row.__dict__.get(field.attname), Sealed)
    }
    keys: dict[int, AESGCM] = {}
    ordered = sorted(wanted)
    # SQLite allows 32 766 variables in one query
    for start in range(0, len(ordered), 10_000):
        keys |= keys_to_open(set(ordered[start : start + 10_000]))
    for row in rows:
        row.__dict__["_keys"] = keys
    return rows


# -- the field ---------------------------------------------------------------------------------


class _SealedAttribute(DeferredAttribute):
    """Open a sealed value when it is read, not when its row is loaded."""

    def __get__(self, instance, cls=None):
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = self.field.open(instance, value)
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


class SealedField(models.BinaryField):
    """Text or JSON kept sealed for the owner that the model's `sealed_for()` names.

    `sealed_for()` returns "person:7", "pair:12" or "circle:3". The row's primary key must be
    known before saving: a one-to-one key to the facts, or a UUID. Bulk writes go through the
    instances; `update()` and filters on the content are refused.
    """

    descriptor_class = _SealedAttribute

    def from_db_value(self, value, expression, connection):
        """Wrap what the database holds; it is opened only when read."""
        return None if value is None else Sealed(bytes(value))

    def pre_save(self, model_instance, add):
        """Seal what was assigned; leave alone what was never opened."""
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        return self.seal(model_instance, value)

    def get_db_prep_value(self, value, connection, prepared=False):
        """Refuse to write anything that is not sealed."""
        if value is not None and not isinstance(value, Sealed):
            raise SealingError(f"{self} is sealed: save the instance instead of an update.")
        return super().get_db_prep_value(value, connection, prepared)

    def get_lookup(self, lookup_name):
        """Allow only the question whether there is a value at all."""
        if lookup_name != "isnull":
            raise FieldError(f"{self} is sealed and cannot be searched.")
        return super().get_lookup(lookup_name)

    def seal(self, instance: models.Model, value: Any) -> Sealed:
        """Return the sealed form of `value` for this row."""
        if instance.pk is None:
            raise SealingError(f"{self}: the row needs its primary key before it can be sealed.")
        plain = json.dumps(value, ensure_ascii=False).encode()
        plain += b" " * (-len(plain) % _PADDED_TO)
        owner = instance.sealed_for()
        return _sealed_by(key_to_seal_for(owner), plain, self._bound_to(instance.pk, owner))

    def open(self, instance: models.Model, sealed: Sealed) -> Any:
        """Return what was sealed, or say why it does not open."""
        if sealed[:1] != _VERSION:
            raise SealingError(f"{self} of row {instance.pk} was sealed by another version.")
        keys = instance.__dict__.get("_keys") or {}
        if sealed.key_id not in keys:
            keys = keys_to_open({sealed.key_id})
            instance.__dict__["_keys"] = keys
        if sealed.key_id not in keys:
            raise SealingError(f"{self} of row {instance.pk}: its key was destroyed.")
        return json.loads(self._opened(instance.pk, instance.sealed_for(), sealed, keys))

    def sealed_anew(
        self, pk: Any, owner: str, sealed: Sealed, old: AESGCM, new: tuple[int, AESGCM]
    ) -> Sealed:
        """Return the same words under another key of the same owner, without reading them."""
        plain = self._opened(pk, owner, sealed, {sealed.key_id: old})
        return _sealed_by(new, plain, self._bound_to(pk, owner))

    def _opened(self, pk: Any, owner: str, sealed: Sealed, keys: dict[int, AESGCM]) -> bytes:
        nonce, ciphertext = sealed[9 : 9 + _NONCE_BYTES], sealed[9 + _NONCE_BYTES :]
        bound_to = self._bound_to(pk, owner)
        try:
            return keys[sealed.key_id].decrypt(bytes(nonce), bytes(ciphertext), bound_to)
        except (InvalidTag, ValueError) as error:  # ValueError: it was cut short
            raise SealingError(f"{self} of row {pk} was altered or moved.") from error

    def _bound_to(self, pk: Any, owner: str) -> bytes:
        return f"{self.model._meta.label}.{self.name}/{pk}/{owner}".encode()


def _sealed_by(key: tuple[int, AESGCM], plain: bytes, bound_to: bytes) -> Sealed:
    key_id, cipher = key
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return Sealed(
        _VERSION + key_id.to_bytes(8, "big") + nonce + cipher.encrypt(nonce, plain, bound_to)
    )
