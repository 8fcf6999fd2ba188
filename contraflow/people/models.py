"""The people of the organisation, where they stand in it, and how they sign in."""

import unicodedata
import zoneinfo
from functools import cache

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.codes import make_code

# as many people as are named to the database one by one
_FEW = 500


def searchable(*texts: str) -> str:
    """Return texts without case and accents, as they are searched: "muller" finds Müller."""
    decomposed = unicodedata.normalize("NFKD", " ".join(filter(None, texts)).casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _few_by_index(words: list[str]) -> list[int] | None:
    """Return the keys of whom SQLite's index finds, None where it does not help.

    PostgreSQL asks its own index by itself. It knows pieces of three letters; where many are
    found, reading along the names comes upon enough of them sooner.
    """
    pieces = [f'"{word.replace(chr(34), chr(34) * 2)}"' for word in words if len(word) > 2]
    if connection.vendor != "sqlite" or not pieces:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rowid FROM people_search WHERE people_search MATCH %s LIMIT %s",
            [" ".join(pieces), _FEW + 1],
        )
        found = [row[0] for row in cursor.fetchall()]
    return found if len(found) <= _FEW else None


class SearchKeyField(models.TextField):
    """What a person is found by; writes itself from name and address at every save."""

    def pre_save(self, model_instance, add):
        """Write the key anew."""
        person = model_instance
        person.search_key = searchable(person.name, person.preferred_name, person.email)
        return person.search_key


@cache
def time_zones() -> tuple[str, ...]:
    """Return the names of all time zones; looking them up reads hundreds of files."""
    return tuple(sorted(zoneinfo.available_timezones()))


def check_time_zone(name: str) -> None:
    """Refuse a name that the IANA time zone database does not know."""
    if name not in time_zones():
        raise ValidationError(_("%(name)s is not a time zone."), params={"name": name})


class Department(models.Model):
    """One unit of the organisation's tree; `path` names it from the top, "Sales/North/Key"."""

    path = models.CharField(max_length=300, unique=True)
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "path", "name", "parent"}

    def __str__(self):
        return self.path


class PersonQuerySet(models.QuerySet["Person"]):
    def active(self):
        """Return people who have not left."""
        return self.filter(left_on__isnull=True)

    def left(self):
        """Return people who have left."""
        return self.filter(left_on__isnull=False)

    def in_department(self, text: str):
        """Return people of the department of this path and those below it, or of a like name."""
        path = text.strip().strip("/")
        exact = Department.objects.filter(Q(path=path) | Q(path__startswith=f"{path}/"))
        like = Department.objects.filter(path__icontains=path)
        return self.filter(department__in=exact if exact.exists() else like)

    def search(self, text: str):
        """Return people in whose name or address every word of the text occurs."""
        words = searchable(text).split()
        few = _few_by_index(words)
        found = self if few is None else self.filter(pk__in=few)
        for word in words:
            found = found.filter(search_key__contains=word)
        return found

    def visible_to(self, person):
        """Return oneself, and everyone for those who run the organisation's programmes.

        Programmes widen this for partners: a pair's page shows the partner it holds.
        """
        if person.has_role(Role.Kind.ADMINISTRATOR) or person.has_role(Role.Kind.LEAD):
            return self
        return self.filter(pk=person.pk)


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):
    """Makes people; the e-mail address is the login."""

    def create_person(self, email, *, name, password=None, **fields):
        """Create a person; without a password they sign in by a mailed link."""
        person = self.model(email=self.normalize_email(email).lower(), name=name, **fields)
        person.set_password(password)  # None makes it unusable
        person.full_clean(exclude=["password", "manager", "department"])
        person.save()
        return person

    def get_by_natural_key(self, username):
        """Find a person by e-mail whatever its case."""
        return self.get(email=username.strip().lower())


