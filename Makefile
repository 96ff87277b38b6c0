# Two commands do all set-up: `make start` runs Changeover with a sample org, `make test` runs every gate and test.
# Both need Python 3.11 or newer and git; what else is missing they install, and say so (tools/prepare.py).

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000

.PHONY: start test check docs screenshots bench campaign campaign-logins campaign-plans lock

start:
	@$(PYTHON) tools/prepare.py start
	@$(BIN)/changeover serve --sample --data var --port $(PORT)

test:
	@$(PYTHON) tools/prepare.py test
	@$(MAKE) --no-print-directory check
	$(BIN)/pytest -n 2

# The gates that read the code; seconds, for every commit.
check:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# What is made from the code: docs/errors.md, docs/cli.md.
docs:
	$(BIN)/python tools/docs.py

# The pictures in the README, from the running product.
screenshots:
	$(BIN)/python tools/screenshots.py

# How fast Changeover is, beside Salesforce's command line, into docs/bench.md; minutes. Nothing else should be
# running. `make bench RUNS=1` is quick and rough.
RUNS ?= 3
bench:
	@$(PYTHON) tools/prepare.py test
	$(BIN)/python -m bench.run --runs $(RUNS)

# kill -9 at random moments, on both databases; minutes. KILLS, SEED and DATABASES as CONTRIBUTING.md says.
campaign:
	@KILLS="$(KILLS)" SEED="$(SEED)" DATABASES="$(DATABASES)" $(BIN)/python -m tests.campaign

# Sixteen clients log in while a thousand apps are migrated and reverted, on both databases; minutes.
# CLIENTS, APPS and DATABASES for less of it.
campaign-logins:
	@CLIENTS="$(CLIENTS)" APPS="$(APPS)" DATABASES="$(DATABASES)" $(BIN)/python -m tests.campaign.logins

# An apply of two hundred apps killed fifty times, in an org and among files; minutes.
campaign-plans:
	CHANGEOVER_CAMPAIGN_APPS=200 CHANGEOVER_CAMPAIGN_KILLS=50 $(BIN)/pytest tests/plans/test_killed.py -q -p no:randomly

# After a change of pyproject.toml: `make lock`. To take newer versions: `make lock UPGRADE=--upgrade`.
# `start` follows what `test` has tested.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" pyproject.toml
lock:
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) $(UPGRADE) --group dev --output-file requirements/test.lock
	$(COMPILE) --group build --constraint requirements/test.lock --output-file requirements/start.lock
	$(COMPILE:pyproject.toml=requirements/cumulusci.in) $(UPGRADE) --output-file requirements/cumulusci.lock
