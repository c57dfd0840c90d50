# The commands of the project. `make` alone lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 4

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format bench messages screenshots lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP) ## make .venv with Redound and all that it needs

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Redound needs Python 3.11 or later: apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Redound needs Python 3.11 or later; $(PYTHON) is older" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: install ## a click goes out, a conversion comes home, the callback arrives
	$(BIN)/redound demo

test: install ## every test, on SQLite and on a real PostgreSQL
	@test -x /usr/bin/chromium || echo "No /usr/bin/chromium: the tests marked 'browser' will be skipped (apt install chromium)" >&2
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

lint: install ## formatting, rules, types, layers
	$(BIN)/ruff format --check src tests bench tools
	$(BIN)/ruff check src tests bench tools
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tools.messages --check

format: install ## put the code into its form
	$(BIN)/ruff format src tests bench tools
	$(BIN)/ruff check --fix src tests bench tools

bench: install ## measure the hot paths against their references
	$(BIN)/python -m bench

messages: install ## take up new texts of the pages and compile their translations
	$(BIN)/python -m tools.messages

screenshots: install ## photograph the portals' main pages into docs/img (needs chromium)
	$(BIN)/python -m tools.screenshots

lock: ## pin every dependency with its hashes (needs uv)
	uv pip compile pyproject.toml --extra dev --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --upgrade --quiet -o requirements.lock

clean: ## remove what the commands above made
	rm -rf $(VENV) redound-data redound-demo .pytest_cache .ruff_cache .mypy_cache .hypothesis
