# Everything a person does with this checkout. `make` alone lists it.
# Variables: PYTHON (3.11 or newer), BANK, DATA, ARGS, ROLE.

PYTHON ?= python3
BIN    := .venv/bin
PY     := $(BIN)/python
MAKEFLAGS += --no-print-directory
# Whole files, in their order, to as many processes as there are cores: each with a stack of its own (docs/decisions/0054).
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help install demo test unit check faults bench token dead-letters contracts lock bundle up down status wipe clean

help: ## list what can be done
	@awk 'BEGIN {FS = ":.*## "; print "make …"} /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: ## install everything into .venv and .local; at once done when nothing changed
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or newer" >&2; exit 2; }
	@$(PYTHON) -m deploy.bootstrap

demo: install ## the whole system over a bank: BANK=simulated|berka DATA=folder ARGS=--exit
	@$(PY) -m demo $(if $(BANK),--bank $(BANK)) $(if $(DATA),--data $(DATA)) $(ARGS)

test: install ## every test, on a real PostgreSQL and Kafka, but the long campaigns; ARGS goes to pytest, in one process then
	@$(PY) -m pytest -m "not faults and not bench" $(or $(ARGS),$(SIDE_BY_SIDE))

unit: install ## the services' rules alone, without PostgreSQL and Kafka, in seconds
	@HYPOTHESIS_PROFILE=quick $(PY) -m pytest -q -m "not stack and not faults and not bench" tests/customer_profile tests/scoring \
		tests/churn_alert tests/feedback $(ARGS)

check: install ## style, types, layers, generated contracts, then every test: what must pass before a change lands
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PY) docs/generate.py --check
	@$(MAKE) test

faults: install ## long: kill and freeze all there is under load, merge files in 10,000 steps, and account for every event
	@$(PY) -m tests.faults $(ARGS)

bench: install ## throughput and latency beside their floor, in one run
	@$(PY) -m benchmarks $(ARGS)

token: install ## an access token for a role: ROLE=compliance
	@$(PY) -m deploy.local token --role $(or $(ROLE),compliance) $(ARGS)

dead-letters: install ## list dead letters of the running system; ARGS="--replay all" handles them again
	@$(PY) -m deploy.local dead-letters $(ARGS)

up: install ## start PostgreSQL and Kafka alone, and leave them running
	@$(PY) -m deploy.local up $(ARGS)

down: install ## end what `up` started; the data stays
	@$(PY) -m deploy.local down $(ARGS)

status: install ## what runs, and where
	@$(PY) -m deploy.local status $(ARGS)

wipe: install ## end what `up` started and remove its data
	@$(PY) -m deploy.local wipe $(ARGS)

contracts: install ## write the generated references anew: schemas, AsyncAPI, OpenAPI, docs
	@$(PY) docs/generate.py

lock: install ## pin what requirements.in names, with hashes, and Kafka's jars
	@$(BIN)/uv --version >/dev/null 2>&1 || $(PY) -m pip install -q uv
	@$(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 requirements.in -o requirements.lock -q \
		--no-annotate --custom-compile-command "make lock"
	@$(PY) -m deploy.local.lock

bundle: install ## pack everything for a machine without package registries: dist/rapport-….tar.gz
	@$(PY) -m deploy.bundle $(ARGS)

clean: ## remove everything that was installed or made, all local data included
	@if [ -x $(PY) ]; then $(PY) -m deploy.local wipe --all; fi
	@rm -rf .venv .local dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
