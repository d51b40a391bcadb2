# What a fresh machine needs is installed from here; nothing by hand.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: demo test quality bench lint docs clean services

# A virtual environment, also where python3-venv is missing: then pip of the system installs into it.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "riskzoning needs Python 3.11 or newer; set PYTHON=..."; exit 2; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); $(PYTHON) -m venv --without-pip $(VENV); }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m pip --python $(BIN)/python install -q pip

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	@echo "installing riskzoning into $(VENV) ..."
	@$(PIP) install -e '.[fonts]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	@echo "installing riskzoning and its test tools into $(VENV) ..."
	@$(PIP) install -e '.[test]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	@$(BIN)/riskzoning demo --out out/demo

services:
	@bash tests/services.sh

test: $(VENV)/.test services
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow"

lint: $(VENV)/.test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

quality: $(VENV)/.test services
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile
	@$(BIN)/python -m benchmarks --size s

bench: $(VENV)/.test
	@$(BIN)/python -m benchmarks --size m --document docs/performance.md

clean:
	@rm -rf out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
