PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
DATA ?= ./var

.PHONY: help setup run up lint test test-servers bench docs manifests clean

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

node_modules/.installed: package-lock.json .venv/.installed
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --ignore-scripts --silent --no-audit --no-fund
	touch $@

lint: setup node_modules/.installed  ## Style, types and the architecture's import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/node node_modules/.bin/eslint --max-warnings 0 console
	$(BIN)/node node_modules/.bin/tsc

test-servers:
	@missing=""; \
	 command -v rabbitmq-server >/dev/null || test -x /usr/sbin/rabbitmq-server || test -n "$$CRM_TEST_AMQP_URL" || missing="rabbitmq-server"; \
	 command -v promtool >/dev/null || missing="$$missing prometheus"; \
	 command -v chromium >/dev/null || missing="$$missing chromium"; \
	 fc-list :lang=zh-cn family 2>/dev/null | grep -q . || missing="$$missing fonts-noto-cjk"; \
	 test -z "$$missing" || { test "$$(id -u)" = 0 || { echo "Missing, please install: $$missing"; exit 1; }; \
	   apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy $$missing; }

test: lint test-servers  ## Everything: lint, then all tests on real PostgreSQL, RabbitMQ and Chromium
	$(BIN)/pytest

bench: setup test-servers  ## Measure side by side with a baseline; results in bench/results
	$(BIN)/python -m bench

docs: setup  ## Write docs/events.md and docs/asyncapi.json from contracts/
	$(BIN)/python -m contracts.docs

manifests: setup  ## Write deploy/k8s/base/prometheus-rules.yaml from deploy/prometheus/rules
	$(BIN)/python deploy/prometheus/manifest.py

clean:  ## Remove the environment and caches; data in ./var stays
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
