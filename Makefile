# The two commands of a newcomer: make demo, make test. Everything else is for those who change the code.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help install demo gallery test test-pg check docs wheel walk picture lint fmt types imports audit soak fuzz cover dist lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/.ok: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "triage needs Python 3.11 or newer; try make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q uv
	$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python -r requirements.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	@touch $@

install: $(VENV)/.ok ## make .venv with everything, pinned by requirements.lock

demo: install ## a mail server on loopback, a dozen mails, the real daemon: watch it keep the promise
	@$(BIN)/triage demo

gallery: install ## every mail in every language on one page, and pictures: phone and desktop, light and dark
	@$(BIN)/python bench/gallery.py

test: install ## everything that can run here; says in its last line what was left out
	@$(BIN)/pytest -n auto --dist worksteal $(ARGS)

test-pg: install ## only what runs on PostgreSQL
	$(BIN)/pytest -m "postgres and not slow"

check: install lint types imports ## ruff, mypy --strict, import contracts

lint: install ## ruff: rules and form
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

fmt: install ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: install ## mypy --strict
	$(BIN)/mypy

imports: install ## the arrows of the house
	$(BIN)/lint-imports

audit: install ## hashes, reasons and licences of what we depend on; needs no network
	$(BIN)/pytest -q tests/house/test_dependencies.py

soak: install ## the long tests: chaos, weeks of simulated traffic
	$(BIN)/pytest -m slow

fuzz: install ## from any bytes to a decision, guided by coverage, for SECONDS (60)
	$(BIN)/python -m tests.fuzz.target $(or $(SECONDS),60)

cover: install ## the core's own tests, which must take every branch of it
	$(BIN)/pytest -n auto --dist worksteal tests/core --cov=triage/core --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

docs: install ## docs/settings.md, docs/schema and docs/timeline.md, made from models, rules and templates
	$(BIN)/triage schema triage --docs > docs/settings.md
	$(BIN)/triage schema triage > docs/schema/triage.json
	$(BIN)/triage schema rules > docs/schema/rules.json
	$(BIN)/python -m bench.timeline > docs/timeline.md

dist: install ## the wheel
	$(BIN)/python -m build --wheel

wheel: install ## the wheel, installed in a clean environment and used from there
	.ci/wheel

walk: install ## a newcomer's walk from the wheel to the first day's end, as root: Postfix's master insists
	.ci/walk

lock: ## choose the newest versions that fit and write them with their hashes
	$(BIN)/uv pip compile -q --extra dev --generate-hashes --universal --python-version 3.11 pyproject.toml -o requirements.lock

picture: install ## docs/demo.svg from what the demo prints
	$(BIN)/python docs/picture.py

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
