# The platform's commands. 'make help' lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
UV := .tools/bin/uv
MODE ?= demo
INBOX ?=
export PYTHONPATH := $(CURDIR)/plugins
export UV_NO_CONFIG := 1
export GX_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1

.PHONY: help setup run stop test check format generate lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: .venv/.ready ## Install everything that is locked into .venv

run: setup ## Start the platform (MODE=demo|live|inbox, INBOX=folder); Ctrl-C stops it
	@URBANDATA_MODE=$(MODE) $(if $(INBOX),URBANDATA_INBOX=$(abspath $(INBOX)),) $(BIN)/python -m urbandata.platform run

stop: setup ## Stop a platform that runs in another terminal
	@$(BIN)/python -m urbandata.platform stop

test: setup ## Run all tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: setup ## Format, lint, types, SQL lint, generated files
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/sqlfluff lint dbt/models dbt/tests --processes 2 --disable-progress-bar
	$(BIN)/python -m urbandata.cli generate --check

format: setup ## Format Python
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

generate: setup ## Write what is generated from the source.yml files
	$(BIN)/python -m urbandata.cli generate

lock: .tools/.ready ## Remake requirements.lock from pyproject.toml
	$(UV) pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	    --group dev --quiet pyproject.toml -o requirements.lock

clean: ## Remove what the platform has written (data, caches), not .venv
	rm -rf data artifacts dbt/target dbt/logs .pytest_cache .ruff_cache .mypy_cache .hypothesis

.tools/.ready:
	@echo "Installing uv …"
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@

.venv/.ready: .tools/.ready requirements.lock
	@echo "Installing the locked packages (about 1 GB on the first run) …"
	@[ -x $(BIN)/python ] || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock
	@echo "$(CURDIR)/plugins" > "$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/urbandata.pth"
	@printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m urbandata.cli "$$@"\n' "$(CURDIR)" > $(BIN)/urbandata
	@chmod +x $(BIN)/urbandata
	@touch $@
