# Needs Python 3.11 or later, make and git. Everything else goes into .venv, checked against its hash.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make lock'
APP := --extra service --extra postgres --extra portfolio

.DEFAULT_GOAL := help
.PHONY: help demo test lint types law self format bench bench-portfolio bench-service lock clean
.DELETE_ON_ERROR:
.NOTPARALLEL: # two pips in one environment spoil each other

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# $(call show,expected exit status,arguments of gate): prints the command, what it says and its exit status.
define show
	@echo; echo '$$ gate $(2)'; $(BIN)/gate $(2); status=$$?; echo "exit status $$status"; \
		test $$status -eq $(1) || { echo 'expected $(1)' >&2; exit 1; }
endef

demo: $(VENV)/.installed ## judge three sample files: denied, allowed, and a purchase request
	@# >>> the commands of the demo (status 1 is the gate saying deny)
	$(call show,1,check sboms/webapp-hexa-ui.cyclonedx-npm.cdx.json --profile us-federal-contractor)
	$(call show,0,check sboms/express-api.cyclonedx-npm.cdx.json --profile us-federal-contractor)
	$(call show,0,check sboms/endpoint-licences.request.json --allow-past)
	$(call show,1,check sboms/endpoint-licences.request.json --allow-past --as-of 2024-07-20)
	@# <<<

test: lint types law self ## everything CI runs: lint, types, the law's own tests, the gate on itself, pytest
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-dev ## check style
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.installed-dev ## check types
	$(BIN)/mypy

law: $(VENV)/.installed-dev ## check the law as a whole and run its cases
	$(BIN)/gate policy lint
	$(BIN)/gate policy test --coverage --mutate

self: $(VENV)/.installed-dev ## judge this project's own SBOM under every profile
	@.ci/self

format: $(VENV)/.installed-dev ## mend what lint can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.installed-dev ## measure
	$(BIN)/python -m tests.bench

bench-portfolio: $(VENV)/.installed-dev ## measure a portfolio of 2,000 and of 20,000 SBOMs (a quarter of an hour)
	$(BIN)/python -m tests.bench.portfolio

bench-service: $(VENV)/.installed-dev ## measure the service (needs wrk; Debian: apt-get install wrk)
	$(BIN)/python -m tests.bench.service

lock: ## pin and hash the dependencies again (needs uv; UPGRADE=--upgrade takes newer ones)
	$(LOCK) $(UPGRADE) --group build $(APP) --output-file requirements.txt pyproject.toml
	$(LOCK) $(UPGRADE) --group dev $(APP) --extra dask --extra keyless --extra telemetry --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	echo 'pip>=26' | $(LOCK) $(UPGRADE) --output-file requirements-pip.txt -
	@! grep -n '://' requirements.txt requirements-dev.txt requirements-pip.txt

clean: ## remove the environment, builds and caches
	rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find gate policy tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Wheels only: building a dependency from source would fetch build tools that no hash covers.
define install
	$(PIP) install --quiet --require-hashes --only-binary :all: -r $(1)
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
endef

$(VENV)/.installed: requirements.txt pyproject.toml | $(VENV)/.created
	$(call install,requirements.txt)
	@touch $@

# The development pins contain the runtime ones, so the demo has nothing left to install.
$(VENV)/.installed-dev: requirements.txt requirements-dev.txt pyproject.toml | $(VENV)/.created
	$(call install,requirements-dev.txt)
	@touch $(VENV)/.installed $@

$(VENV)/.created: requirements-pip.txt
	@$(PYTHON) -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Needs Python 3.11 or later with venv (Debian: apt install python3-venv), or PYTHON=/path/to/it.' >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@# A pip from before 23.3 takes a hash for a package and not for the same with an extra.
	$(PIP) install --quiet --require-hashes --only-binary :all: -r requirements-pip.txt
	@touch $@
