# Every target does its own set-up on a fresh Debian or Ubuntu. The virtual environment is VENV.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
SHELL := /bin/sh
.DEFAULT_GOAL := help

.PHONY: help setup install demo model bench bench-imap bench-web soak compare test test-mail lint servers clean

help:
	@echo "make demo     a sample mailbox through the whole chain: see scrubber-demo/report.html"
	@echo "make test     the tests, with the servers they talk to; with CI=1 also what they reach (coverage)"
	@echo "make test-mail  the rest: kills, races and other mail servers at every step of a replacement"
	@echo "make model    trains models/dutch.npz again, offline; python -m models.measure scores it"
	@echo "make bench    speed beside stock Presidio and the floor, memory, hostile texts: figures, on one core"
	@echo "make bench-imap  mail a second through a Dovecot of its own, and the memory over 10,000 mails"
	@echo "make bench-web  webhooks a second that scrubber serve takes, each on disk before its answer, and how long each waits"
	@echo "make soak     kills the worker 2,000 times while another client works in the mailbox: counts what went wrong"
	@echo "make compare  scrubber beside stock Presidio, deduce and Rampart, on messages nobody tuned on"
	@echo "make lint     style, types, dependency arrows, Dockerfile, compose.yaml"
	@echo "make setup    the virtual environment for development, in $(VENV)"
	@echo "make install  scrubber alone, without development tools, in VENV=..."

# A fresh Debian has python3 without venv.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "scrubber needs Python 3.11 or newer: set PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null; } || { echo "Python has no venv: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing into $(VENV)"
	@$(PIP) install -c constraints.txt -e '.[dev,postgres,rampart]'
	@touch $@

setup: $(VENV)/.dev

install: $(BIN)/python
	@$(PIP) install -c constraints.txt '.[postgres]'

demo: setup
	@$(BIN)/scrubber demo

model: setup
	@$(BIN)/python -m models.train

bench: setup
	@$(BIN)/python -m tests.bench.hostile
	@$(BIN)/python -m tests.bench.ratio

bench-imap: setup servers
	@$(BIN)/python -m tests.bench.mailbox

bench-web: setup
	@$(BIN)/python -m tests.bench.deliveries

soak: setup servers
	@$(BIN)/python -m tests.acceptance.soak

compare: setup
	@$(BIN)/python -m tests.bench.compare tests/quality/unseen-*.jsonl

servers:
	@sh tests/servers.sh

# What the tests reach is counted in CI, with the floor of pyproject.toml: counting makes them a fifth slower.
COUNT = $(if $(CI),--cov --cov-report=)

test: setup servers
	@rm -f .coverage .coverage.*
	@$(BIN)/python -m pytest -q -n 3 --dist loadgroup -m "not exhaustive" $(COUNT)
	@if [ -n "$(COUNT)" ]; then $(BIN)/coverage report; fi

test-mail: setup servers
	@$(BIN)/python -m pytest -q -n 3 --dist loadgroup -m exhaustive

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

clean:
	@rm -rf $(VENV) .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis scrubber-demo
