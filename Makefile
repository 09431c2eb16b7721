# Everything a developer needs, with Python 3.11+ (venv), make and a package index only.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help setup test lint types unit packages demo crash faults fuzz mutants catalogue reference sentences pictures lock clean

help:            ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/'

setup: $(STAMP)  ## a virtual environment with everything, hashes verified

$(STAMP): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

test: setup lint types unit  ## lint, types and every test

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

# Where it may (root, apt), what some tests need of Debian; elsewhere they say at the end what was not run.
# A command, and the package that brings it.
DEBIAN := mkfs.ext4=e2fsprogs systemd-analyze=systemd mount=mount chromium=chromium chromedriver=chromium-driver promtool=prometheus

packages:
	@for pair in $(DEBIAN); do command -v $${pair%%=*} >/dev/null || missing="$$missing $${pair#*=}"; done; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -qq -y --no-install-recommends $$missing >/dev/null || true; fi

unit: setup packages
	$(BIN)/pytest -n auto

demo: setup      ## the main job on this machine, no account needed
	$(BIN)/chorus-outbox demo

# --- long proofs: each ends with a table, and with exit code 1 when anything is wrong. A short form of each is in `test`.

$(VENV)/.rigs: $(STAMP) requirements/rigs.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/rigs.txt
	touch $@

crash: setup packages  ## killed, short of disk, cut from power at every point (root for some)
	$(BIN)/python tests/rigs/crash.py all --jobs 2

faults: setup    ## every remote call failing in every way
	$(BIN)/python tests/rigs/faults.py -j 2

fuzz: $(VENV)/.rigs  ## a million strange inputs
	$(BIN)/python tests/rigs/fuzz.py

mutants: $(VENV)/.rigs  ## every seeded bug in what decides about sending is killed or explained
	$(BIN)/python tests/rigs/mutants.py

sentences: setup ## print all that a clerk can read, for a reader's eye
	$(BIN)/python tests/rigs/sentences.py

catalogue: setup ## bring the translations into step with the English texts, and compile them
	$(BIN)/python tests/rigs/catalogue.py

reference: setup ## write the tables of docs/reference.md and docs/fr/reference.md from the code
	$(BIN)/python tests/rigs/reference.py

pictures: setup packages  ## draw the pictures of the documents anew (Chromium)
	PYTHONPATH=tests $(BIN)/python tests/rigs/pictures.py
	PYTHONPATH=tests $(BIN)/python tests/rigs/doc_pictures.py

lock: setup      ## resolve the dependencies anew (no addresses are written)
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links --no-header --all-extras \
	  --output-file requirements/dev.txt pyproject.toml requirements/dev.in
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links --no-header --output-file requirements/rigs.txt requirements/rigs.in

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
