# Everything one needs by name: `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The first of these that is installed makes the environment; say PYTHON=... to choose.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3,$(shell command -v $(name) 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py

# Named after what the requirements say: the same requirements are never installed twice, changed ones always.
INSTALLED := $(VENV)/.installed-$(shell cat requirements.txt requirements-dev.txt clients/python/pyproject.toml | cksum | cut -d' ' -f1)

# What browsers get beside our own scripts comes from npm, whose program is one of the Python requirements.
PACKAGES := node_modules/.installed-$(shell cat package-lock.json | cksum | cut -d' ' -f1)

export PULIH_HOST ?= 127.0.0.1
export PULIH_PORT ?= 8000
export PULIH_VAR_DIR ?= $(CURDIR)/var

.PHONY: help
help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(INSTALLED) $(PACKAGES) ## Create .venv and node_modules and install everything into them

$(INSTALLED): requirements.txt requirements-dev.txt clients/python/pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@rm -f $(VENV)/.installed-*
	@touch $@

$(PACKAGES): package.json package-lock.json | $(INSTALLED)
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --loglevel=error
	@touch $@

# Hashing and compressing takes seconds, so only what has changed since is a reason to do it again.
STATIC := staticfiles/staticfiles.json

$(STATIC): $(INSTALLED) $(PACKAGES) config/package_files.py $(shell find static -type f)
	@$(MANAGE) collectstatic --no-input --verbosity 0

# `make run` serves as production does (hashed static files, no tracebacks), with a demo collection to look at.
.PHONY: run
run $(STATIC): export PULIH_DEBUG := false
run: export PYTHONUNBUFFERED := 1
run: export PULIH_DEMO_NOTE = $(PULIH_VAR_DIR)/demo.txt
run: $(STATIC) ## Start Pulih with a demo collection on http://127.0.0.1:8000
	@$(BIN)/python -m config.local_run check
	@mkdir -p "$(PULIH_VAR_DIR)"
	@echo "Preparing the database, the pages and the demo collection ..."
	@$(MANAGE) migrate --verbosity 0
	@(umask 077 && $(MANAGE) create_demo > "$(PULIH_DEMO_NOTE)")
	@PATH="$(CURDIR)/$(BIN):$$PATH" exec $(BIN)/python -m config.local_run start

# Tests of one file stay together: they share what is dear to make.
SIDE_BY_SIDE := --numprocesses=logical --maxprocesses=4 --dist=loadfile

# What is slow and depends on the database.
SLOW_ON_POSTGRESQL := $(addprefix tests/,architecture/test_permissions.py archive/test_access_migration.py \
	archive/test_queue_cluster.py openapi operation/test_two_clusters.py)

.PHONY: test
test: setup lint types checks ## Run everything that proves Pulih right
	env -u PULIH_TEST_DATABASE_URL $(BIN)/pytest $(SIDE_BY_SIDE) -m "not gpu and not exhaustive"
ifdef PULIH_TEST_DATABASE_URL
	$(BIN)/pytest $(SIDE_BY_SIDE) -m "django_db and not slow and not gpu and not browser and not exhaustive"
	$(BIN)/pytest -n 0 -m slow $(SLOW_ON_POSTGRESQL)
else
	@echo "Set PULIH_TEST_DATABASE_URL=postgres://... to run the database's tests on PostgreSQL as well."
endif

AUDITED := config archive restoration mlcore clients/python/src

.PHONY: api-cases
api-cases: setup ## Send the API everything that schemathesis makes of its schema: over 5,000 cases
	$(BIN)/pytest tests/openapi -m exhaustive -s

.PHONY: lint
lint: setup ## Check style and form of the code, and look for risky code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(AUDITED)

# --strict: without it a package that nobody could be asked about counts as one without holes.
.PHONY: audit
audit: lint ## The same, and known holes in what is installed (asks the public advisories)
	$(BIN)/pip-audit --local --skip-editable --strict --progress-spinner off

.PHONY: types
types: setup ## Check types
	$(BIN)/mypy config archive restoration mlcore
	$(BIN)/mypy --config-file clients/python/pyproject.toml clients/python/src

.PHONY: checks
checks: export DJANGO_SETTINGS_MODULE := config.settings.test
checks: setup ## Check settings and that no migration is missing
	env -u PULIH_TEST_DATABASE_URL $(MANAGE) check --fail-level WARNING
	env -u PULIH_TEST_DATABASE_URL $(MANAGE) makemigrations --check --dry-run

.PHONY: format
format: setup ## Put the code into form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: clean
clean: ## Remove caches and collected static files; keep the environment and var/
	rm -rf .mypy_cache .pytest_cache .ruff_cache staticfiles
	find . -name __pycache__ -not -path "./$(VENV)/*" -not -path "./node_modules/*" -prune -exec rm -rf {} +

.PHONY: screenshots
screenshots: setup ## Take the README's pictures of the demo collection
	$(BIN)/python -m tests.journeys.screenshots
