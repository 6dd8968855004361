# Everything a newcomer needs: each target sets up what it uses, inside .venv, from requirements.lock.

PYTHON ?= python3
PORT ?= 8000
SECONDS ?= 60
PYTEST_FLAGS ?= -q

BIN := .venv/bin
STAMP := .venv/.milepost-ready
UV := $(BIN)/uv --quiet

export PYTHONUNBUFFERED := 1
# Compiled code is kept, so that the second start takes a moment.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test torture demo bench check conformance format lock

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## install everything the other targets need (nothing to do the second time)

run: setup ## serve with an embedded database and a sample program, on 127.0.0.1:PORT (default 8000)
	@$(BIN)/milepost run --port $(PORT)

test: setup ## run all tests
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_FLAGS)

torture: setup ## kill, crash and cut off everything for SECONDS (default 60) while clients ask; SEED=n does the same again
	@$(BIN)/python -m tests.torture --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

demo: setup ## import a real year of grocery baskets and show what the engine makes of it
	@$(BIN)/milepost demo

bench: setup ## run the benchmarks: one JSON object per line, a readable table on standard error
	@$(BIN)/milepost bench

check: setup ## lint, format, types, import contracts, dependencies, drift of schema.graphql
	@echo "== lint";         $(BIN)/ruff check .
	@echo "== format";       $(BIN)/ruff format --check .
	@echo "== types";        $(BIN)/mypy
	@echo "== imports";      $(BIN)/lint-imports
	@echo "== dependencies"; $(BIN)/deptry .
	@echo "== schema";       $(BIN)/milepost schema --check

conformance: setup ## check a running server and its schema by the tools of other people (needs Node)
	@$(BIN)/python conformance/main.py

format: setup ## rewrite the code in the house style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: setup ## write requirements.lock anew from pyproject.toml, with the newest versions
	@$(UV) pip compile pyproject.toml --extra dev --extra demo --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --no-header --output-file requirements.lock

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Milepost needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || { echo "== creating .venv"; $(PYTHON) -m venv .venv; }
	@test -x $(BIN)/uv || { echo "== installing uv"; $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; }
	@echo "== installing requirements.lock"
	@$(UV) pip install --python $(BIN)/python --compile-bytecode --require-hashes --requirements requirements.lock
	@$(UV) pip install --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@
