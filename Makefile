# run: the README's question on a real document.  test: everything.  bench: speed and memory, as ratios.
PYTHON ?= python3
BIN := .venv/bin
DOCUMENT := $(shell $(PYTHON) -c "import asyncio, pathlib; print(pathlib.Path(asyncio.__file__).parent)")

.PHONY: run test check bench build clean

run: .venv/run
	$(BIN)/cachecost compare gemini-3.6-flash claude-opus-5-5 gpt-5.6-luna --file $(DOCUMENT) --queries 10 --question 200 --answer 500

test: .venv/test check
	$(BIN)/pytest

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/bench
	$(BIN)/python tests/bench/run.py

build: .venv/test
	$(BIN)/python -m build

.venv/run: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/test: .venv/run
	$(BIN)/pip install --quiet --editable '.[test]'
	touch $@

.venv/bench: .venv/test
	$(BIN)/pip install --quiet --editable '.[bench]'
	touch $@

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
