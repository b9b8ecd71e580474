# Each target does its own set-up and is safe to run again.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-fast browser lint runtimes bench docs clean

demo: $(READY)  ## from nothing to a reviewed commit and two trained models
	PATH="$(CURDIR)/$(BIN):$$PATH" examples/demo.sh

test: lint runtimes $(if $(CI),browser)  ## all checks and tests
	$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered --cov-fail-under=94

test-fast: $(READY)  ## the tests that take milliseconds
	$(BIN)/pytest tests/unit tests/cases

browser:  ## Chromium, where it is missing and may be installed; the report's tests skip without
	tests/browser.sh

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

runtimes: $(READY)  ## the frameworks' own environments, below ~/.cache/covey; their tests skip without
	$(BIN)/python -m covey_runtimes.environments flower openfl

bench: $(READY)  ## measures, and writes the tables in tests/bench/results
	$(BIN)/python tests/bench/render.py
	$(BIN)/python tests/bench/validate.py

docs: $(READY)  ## the reference pages, from the schemas and the commands
	$(BIN)/python docs/build/reference.py

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Covey needs Python 3.11 or newer; set PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
