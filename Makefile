# Everything that a newcomer types. Needs Python >= 3.11, git and make; nothing here needs root.
PYTHON ?= python3
PARAMS ?= params.yaml
PORT ?= 5000

VENV := .venv
PIP := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt
FRESH := .unrolled/fresh
WORKSPACE := $(VENV)/bin/python -m pipeline.cli.workspace

export DO_NOT_TRACK := 1
export DVC_NO_ANALYTICS := 1
export MLFLOW_DISABLE_TELEMETRY := true
export HF_HUB_DISABLE_TELEMETRY := 1
# pip leaves compiling to the first import (it would take half the installation), which must then write its result.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo repro test lint ui plan report ledger claim clean clean-runs constraints
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## the whole pipeline on the embedded corpora; params.yaml stays as it is
	@$(WORKSPACE) demo

repro: $(VENV)/.installed ## the pipeline with params.yaml, or with PARAMS=params/gpu.yaml; ARGS go to dvc repro
	@$(WORKSPACE) repro --params $(PARAMS) -- $(ARGS)

plan: $(VENV)/.installed ## which stages a change would run, with their minutes from past runs
	@$(WORKSPACE) restore
	@$(VENV)/bin/python -m pipeline.cli.plan

test: $(VENV)/.installed-dev ## environment and all tests
	@$(WORKSPACE) restore
	@OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest --quiet --numprocesses 2 --dist loadgroup $(ARGS)

lint: $(VENV)/.installed-dev ## style, types and layers
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

ui: $(VENV)/.installed ## MLflow on the local SQLite store, at http://127.0.0.1:5000 (PORT=...)
	@echo "open http://127.0.0.1:$(PORT)/#/experiments?workflowType=machine_learning"
	@$(VENV)/bin/mlflow ui --backend-store-uri sqlite:///mlflow.db --port $(PORT)

report: $(VENV)/.installed ## redraw the report from results that are there; runs nothing else
	@$(WORKSPACE) repro -- --single-item --force report

# Without DVC, so that a fresh clone without models or cache can judge, and dvc.lock stays as it is.
ledger: $(VENV)/.installed ## judge the claims again and redraw the report from results that are there, in seconds
	@$(WORKSPACE) restore
	@$(VENV)/bin/python -m stages.judge
	@$(VENV)/bin/python -m stages.report

claim: $(VENV)/.installed ## one claim on the embedded corpora, in minutes: make claim ID=attention-long
	@$(WORKSPACE) claim $(ID)

clean: ## remove everything that the pipeline made, but not results/full, finished runs or the environment
	@rm -rf data models predictions report dvc_plots

clean-runs: ## forget finished and interrupted trainings and their evaluations
	@rm -rf .unrolled/runs .unrolled/evaluations

constraints: ## install the newest versions that pyproject.toml allows; write them to constraints.txt
	@rm -rf $(FRESH) && $(PYTHON) -m venv $(FRESH)
	@$(FRESH)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --editable '.[dev]'
	@{ echo '# Written by `make constraints`: what a fresh environment got. torch and the GPU libraries that it'; \
	   echo '# pins itself are left to pyproject.toml, so that machines with and without a GPU both get their build.'; \
	   $(FRESH)/bin/python -m pip freeze --exclude-editable | sed 's/+[a-z0-9.]*$$//' \
	   | grep -viE '^(torch|triton|nvidia-.*|cuda-.*)=='; } > constraints.txt
	@rm -rf $(FRESH)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); Python 3.11 or newer is needed: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "$(PYTHON) could not make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing into $(VENV) (about two minutes, once)"
	@$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "installing the tools for tests and lint"
	@$(PIP) --editable '.[dev]'
	@touch $@
