# `make help` lists the targets.
PYTHON ?= python3
BIN := .venv/bin
DOCUMENT := $(shell $(PYTHON) -c "import asyncio, pathlib; print(pathlib.Path(asyncio.__file__).parent)")

# Tests start hundreds of commands: their compiled modules are kept, also where the environment says not to.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test quick-tests test-all test-lowest check mutants bench conformance size build clean lock prices prices-check prices-diff prices-compare prices-watch pictures

help: ## list these targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/make \1 \t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: .venv/run ## the README's question on a real document
	@echo "cachecost is $(BIN)/cachecost; after 'source $(BIN)/activate' it is in the path"; echo
	@echo "pricing 10 questions about $(DOCUMENT) on three models:"
	@echo "cachecost compare gemini-3.6-flash claude-opus-5-5 gpt-5.6-luna -f $(DOCUMENT) -n 10"; echo
	@$(BIN)/cachecost compare gemini-3.6-flash claude-opus-5-5 gpt-5.6-luna -f $(DOCUMENT) -n 10

# Types are checked beside the tests: mypy needs one core for half a minute where it has no cache.
test: .venv/test ## lint, types and the tests, all but those of test-all
	$(MAKE) --no-print-directory --jobs 2 check quick-tests

# Two processes, each a file at a time in the order of their names; those with a browser count as one. Only the edges of
# the API's contract need the plugin of schemathesis, which takes seconds to load.
quick-tests: .venv/test
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "not external" \
	  -p no:schemathesis --ignore tests/api/test_contract_edges.py

test-all: .venv/test-all test-lowest ## tests with Spark, ClickHouse, PostgreSQL, Prometheus and litellm, slow ones, more examples
	$(BIN)/pytest -m "external or hypothesis" --hypothesis-profile thorough -rs

# Lowest versions of which there is a wheel. Old packages may use what newer ones of others deprecate.
LOWEST := .venv/lowest
test-lowest: .venv/uv ## short tests with the lowest versions that pyproject.toml allows
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LOWEST)
	$(BIN)/uv pip install --quiet --python $(LOWEST) --resolution lowest-direct --only-binary :all: \
	  --requirements pyproject.toml $(addprefix --extra ,files tokens charts fast metrics logs)
	$(BIN)/uv pip install --quiet --python $(LOWEST) --only-binary :all: pytest hypothesis httpx2 httpx
	$(BIN)/uv pip install --quiet --python $(LOWEST) --no-deps --editable .
	$(LOWEST)/bin/python -m pytest -W ignore::DeprecationWarning -m "not external" \
	  -k "not shared_prefix and not several_processes" tests/documents tests/output/test_vega.py \
	  tests/api/test_serve.py tests/api/test_http.py tests/cli/test_commands.py tests/cli/test_replay.py

# Exact versions with hashes: requirements.lock is for the image, requirements-dev.lock for development.
LOCK := uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate
lock: .venv/uv ## renew requirements.lock and requirements-dev.lock
	echo hatchling | $(BIN)/$(LOCK) --extra metrics --extra files pyproject.toml - --output-file requirements.lock
	$(BIN)/$(LOCK) --extra test-all pyproject.toml --output-file requirements-dev.lock

check: .venv/test ## lint and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

size: .venv/test ## lines, modules in a folder, circles and floors of the code
	$(BIN)/python -m tests.size

# How many mutants are drawn, and by which seed; each takes up to a minute.
SAMPLE ?= 300
SEED ?= 1
mutants: .venv/test ## small changes to the engine that its tests should notice
	$(BIN)/python -m tests.oracles.mutants $(SAMPLE) $(SEED)

bench: .venv/test-all ## speed and memory, as ratios within one run
	$(BIN)/python -m tests.bench.run

# BASE is the revision or folder that prices-diff compares with.
BASE ?= main

prices-check: .venv/run ## check every price page
	$(BIN)/cachecost prices check --strict

prices-diff: .venv/run ## what the working tree changes in prices since BASE
	$(BIN)/cachecost prices diff $(BASE) --format markdown --limit 60000 --out prices-diff.md
	$(BIN)/cachecost prices diff $(BASE)

prices-compare: .venv/peers ## compare the prices with the public datasets
	$(BIN)/cachecost prices compare genai-prices --as-of 2026-11-20T12:00Z
	$(BIN)/cachecost prices compare litellm --as-of 2026-11-20T12:00Z

# Without the network: two recorded releases of litellm, with the others as second sources.
RECORDED := tests/review/recorded
prices-watch: .venv/run ## what changed in public datasets, on recorded releases
	$(BIN)/cachecost prices watch --previous $(RECORDED)/litellm-1.106.2.json --from $(RECORDED)/litellm-1.110.2.json \
	  --between 2026-10-20..2026-11-20 $(foreach file,genai_prices-0.2.3.txt model_prices-0.0.5.json \
	  metergraph_core-0.7.4.yaml,--from $(RECORDED)/$(file))

conformance: .venv/peers ## how many worked bills cachecost, genai-prices and litellm meet
	$(BIN)/python conformance/run.py conformance/libraries/*.py

prices: .venv/run ## regenerate the files that are generated from the price pages
	$(BIN)/cachecost prices table --out pricing
	$(BIN)/cachecost prices schema --out pricing/sheet.schema.json
	for page in model machine gpus; do $(BIN)/cachecost prices schema $$page --out pricing/self-hosted/$$page.schema.json; done

pictures: .venv/test ## the pictures of the README, made from the program itself
	$(BIN)/python -m tests.pictures

build: .venv/test ## the wheel and the source distribution
	$(BIN)/python -m build

.venv/run: pyproject.toml
	$(call install,.[files])
	touch $@

.venv/peers: pyproject.toml
	$(call install,.[peers])
	touch .venv/run $@

.venv/uv:
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet 'uv>=0.5'
	touch $@

# The browser of the page's tests. Debian's package lies outside .venv.
.venv/test: pyproject.toml
	$(call install,.[test])
	$(call system,chromium-headless-shell)
	touch .venv/run $@

.venv/test-all: pyproject.toml
	$(call install,.[test-all])
	$(call system,chromium-headless-shell default-jre-headless postgresql prometheus wrk)
	touch .venv/run .venv/peers .venv/test $@

# All extras that are needed in one go: pip builds the project anew each time.
define install
@echo "installing $(1) and what it needs into .venv: a minute or so"
test -x $(BIN)/pip || $(PYTHON) -m venv .venv
$(BIN)/pip install --quiet --editable '$(1)'
endef

# Programs that tests drive. Where they cannot be installed, those tests are skipped and say so. One by one, since apt
# installs none of several where it does not know one.
define system
-@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then echo "installing $(1)"; apt-get update -qq; \
  for package in $(1); do DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $$package >/dev/null; done; fi
endef

clean: ## remove the environment and what was built
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find calc api tests -name __pycache__ -prune -exec rm -rf {} +
