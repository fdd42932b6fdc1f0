# Two commands matter: `make run` and `make test`. Each installs what it needs, once; a second run is quick.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# Steps are told in an order that makes sense; two at once would mix their words.
.NOTPARALLEL:

export POSTAL_PORT ?= 8000
export PYTHONUNBUFFERED := 1
# Whatever the environment says, modules are compiled once and not by every process: __pycache__ is ignored by git.
export PYTHONDONTWRITEBYTECODE :=
VENV := .venv
PYTHON := $(VENV)/bin/python
# --no-deps: the lock names everything. --only-binary: no package runs code of its own while it is installed.
PIP_INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --no-deps --only-binary=:all: --require-hashes
COMPILE := $(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--python-version 3.11 --custom-compile-command "make lock"
CODE := $(wildcard main.py postal routes labels tools tests bench)
# One more than there are processors: some tests wait, for a browser or for a process they killed.
WORKERS ?= $(shell expr $$(nproc) + 1)

.PHONY: help install run test lint types layers fast format lock upgrade licences bench clean
help: ## Show this list
	@grep --extended-regexp '^[a-z-]+:.*## ' Makefile | sed --regexp-extended 's/^([a-z-]+):.*## /  make \1\t/' | expand --tabs=18

# -------------------------------------------------------------------------------------------------------- the product
install: $(VENV)/.runtime ## Prepare .venv with what the product needs

$(PYTHON):
	@echo "Making $(VENV)"
	@tools/venv.sh $(VENV)

$(VENV)/.runtime: requirements.lock | $(PYTHON)
	@echo "Installing the product's packages (requirements.lock)"
	@$(PIP_INSTALL) --requirement requirements.lock
	@touch $@

run: port-is-free install ## Serve a living demo on 127.0.0.1:8000 (POSTAL_PORT=… for another port)
	@$(PYTHON) main.py migrate
	@$(PYTHON) main.py seed
	@$(PYTHON) main.py demo --if-empty
	@exec $(PYTHON) main.py serve

.PHONY: port-is-free
port-is-free:
	@python=$$(tools/python.sh); "$$python" tools/free_port.py "$$POSTAL_PORT" "make run"

# ---------------------------------------------------------------------------------------------------------- the tests
$(VENV)/.tests: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing the tests' packages (requirements-dev.lock)"
	@$(PIP_INSTALL) --requirement requirements-dev.lock
	@touch $@

.PHONY: test-tools
test-tools: $(VENV)/.tests
	@tools/system-packages.sh chromium postgresql

test: test-tools lint layers types ## Everything: linters, layers, types, tests on both databases and in Chromium
	$(PYTHON) -m pytest --whole -n $(WORKERS) --dist worksteal

fast: $(VENV)/.tests ## The quick tests, stopping at the first failure
	$(PYTHON) -m pytest -x -m "not slow"

lint: $(VENV)/.tests ## ruff
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

layers: $(VENV)/.tests ## import-linter
	$(VENV)/bin/lint-imports --no-cache

types: $(VENV)/.tests ## mypy --strict
	$(VENV)/bin/mypy $(CODE)

bench: $(VENV)/.tests ## Measure: every script of bench/, one after the other
	@for script in bench/[a-z]*.py bench/worlds; do echo "== $$script"; $(PYTHON) -m "bench.$$(basename "$$script" .py)"; done

format: $(VENV)/.tests ## Let ruff put the code in order
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# ---------------------------------------------------------------------------------------------------------- the house
lock: $(VENV)/.tests ## Write the lock files again after a change of pyproject.toml, keeping versions that still fit
	$(COMPILE) $(UPGRADE) pyproject.toml --output-file requirements.lock
	$(COMPILE) $(UPGRADE) --extra dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock
	@$(MAKE) licences

upgrade: ## Lock the newest versions that pyproject.toml allows
	@$(MAKE) lock UPGRADE=--upgrade

licences: $(VENV)/.tests ## Write docs/licences.md from what is installed
	$(PYTHON) tools/licences.py

clean: ## Remove .venv and caches; the data in var/ stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find $(CODE) -name __pycache__ -prune -exec rm -rf {} +
