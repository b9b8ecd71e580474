# Each target does its own set-up and is safe to run again.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PYTHONDONTWRITEBYTECODE :=  # thousands of Pythons are started here, and none should compile what another one has
.PHONY: demo test coverage test-fast test-frameworks test-planes browser lint runtimes binaries plane contract-ocm bench bench-render bench-placement bench-validate bench-training bench-recovery bench-proxies bench-rotation docs clean

demo: $(READY)  ## from nothing to a reviewed commit and two trained models
	PATH="$(CURDIR)/$(BIN):$$PATH" examples/demo.sh

test: lint runtimes binaries $(if $(CI),browser)  ## all checks and all tests
	$(BIN)/pytest -n 3

coverage: lint runtimes binaries  ## the same, measured, which takes a quarter longer
	$(BIN)/pytest -n 3 --cov --cov-report=term:skip-covered --cov-fail-under=94

test-fast: $(READY)  ## the tests of single parts, in less than two minutes
	$(BIN)/pytest -n 2 tests/unit -m "not runtime_flower"

test-frameworks: runtimes  ## those that train with Flower and OpenFL; six minutes
	$(BIN)/pytest -n 2 -m "runtime_flower or runtime_openfl"

test-planes: binaries  ## those on real API servers with OCM, nodes and Argo CD; they share one worker
	$(BIN)/pytest -m planes

browser:  ## Chromium, where it is missing and may be installed; the report's tests skip without
	tests/browser.sh

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

runtimes: $(READY)  ## the frameworks' own environments, below ~/.cache/covey; their tests skip without
	$(BIN)/python -m covey_runtimes.environments flower openfl

BENCH := PYTHONPATH=tests $(BIN)/python tests/bench

binaries: $(READY)  ## the servers of the test planes, below ~/.cache/covey; their tests skip without
	PYTHONPATH=tests $(BIN)/python -m controlplane.binaries

plane: $(READY)  ## a hub and two spokes with OCM and nodes, to look around in, until Ctrl-C
	@PYTHONPATH=tests PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m controlplane

contract-ocm: binaries  ## what Covey relies on of OCM; on OCM's own binaries where COVEY_OCM_ASSETS names them
	$(BIN)/pytest tests/contract/ocm -m ocm

bench:  ## measures everything, and writes the tables in tests/bench/results; an hour on two idle cores
	@echo "On two idle cores: render 2 minutes, placement 1, validate 2, proxies 1, rotation 3, recovery 4, training 20."
	@echo "The machine must do nothing else meanwhile. Each is a target of its own: make bench-render, and so on."
	$(MAKE) --keep-going bench-render bench-placement bench-validate bench-proxies bench-rotation bench-recovery bench-training

bench-render: $(READY)
	$(BENCH)/render.py

bench-placement: $(READY)
	$(BENCH)/placement.py

bench-validate: $(READY)
	$(BENCH)/validate.py

bench-training: runtimes  ## `covey run` side by side with raw Flower and raw OpenFL
	$(BENCH)/training.py

bench-recovery: runtimes  ## until it trains again after `kill -9`
	$(BENCH)/recovery.py

bench-proxies: $(READY)  ## what the proxies add to a model of 500 MB
	$(BENCH)/large_model.py

bench-rotation: runtimes  ## certificates, authorities and the roster change under traffic
	$(BENCH)/rotation.py

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
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*