class Person(AbstractBaseUser):
    """Somebody of the organisation; age, birth date and generation are never asked for."""

    code = models.SlugField(unique=True, default=make_code, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    preferred_name = models.CharField(_("preferred name"), max_length=80, blank=True)
    job_title = models.CharField(_("job title"), max_length=150, blank=True)
    grade = models.PositiveSmallIntegerField(
        _("grade"), null=True, blank=True, help_text=_("A whole number; higher is more senior.")
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="people"
    )
    manager = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="reports"
    )
    site = models.CharField(_("site"), max_length=120, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=60, default="UTC", validators=[check_time_zone]
    )
    # whose public holidays are theirs: "DE", "DE-BY", holidays.NOWHERE; empty where nobody said
    country = models.CharField(_("country"), max_length=30, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    panels = models.JSONField(_("pay and promotion panels they sit on"), default=list, blank=True)
    joined_on = models.DateField(_("joined on"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    external_id = models.CharField(_("external id"), max_length=100, blank=True)
    # names of the fields the person set themself; an import leaves these as they are
    chosen = models.JSONField(default=list, blank=True)
    search_key = SearchKeyField(editable=False, default="")
    made_at = models.DateTimeField(default=timezone.now)

    objects = PersonManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            # the list of people is walked in this order; who is still here and who left, apart
            models.Index(fields=["name", "id"], name="people_by_name"),
            models.Index(
                fields=["name", "id"], condition=Q(left_on__isnull=True), name="active_by_name"
            ),
            models.Index(
                fields=["name", "id"], condition=Q(left_on__isnull=False), name="left_by_name"
            ),
            # which places are in use, asked before every look at who has a public holiday
            models.Index(fields=["country"], condition=~Q(country=""), name="places_in_use"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="external_id_is_of_one_person",
            ),
            models.UniqueConstraint(Lower("email"), name="email_is_of_one_person"),
            models.CheckConstraint(
                condition=Q(manager__isnull=True) | ~Q(manager=models.F("id")),
                name="nobody_manages_themself",
            ),
        ]

    class Privacy:
        erase = {
            "email", "name", "preferred_name", "job_title", "external_id", "password",
            "panels", "languages", "site", "country", "search_key",
        }  # fmt: skip
        keep = {
            "id", "code", "grade", "department", "manager", "time_zone", "joined_on", "left_on",
            "last_login", "made_at", "chosen",
        }  # fmt: skip

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("people:person", args=[self.code])

    def get_full_name(self):
        """Return the name as the organisation writes it."""
        return self.name

    def get_short_name(self):
        """Return what the person wants to be called."""
        return self.preferred_name or self.name.split()[0]

    @property
    def is_active(self) -> bool:
        """Tell whether the person may sign in: whoever left may not."""
        return self.left_on is None

    def has_role(self, kind: str) -> bool:
        """Tell whether the person holds a role in the organisation; asks the database once."""
        if not hasattr(self, "_roles"):
            self._roles = set(self.roles.values_list("kind", flat=True))
        return kind in self._roles

    def has_perm(self, perm, obj=None):
        """Ask the written rules of each room; nobody has a right by being an administrator."""
        import rules  # noqa: PLC0415 -- the rules need loaded models

        return self.is_active and rules.has_perm(perm, self, *([obj] if obj is not None else []))

    def has_module_perms(self, app_label):
        """Answer Django's own question; no page of ours asks it."""
        return False


class RoleQuerySet(models.QuerySet["Role"]):
    def visible_to(self, person):
        """Return all roles to administrators, who grant them; to others their own."""
        if person.has_role(Role.Kind.ADMINISTRATOR):
            return self
        return self.filter(person=person.pk)


class Role(models.Model):
    """What a person may do in the organisation; what they may do in one programme is told there."""

    class Kind(models.TextChoices):
        ADMINISTRATOR = "administrator", _("administrator")
        LEAD = "lead", _("programme lead")
        SPONSOR = "sponsor", _("sponsor")
        TRUSTED_CONTACT = "trusted_contact", _("trusted contact")

    person = models.ForeignKey(Person, models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=20, choices=Kind)

    objects = RoleQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="role_is_held_once")]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "person", "kind"}

    def __str__(self):
        return f"{self.person_id}: {self.kind}"


