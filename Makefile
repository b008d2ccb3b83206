# run · test · check · fix · bench · docs: the only commands anyone needs. They bring what they need themselves.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
PYTEST := $(BIN)/python -m pytest

.PHONY: run test check fix bench docs clean
.DEFAULT_GOAL := run

# As many test processes as the machine has processors, two at least and four at most: each has a database of its own. Files go
# to them whole, in the order of tests/conftest.py.
JOBS ?= $(shell n=$$(nproc); [ $$n -gt 4 ] && n=4; [ $$n -lt 2 ] && n=2; echo $$n)

# Which agency's profile: each has a home of its own, for one home belongs to one agency for ever.
AGENCY ?= cambridge_ma
HOME_OF_IT := $(if $(filter cambridge_ma,$(AGENCY)),var,var/$(AGENCY))

run: $(VENV)/.run $(VENV)/.demo assets
	FAIRWITNESS_DEMO=1 FAIRWITNESS_AGENCY=$(AGENCY) FAIRWITNESS_HOME="$${FAIRWITNESS_HOME:-$(HOME_OF_IT)}" $(BIN)/python -m fairwitness run --world tests.demo.load

test: $(VENV)/.test $(VENV)/.demo assets test-tools
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(PYTEST) -n $(JOBS) --dist loadfile --no-loadscope-reorder

check: $(VENV)/.test $(VENV)/.demo assets
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(PYTEST) -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not slow and not browser"

fix: $(VENV)/.test
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: $(VENV)/.test $(VENV)/.demo assets
	$(BIN)/python -m bench $(ONLY)

docs: $(VENV)/.test
	$(BIN)/python -m fairwitness shell --no-imports -c "from tests.reference import write; write()"

clean:
	rm -rf build var $(VENV) node_modules

# The environments: locked with hashes, made again when a lock changes.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt requirements/setup.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements/run.txt
	$(PIP) --require-hashes -r requirements/setup.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.demo: requirements/demo.txt | $(VENV)/.run
	$(PIP) --no-deps --require-hashes -r requirements/demo.txt
	touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	$(PIP) --require-hashes -r requirements/test.txt
	touch $@

.PHONY: assets test-tools
assets: $(VENV)/.run
	@$(BIN)/python -m fairwitness.site.assets
	@$(MAKE) --no-print-directory build/collected/staticfiles.json

# Collected, compressed and named by content; again when one of them changes. No database is asked.
build/collected/staticfiles.json: $(shell find fairwitness build/static -type f -path '*static/*' 2>/dev/null)
	@DATABASE_URL=dbname=none $(BIN)/python -m fairwitness collectstatic --noinput --clear --verbosity 0

# Chromium, Go, openssl and ffmpeg are for tests alone: brought where that can be done, else the tests say so loudly.
test-tools:
	@$(BIN)/python -m tests.tools
