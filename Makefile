# Two commands matter: `make demo` shows Huiyin on the sample folder, `make test` runs everything that we check.
.POSIX:
SHELL = /bin/bash
.SHELLFLAGS = -euo pipefail -c
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
AS_OF = 2026-03-23T09:00:00+08:00

.PHONY: help setup setup-test demo serve test lint types unit evals sample clean
help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 14

setup: $(VENV)/.installed ## make .venv with what the product needs
$(VENV)/.installed: constraints.txt requirements.txt pyproject.toml scripts/setup.sh
	scripts/setup.sh "$(PYTHON)" "$(VENV)"
	@touch $@

setup-test: $(VENV)/.installed-test ## setup, and what the tests need (also PostgreSQL and Chromium from Debian)
$(VENV)/.installed-test: $(VENV)/.installed constraints-test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt -r constraints-test.txt
	@touch $@

demo: setup ## run the sample folder from audio to report
	$(BIN)/huiyin run sample_audio --out demo_out --as-of $(AS_OF) --db sqlite:///demo_out/huiyin.db

serve: setup ## open the pages of the demo (loopback only)
	$(BIN)/huiyin serve --db sqlite:///demo_out/huiyin.db --data sample_audio

test: setup-test ## lint, types and all tests, with their servers
	scripts/debian_packages.sh
	$(MAKE) lint types unit

lint:
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --no-cache --check .
types:
	$(BIN)/mypy
unit:
	$(BIN)/python -m pytest

evals: setup-test ## the figures of the README and evals/README.md
	$(BIN)/python evals/tags.py
	$(BIN)/python evals/asr.py sample_audio
	$(BIN)/python evals/sample.py sample_audio

clean: ## remove what the demo wrote
	rm -rf demo_out
