# make demo   sets everything up and runs three nodes that keep each other from harm
# make test   sets everything up and runs everything that CI runs
# make quick  format, lint, types, import contracts, unit tests: under a minute
# make long   more worlds, more seeds, the million, the damaged link
# make bench  the benchmarks, into docs/benchmarks.md
# make console  builds the watch console's page into the package, from console/
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help setup demo test quick long bench console docs clean

help:
	@sed -n '1,6s/^# //p' Makefile

# Debian packages where they can be had, a virtual environment, the locked dependencies.
setup: .venv/.ready

.venv/.ready: pyproject.toml requirements.lock tools/setup.sh
	@sh tools/setup.sh "$(PYTHON)"
	@touch $@

demo: setup
	@$(BIN)/clearline demo

test: setup
	@$(BIN)/python tools/run_tests.py

quick: setup
	@$(BIN)/ruff format --check src tests benchmarks tools
	@$(BIN)/ruff check src tests benchmarks tools
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest tests/unit -q -n 2

long: setup
	@CLEARLINE_HYPOTHESIS=long $(BIN)/python -m pytest tests -q -n 2 -m "long or not long"

# Whom we are measured beside comes with the extra; without them the rest is measured all the same.
bench: setup
	-@$(BIN)/python -m pip install --quiet -e ".[bench]"
	@$(BIN)/python -m benchmarks.run_all

# npm comes with the development environment; nobody who only runs a node needs it.
console: setup
	@cd console && PATH="$(CURDIR)/$(BIN):$$PATH" && export PATH && npm ci --no-audit --no-fund && npm run --silent check && npm run --silent build

docs: setup
	@$(BIN)/python tools/make_reference.py

clean:
	rm -rf .venv build dist
