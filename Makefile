# run: the README's question on a real document.  test: everything.  bench: speed and memory, as ratios.
PYTHON ?= python3
BIN := .venv/bin
DOCUMENT := $(shell $(PYTHON) -c "import asyncio, pathlib; print(pathlib.Path(asyncio.__file__).parent)")

.PHONY: run test check bench build clean prices prices-check prices-diff prices-compare

run: .venv/run
	$(BIN)/cachecost compare gemini-3.6-flash claude-opus-5-5 gpt-5.6-luna --file $(DOCUMENT) --queries 10 --question 200 --answer 500

# The contract of the API runs by itself: its cases share one name, and two processes deal tests by their names.
CONTRACT := tests/test_api_contract.py

test: .venv/test check
	$(BIN)/pytest --numprocesses 2 --dist loadfile --ignore $(CONTRACT)
	$(BIN)/pytest $(CONTRACT)

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/test
	$(BIN)/python tests/bench/run.py

# What a pull request with a new price is looked at with; BASE is what it is compared with.
BASE ?= main

prices-check: .venv/run
	$(BIN)/cachecost prices check

prices-diff: .venv/run
	$(BIN)/cachecost prices diff $(BASE) --format markdown --out prices-diff.md

prices-compare: .venv/test
	$(BIN)/cachecost prices compare genai-prices --as-of 2026-11-20T12:00Z
	$(BIN)/cachecost prices compare litellm --as-of 2026-11-20T12:00Z

# The generated files beside the sheets: after changing a price, make them anew.
prices: .venv/run
	$(BIN)/cachecost prices table --out pricing/RATES.md
	$(BIN)/cachecost prices schema --out pricing/sheet.schema.json

build: .venv/test
	$(BIN)/python -m build

.venv/run: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/test: .venv/run .venv/system
	$(BIN)/pip install --quiet --editable '.[test]'
	touch $@

# Programs that some tests and `make bench` drive. Where they cannot be installed, those tests say so and are skipped.
SYSTEM := chromium openjdk-17-jre-headless postgresql prometheus wrk

.venv/system: | .venv/run
	-@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(SYSTEM) >/dev/null; fi
	touch $@

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