class LoginLinkQuerySet(models.QuerySet["LoginLink"]):
    def open(self):
        """Return links that were not used and are not too old.

        No join here: an UPDATE must look at the row it locks, or a link works twice at once.
        """
        return self.filter(used_at__isnull=True, expires_at__gt=timezone.now())


class LoginLink(models.Model):
    """A mailed one-time link to sign in; only a digest of its secret is kept."""

    class Means(models.TextChoices):
        LINK = "link", _("a link that was asked for")
        INVITATION = "invitation", _("the link of an invitation")

    person = models.ForeignKey(Person, models.CASCADE, related_name="login_links")
    means = models.CharField(max_length=10, choices=Means, default=Means.LINK)
    digest = models.CharField(max_length=64, unique=True)
    next_path = models.CharField(max_length=300, blank=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = LoginLinkQuerySet.as_manager()

    class Privacy:
        erase = {"digest", "next_path"}
        keep = {"id", "person", "means", "expires_at", "used_at"}

    def __str__(self):
        return f"link of {self.person_id}, until {self.expires_at}"


class PeopleImportQuerySet(models.QuerySet["PeopleImport"]):
    def visible_to(self, person):
        """Return imports to those who may import: administrators and programme leads."""
        if person.has_role(Role.Kind.ADMINISTRATOR) or person.has_role(Role.Kind.LEAD):
            return self
        return self.none()


class PeopleImport(models.Model):
    """One uploaded file of people: read, previewed, then applied in one transaction."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("being read")
        UNMAPPED = "unmapped", _("columns to be named")
        PREVIEWED = "previewed", _("to be checked")
        APPLIED = "applied", _("applied")
        REFUSED = "refused", _("refused")

    code = models.SlugField(unique=True, default=make_code, editable=False)
    filename = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    # the first few people of each kind, shown before anything is applied; emptied then
    preview = models.JSONField(default=dict)
    missing_left = models.BooleanField(default=False)
    refusal = models.TextField(blank=True)
    job_code = models.CharField(max_length=50, blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)

    objects = PeopleImportQuerySet.as_manager()

    class Privacy:
        erase = {"filename", "by", "preview"}
        keep = {
            "id", "code", "size_bytes", "state", "columns", "mapping", "counts", "refusal",
            "job_code", "made_at", "applied_at", "missing_left",
        }  # fmt: skip

    def __str__(self):
        return self.filename

    def get_absolute_url(self):
        return reverse("people:import", args=[self.code])


class ImportChunk(models.Model):
    """A piece of an uploaded file, in the database so that any worker on any machine reads it.

    Deleted once the import was applied or thrown away.
    """

    people_import = models.ForeignKey(PeopleImport, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["people_import", "number"], name="chunk_stands_once_in_its_file"
            )
        ]

    class Privacy:
        erase = {"content"}
        keep = {"id", "people_import", "number"}

    def __str__(self):
        return f"piece {self.number} of {self.people_import_id}"


class BadRow(models.Model):
    """A row that an import could not take: where it stands, what is wrong, what would be right."""

    people_import = models.ForeignKey(PeopleImport, models.CASCADE, related_name="bad_rows")
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=120, blank=True)
    value = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=500)
    # wrong only because another row is
    follows = models.BooleanField(default=False)
    # the whole row as it stood in the file, with the first problem of the row
    cells = models.JSONField(default=list)

    class Meta:
        ordering = ["line", "pk"]

    class Privacy:
        erase = {"value", "reason", "cells"}
        keep = {"id", "people_import", "line", "column", "follows"}

    def __str__(self):
        return f"line {self.line}, {self.column}: {self.reason}"


class ColumnMapping(models.Model):
    """How a file's columns were understood last time, found again by its header."""

    header = models.CharField(max_length=64, unique=True)
    mapping = models.JSONField()
    used_at = models.DateTimeField(default=timezone.now)

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "header", "mapping", "used_at"}

    def __str__(self):
        return f"columns {self.header[:8]}"
