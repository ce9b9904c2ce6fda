# StemeDB. `make` alone lists the targets. Every target sets up what it needs: a Python of 3.11 or newer with
# its venv module is all that must be on the machine.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
WORKERS ?= 2
EFFORT ?= 50
PACKAGES := shared services/ingest services/index services/sync services/analysis

.DEFAULT_GOAL := help
.PHONY: help dev demo test check fmt lint types imports bench bench-peers bench-analysis bench-replication fuzz soak up down logs smoke proto dashboards grafana-check grafana-pictures lock test-system clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-17s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements-dev.txt $(addsuffix /pyproject.toml,$(PACKAGES))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "StemeDB needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing locked packages into $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation $(addprefix -e ,$(PACKAGES))
	@touch $@

dev: $(STAMP)  ## make the virtual environment with locked packages

demo: $(STAMP)  ## the main job on real input: three replicas, real claims, a proof, a crash, a partition, equal roots
	@$(BIN)/stemedb demo

test: $(STAMP)  ## all tests that need no Docker
	$(BIN)/python -m pytest -n $(WORKERS)

check: $(STAMP)  ## what CI runs: format, lint, types, import rules, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(MAKE) --no-print-directory test

fmt: $(STAMP)  ## format the code and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(STAMP)  ## lint and import rules
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache

types: $(STAMP)  ## static types
	$(BIN)/mypy

bench: $(STAMP)  ## measure speed and memory, print the table, write bench.json
	@cd tests && ../$(BIN)/python -m bench

bench-peers: $(STAMP)  ## the same work by public peers, in a throw-away environment
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	  $(PYTHON) -m venv "$$dir" && echo "installing the peers into a throw-away environment" && \
	  "$$dir"/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-analysis.txt && \
	  "$$dir"/bin/python -m pip install --quiet --disable-pip-version-check -r tests/bench/peers.txt && \
	  PYTHONPATH=shared:services/analysis:tests "$$dir"/bin/python -m bench.peers

bench-analysis: $(STAMP)  ## how right and how fast the linter is: precision and recall on labelled samples, CPU per line
	@$(BIN)/python tests/bench/bench_analysis.py

bench-replication: $(STAMP)  ## replication beside JetStream mirrors and PostgreSQL (where installed), one load, one table
	@cd tests && ../$(BIN)/python -m bench.replication

up: .env  ## build and start the whole deployment with Docker Compose (WITHOUT=grafana leaves one out)
	docker compose up --build --wait $(if $(WITHOUT),$$(docker compose config --services | grep -vx '$(WITHOUT)'))

down: .env  ## stop the deployment (volumes stay)
	docker compose --profile '*' down

logs: .env  ## follow the deployment's logs
	docker compose logs --follow

smoke: $(STAMP) .env  ## one claim through the running deployment: published at east, found at west, counted in Prometheus
	@cd tests && ../$(BIN)/python -m support.smoke

# The example with a random secret wherever it leaves one empty; never overwrites.
.env:
	@umask 077 && $(PYTHON) -c 'import secrets, sys; [print(line.rstrip() + (secrets.token_hex(32) if line.startswith("STEMEDB_REALM_KEY=") else secrets.token_urlsafe(24).replace("-", "_") if line.rstrip().endswith("_PASSWORD=") else "")) for line in sys.stdin]' < .env.example > .env
	@echo "made .env with random passwords"

proto: $(STAMP)  ## generate the Python modules of proto-schemas/
	$(BIN)/python -m grpc_tools.protoc -Iproto-schemas --python_out=shared --pyi_out=shared proto-schemas/stemedb/v1/*.proto

dashboards: $(STAMP)  ## write the rules of Prometheus and the dashboards of Grafana
	@PYTHONPATH=services/grafana $(BIN)/python -m stemedb_watch

grafana-check:  ## check the dashboards against the types of @grafana/schema; needs node and the npm registry
	@services/grafana/check-types

grafana-pictures:  ## draw the dashboards from live data (PROMETHEUS=http://127.0.0.1:9090 MINUTES=10); needs node, npm, chromium
	@services/grafana/draw $(or $(PROMETHEUS),http://127.0.0.1:9090) $(or $(MINUTES),10)

fuzz: $(STAMP)  ## the randomised tests, many times as long (EFFORT=50); for the night
	STEMEDB_TEST_EFFORT=$(EFFORT) $(BIN)/python -m pytest -n $(WORKERS) tests/property tests/unit/mst --timeout=0

soak: $(STAMP)  ## the replication battery, for minutes: 50,000 missed statements, hundreds of kill -9 (STEMEDB_TEST_SEED=…)
	STEMEDB_TEST_EFFORT=$(EFFORT) $(BIN)/python -m pytest -n $(WORKERS) tests/integration/replication --timeout=0

test-system: $(STAMP)  ## tests of the images and of compose.yaml; need a Docker engine
	$(BIN)/python -m pytest tests/system -m docker

lock: $(STAMP)  ## lock all versions with hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  shared/pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-package stemedb -c requirements.txt services/analysis/pyproject.toml -o requirements-analysis.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  requirements-dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  requirements-build.in -o requirements-build.txt

clean:  ## remove what the build made (not your data)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache bench.json
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
