# What a fresh machine needs is installed from here; nothing by hand.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
OUT := out/demo
SOURCES := $(shell find riskzoning data/samples/xinxiang -type f -not -name '*.pyc')

.PHONY: demo test quality bench lint docs docs-pages docs-reference samples clean services

# Installs the package with extras $(1). Where the last installation was interrupted the environment is begun anew; where
# python3-venv is missing the pip of the system installs into it; nothing is activated, so any path will do.
define install
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "riskzoning needs Python 3.11 or newer; say which with: make $@ PYTHON=python3.12" >&2; exit 2; }
@if [ -e "$(VENV)/.unfinished" ]; then echo "the last installation was interrupted; beginning anew ..."; rm -rf "$(VENV)"; fi
@"$(BIN)/python" -c '' 2>/dev/null || { [ ! -e "$(VENV)/pyvenv.cfg" ] || rm -rf "$(VENV)"; mkdir -p "$(VENV)"; touch "$(VENV)/.unfinished"; \
  $(PYTHON) -m venv "$(VENV)" >/dev/null 2>&1 || $(PYTHON) -m venv --without-pip "$(VENV)"; }
@touch "$(VENV)/.unfinished"
@"$(BIN)/python" -m pip --version >/dev/null 2>&1 || $(PYTHON) -m pip --python "$(BIN)/python" install -q pip \
  || { echo "neither python3-venv nor pip is here; install one of them (apt-get install python3-pip)" >&2; exit 2; }
@echo "installing riskzoning$(1) into $(VENV) (the first time takes some minutes) ..."
@$(PIP) install -e '.$(1)'
@rm "$(VENV)/.unfinished"
endef

$(VENV)/.demo: pyproject.toml
	$(call install,[fonts])
	@touch $@

$(VENV)/.test: pyproject.toml
	$(call install,[test])
	@touch $@ $(VENV)/.demo

$(OUT)/run.json: $(SOURCES) | $(VENV)/.demo
	$(eval MADE := yes)
	@$(BIN)/python -m riskzoning demo --out $(OUT)

# Where nothing has changed since, the results are there already.
demo: $(OUT)/run.json
	@$(if $(MADE),:,printf '%s\n' "the sample study is up to date in $(OUT) (make clean, then make demo, runs it again):" \
	  "  maps: $(OUT)/maps" "  tables: $(OUT)/tables" "  layers: $(OUT)/layers" "  database: $(OUT)/database.gpkg" \
	  "  site: $(OUT)/site/index.html" "  run record: $(OUT)/run.json")

services:
	@bash tests/services.sh

test: $(VENV)/.test services
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

lint: $(VENV)/.test
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports

quality: $(VENV)/.test $(VENV)/.docs services
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --hypothesis-profile=many
	@$(BIN)/python -m benchmarks --size s

bench: $(VENV)/.test
	@$(BIN)/python -m benchmarks --size m --document docs/performance.md

$(VENV)/.docs: pyproject.toml
	$(call install,[docs])
	@touch $@ $(VENV)/.demo

# The site in out/docs: every page, the notebooks and the functions, without a warning and without a broken link.
docs: docs-pages $(VENV)/.docs
	@$(BIN)/python docs/site_build.py out/docs

# Pages that are written from the program; docs/performance.md is written by the benchmarks.
docs-pages: docs-reference
	@$(BIN)/python docs/hazards_page.py
	@$(BIN)/python docs/receptors_page.py
	@$(BIN)/python docs/surveys_page.py
	@$(BIN)/python docs/database_page.py
	@$(BIN)/python docs/products_page.py

docs-reference: $(VENV)/.demo
	@$(BIN)/python docs/reference_page.py

# The sample city again, from its seed; the files come out as they are in the repository.
samples: $(VENV)/.demo
	@PYTHONPATH=data/samples $(BIN)/python -m make

clean:
	@rm -rf out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
