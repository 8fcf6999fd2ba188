"""What Django itself can be asked about the project."""

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command

from contraflow.config.checks import every_view_names_its_policy
from tests.repo.files import PACKAGE

ROOMS = ["core", "people", "programmes", "pairs", "pairing"]


def test_system_checks_find_nothing():
    assert run_checks() == []


def test_every_url_has_a_policy():
    assert every_view_names_its_policy(None) == []


def test_admin_is_not_installed():
    assert not apps.is_installed("django.contrib.admin")


def test_no_request_is_one_transaction():
    """With IMMEDIATE, every GET would take the one right to write (docs/decisions/0003)."""
    assert settings.DATABASES["default"].get("ATOMIC_REQUESTS", False) is False


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("room", ROOMS)
def test_migrations_are_named_by_hand(room):
    found = {path.stem for path in (PACKAGE / room / "migrations").glob("0*.py")}
    automatic = re.compile(r"_auto_|\d{4}_alter_|_and_more$")
    assert found
    assert not any(automatic.search(each) for each in found)


def test_constraints_are_named_as_sentences():
    """`session_once_a_day` in an IntegrityError tells what happened; `uniq_1` does not."""
    names = [
        constraint.name
        for model in apps.get_models()
        if model.__module__.startswith("contraflow.")
        for constraint in model._meta.constraints
    ]
    assert names
    assert [each for each in names if each.count("_") < 2] == []
