# What a newcomer needs: `make demo` and `make test`. `make` alone lists the rest.
# Works with git, make, python3, python3-venv and ca-certificates alone.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m
TEST_SETTINGS := DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python
PIP := $(RUN) pip --disable-pip-version-check --quiet

# A stamp bears the checksum of what was installed: a second call installs nothing, a changed
# lock installs again, and switching branches back and forth does too only where it must.
checksum = $(shell cat $(1) pyproject.toml | cksum | cut -d ' ' -f 1)
CORE := $(VENV)/.core-$(call checksum,requirements/core.txt)
DEV := $(VENV)/.dev-$(call checksum,requirements/dev.txt)
ENGINE_VENV := $(VENV)/engine
ENGINE := $(ENGINE_VENV)/.engine-$(call checksum,requirements/engine.txt)
# other software to compare with, each in an environment of its own
PEERS := mentor-match matching ortools

.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-engine check fix run worker shell bench peers lock clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
	  echo "Contraflow needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(CORE): | $(BIN)/python
	@echo "Installing what Contraflow needs into $(VENV) (about a minute)..."
	$(PIP) install --require-hashes -r requirements/core.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.core-*
	@touch $@

$(DEV): | $(CORE)
	@echo "Installing what its tests need (about a minute)..."
	$(PIP) install --require-hashes -r requirements/dev.txt
	@rm -f $(VENV)/.dev-*
	@touch $@

$(ENGINE):
	$(PYTHON) -m venv $(ENGINE_VENV)
	$(ENGINE_VENV)/bin/python -m pip --disable-pip-version-check --quiet \
	  install --require-hashes -r requirements/engine.txt
	@touch $@

$(VENV)/peers/%/.installed: requirements/peer-%.txt | $(BIN)/python
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $<
	@touch $@

demo: $(CORE)  ## install, set up a demonstration and serve it: make demo [PORT=8000]
	$(BIN)/contraflow demo --port $(PORT)

test: $(DEV)  ## the quick tests, dealt out to SQLite and PostgreSQL where there is one
	$(RUN) tests.databases --deal pytest -q -m "not slow and not flow" $(ARGS)

# Lines run on either database, in either run, count once: together they must reach the marks.
test-all: $(DEV) test-engine  ## every test: faults, browser flows, coverage, engine without Django
	$(RUN) coverage erase
	$(RUN) tests.databases coverage run -m pytest -q $(ARGS)
	$(RUN) coverage combine --quiet
	$(RUN) coverage report --skip-covered --fail-under=95
	$(RUN) coverage report --skip-covered --fail-under=99 --include='$(FULLY_COVERED)'

# where a line nobody ran is a promise nobody checked
FULLY_COVERED := contraflow/core/*.py,contraflow/*/rules.py,contraflow/*/actions.py,contraflow/*/actions/*.py,contraflow/matching/*.py

# its own configuration, because nothing of Django's may be there
test-engine: $(ENGINE)  ## the matching tests, where Django is not installed
	$(ENGINE_VENV)/bin/python -c 'import importlib.util as i; assert not i.find_spec("django")'
	$(ENGINE_VENV)/bin/python -m pytest -q -c /dev/null --rootdir . -p no:cacheprovider -p tests.untimed \
	  --confcutdir tests/matching --doctest-modules -W error -o markers=slow -o pythonpath=. \
	  tests/matching contraflow/matching

check: $(DEV)  ## style, types, import contracts, templates, Django's checks, migrations
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(BIN)/lint-imports
	$(BIN)/djlint contraflow --lint --quiet
	$(RUN) deptry .
	$(TEST_SETTINGS) manage.py check --fail-level WARNING
	$(TEST_SETTINGS) manage.py makemigrations --check --dry-run
	$(RUN) pytest -q tests/repo

fix: $(DEV)  ## write what the style checks can mend by themselves
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

run: $(DEV)  ## the server, restarting on every change: make run [PORT=8000]
	$(RUN) contraflow migrate
	CONTRAFLOW_DEBUG=yes $(BIN)/python manage.py runserver $(PORT)

worker: $(DEV)  ## a worker for jobs and mails
	$(RUN) contraflow work

shell: $(DEV)  ## a Python shell with the models loaded
	$(BIN)/python manage.py shell

bench: $(DEV)  ## benchmarks of matching, pages and imports
	$(RUN) benchmarks

peers: $(DEV) $(PEERS:%=$(VENV)/peers/%/.installed)  ## pairing beside other software: make peers [ARGS=--patience]
	$(RUN) benchmarks.peers $(ARGS)

# needs uv (pip install uv); writes names, versions and hashes, and no address
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate

lock:  ## compile requirements/*.txt from pyproject.toml
	$(LOCK) pyproject.toml --group build --output-file requirements/core.txt
	$(LOCK) pyproject.toml --group dev --output-file requirements/dev.txt --constraint requirements/core.txt
	$(LOCK) --group engine --output-file requirements/engine.txt
	for peer in $(PEERS); do \
	  $(LOCK) --group peer-$$peer --output-file requirements/peer-$$peer.txt || exit 1; done

clean:  ## remove the virtual environment and caches; keeps data/
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .coverage* htmlcov test-artifacts
