PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
DATA ?= ./var

.PHONY: help setup run up lint test test-servers bench docs clean

help:  ## What can be made here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/.installed: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

setup: .venv/.installed  ## Build .venv from the locked requirements

run: setup  ## The whole company in one process: address and sign-in are printed (PORT=8000 DATA=./var)
	$(BIN)/crm run --port $(PORT) --data $(DATA)

up: setup  ## The production processes on this machine (AMQP=amqp://… POSTGRES=postgresql://…)
	$(BIN)/crm up --amqp "$(AMQP)" --postgres "$(POSTGRES)" --port $(PORT) --data $(DATA)

lint: setup  ## Style, types and the architecture's import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-servers:
	@command -v rabbitmq-server >/dev/null || test -x /usr/sbin/rabbitmq-server || test -n "$$CRM_TEST_AMQP_URL" || \
	 { test "$$(id -u)" = 0 || { echo "RabbitMQ is missing: install rabbitmq-server or set CRM_TEST_AMQP_URL"; exit 1; }; \
	   apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy rabbitmq-server; }

test: lint test-servers  ## Everything: lint, then all tests on real PostgreSQL and RabbitMQ
	$(BIN)/pytest

bench: setup test-servers  ## Measure side by side with a baseline; results in bench/results
	$(BIN)/python -m bench

docs: setup  ## Write docs/events.md and docs/asyncapi.json from contracts/
	$(BIN)/python -m contracts.docs

clean:  ## Remove the environment and caches; data in ./var stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
