# The two commands: make ask Q="..." and make test. `make help` lists the others.
# Everything happens in .venv; what is already done is not done again.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help ask serve index test hostile reliability fuzz gold quality bench check check-all lint licences sbom smoke docs typing integrations fetch-test-model clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
OFFLINE := HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1

# The question reaches the shell through the environment, unexpanded, so that quotes, apostrophes and $ are safe in it.
unexport Q
ask: export QA_MAKE_QUESTION := $(value Q)

help:
	@echo 'make ask Q="..."   answer a question over seeds/ with verified quotes'
	@echo 'make serve         a page at http://127.0.0.1:8765/ that answers over seeds/, until Ctrl-C'
	@echo 'make index         build or update the index of seeds/ (make ask does it too)'
	@echo 'make test          run the tests'
	@echo 'make hostile       a hostile model says 10,000 things, and the promises hold (some minutes)'
	@echo 'make reliability   play every fault in full and write docs/reliability-figures.md (under an hour)'
	@echo 'make fuzz MINUTES=10    feed each parser changed inputs for so many minutes of CPU (with atheris where it is installed)'
	@echo 'make gold          ask the gold cases over seeds/, without a model and with a recorded one: did anything get worse?'
	@echo 'make quality       save what comes out as the new baselines, and write docs/quality.md'
	@echo 'make bench         measure qa beside other libraries, each in its own environment, and write docs/performance.md (an hour; leave the machine idle)'
	@echo 'make lint          ruff, mypy and the import layers'
	@echo 'make licences      the packages fit together, their licences are allowed, and docs/dependencies.md is current'
	@echo 'make sbom          a software bill of materials in build/sbom.json (CycloneDX)'
	@echo 'make smoke         install the built wheel in a fresh environment and use it there'
	@echo 'make check         lint, licences, smoke, gold and test: what has to pass before a change goes in'
	@echo 'make docs          the documentation site in build/site, strict: no broken link'
	@echo 'make typing        the public API as pyright sees it (mypy is part of lint)'
	@echo 'make integrations  the tests of LangChain, LlamaIndex, Haystack and Anthropic, with their newest and lowest supported versions (it downloads them)'
	@echo 'make check-all     docs, typing, integrations, qa serve under load, accessibility of its page (axe-core), and check with the 10,000 of hostile, more of fuzzing and random examples in place of the same ones; it lists the tests that skipped (no browser, no model) and why'
	@echo 'make fetch-test-model   fetch a small language model (98 MB) that tests/e2e/test_gguf.py runs; else they skip'
	@echo 'make clean         remove .venv, the index and all caches'
	@echo 'make help          this list'
	@echo
	@echo 'PYTHON=python3.12 chooses the interpreter that .venv is made with (3.11 or newer).'

ask: $(VENV)/.installed
	@if [ -z "$$QA_MAKE_QUESTION" ]; then echo 'Name the question: make ask Q="Which aircraft fires JASSMs?"' >&2; exit 2; fi
	@$(BIN)/qa ask -- "$$QA_MAKE_QUESTION"

serve: $(VENV)/.installed-serve
	@$(BIN)/qa serve --watch

index: $(VENV)/.installed
	@$(BIN)/qa index

test: $(VENV)/.installed-dev
	@$(OFFLINE) $(BIN)/python -m pytest -n 2 --dist loadgroup $(EXAMPLES)

hostile: $(VENV)/.installed-dev
	@QA_HOSTILE_EXAMPLES=10000 $(OFFLINE) $(BIN)/python -m pytest -n 2 tests/attacks/test_hostile_answers.py

FAULTS := PYTHONPATH=tests $(OFFLINE) $(BIN)/python -m
MINUTES ?= 10

reliability: $(VENV)/.installed-dev
	@$(FAULTS) faults --out tests/faults/figures-faults.json; code=$$?; $(FAULTS) faults --page && exit $$code

fuzz: $(VENV)/.installed-dev
	@$(FAULTS) faults.fuzz --minutes '$(MINUTES)' --out tests/faults/figures-fuzz.json; code=$$?; $(FAULTS) faults --page && exit $$code

lint: $(VENV)/.installed-dev
	@echo 'ruff check' && $(BIN)/ruff check .
	@echo 'ruff format --check' && $(BIN)/ruff format --check .
	@echo 'mypy --strict' && $(BIN)/mypy
	@echo 'lint-imports' && $(BIN)/lint-imports --no-cache

# Vulnerabilities are looked up where there is a network: see .github/workflows/check.yml.
licences: $(VENV)/.installed-dev
	@echo 'pip check' && $(BIN)/python -m pip --disable-pip-version-check check
	@echo 'licences' && $(BIN)/python bench/licences.py
	@echo 'dependencies' && $(BIN)/python bench/dependencies.py --check

sbom: $(VENV)/.installed-dev
	@$(BIN)/python bench/sbom.py

# The prompt of the recorded answers has three passages, as docs/models.md advises for a model of this size.
GOLD := QA_PROMPT_PASSAGES=3 $(OFFLINE) $(BIN)/qa gold run tests/gold/seeds.yaml
RECORDED := --replay --portable --model qwen2.5-coder-1.5b-instruct --k 3
BASELINES := tests/gold/baselines

gold: $(VENV)/.installed-dev
	@$(GOLD) --quotes --baseline $(BASELINES)/quotes.json
	@$(GOLD) $(RECORDED) --baseline $(BASELINES)/replay.json
	@$(BIN)/python bench/quality.py --check

quality: $(VENV)/.installed-dev
	@mkdir -p $(BASELINES)
	@$(GOLD) --quotes --save $(BASELINES)/quotes.json
	@$(GOLD) $(RECORDED) --save $(BASELINES)/replay.json
	@$(BIN)/python bench/quality.py

# make bench BENCH='--data FOLDER' measures with your own text; bench/peers.py --help lists the options.
bench: $(VENV)/.installed-dev
	@$(OFFLINE) $(BIN)/python bench/peers.py $(BENCH)

smoke: $(VENV)/.installed-dev
	@echo 'The wheel, in a fresh environment (a few minutes the first time)' && $(OFFLINE) $(BIN)/python tests/smoke/wheel.py

# One after the other even with -j, the tests last: their closing line is the last one.
check: $(VENV)/.installed-dev
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory licences
	@$(MAKE) --no-print-directory smoke
	@$(MAKE) --no-print-directory gold
	@$(MAKE) --no-print-directory test

docs: $(VENV)/.installed-docs
	@echo 'mkdocs build --strict' && NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

typing: $(VENV)/.installed-dev
	@echo 'pyright' && $(BIN)/pyright --pythonpath $(BIN)/python tests/typing

integrations: $(VENV)/.installed-dev
	@$(OFFLINE) $(BIN)/python tests/integrations/environments.py

check-all: $(VENV)/.installed-dev $(VENV)/.installed-browser
	@$(MAKE) --no-print-directory docs
	@$(MAKE) --no-print-directory typing
	@$(MAKE) --no-print-directory integrations
	@$(OFFLINE) $(BIN)/python bench/serve_load.py
	@QA_FUZZ_EXAMPLES=300 QA_HOSTILE_EXAMPLES=10000 PYTEST_ADDOPTS=-rs $(MAKE) --no-print-directory check EXAMPLES=--hypothesis-profile=explore

# Tests that need the model skip without it, so being offline is no failure.
fetch-test-model: $(VENV)/.installed-dev
	@$(BIN)/python tests/fetch_smollm2.py || echo 'The test model could not be fetched (are you offline?); the tests that need it will skip.' >&2

clean:
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find index -mindepth 1 ! -name README.md -delete 2>/dev/null || true
	@find qa tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(VENV)/.created:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo 'qa needs Python 3.11 or newer, and there is no $(PYTHON) here. Name one: make PYTHON=/path/to/python3.12 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "qa needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  echo 'Creating $(VENV) ...' >&2 && $(PYTHON) -m venv --clear $(VENV); fi
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt $(VENV)/.created
	@echo 'Installing qa and what it needs in $(VENV) (a few minutes the first time) ...' >&2
	@$(PIP) -e '.[formats]'
	@touch $@

$(VENV)/.installed-serve: pyproject.toml constraints.txt $(VENV)/.created
	@echo 'Installing qa and what its page needs in $(VENV) (a few minutes the first time) ...' >&2
	@$(PIP) -e '.[formats,serve]'
	@touch $(VENV)/.installed $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt $(VENV)/.created
	@echo 'Installing qa, what it needs and the test tools in $(VENV) (a few minutes the first time) ...' >&2
	@$(PIP) -e '.[formats,dev]'
	@touch $(VENV)/.installed $@

$(VENV)/.installed-browser: pyproject.toml constraints.txt $(VENV)/.created
	@echo 'Installing what checks the page of qa serve in $(VENV) ...' >&2
	@$(PIP) -e '.[browser]'
	@touch $@

$(VENV)/.installed-docs: pyproject.toml constraints.txt $(VENV)/.created
	@echo 'Installing the documentation tools in $(VENV) ...' >&2
	@$(PIP) -e '.[docs]'
	@touch $@
