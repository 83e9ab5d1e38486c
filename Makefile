# Two commands do all of their own set-up on a machine that has Python 3.11 or later and git:
#   make demo   assess the samples and say where the reports are
#   make test   run every test
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name) 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
OUT := out

.DEFAULT_GOAL := help
.PHONY: help demo test spark lint samples reports images lock clean

help:
	@sed -n 's/^#   //p' Makefile

# The environment is complete when its mark is newer than the lock it was made from.
$(VENV)/.run: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "No python3 found. Install Python 3.11 or later."; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11; call: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 2; }
	@echo "Creating the environment in $(VENV) (once, a few minutes) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --disable-pip-version-check --quiet install --only-binary :all: --require-hashes -r requirements.lock
	@$(BIN)/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@$(BIN)/python -m pip --disable-pip-version-check --quiet install --only-binary :all: --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.run
	@$(BIN)/assess run --ruleset rulesets/reported-figures.yaml --data samples/reported-figures --out $(OUT)/reported-figures --fail-on never
	@echo
	@$(BIN)/assess run --ruleset rulesets/bphs-2024.yaml --data samples/province --out $(OUT)/province --fail-on never
	@echo
	@echo "Open $(CURDIR)/$(OUT)/reported-figures/index.html"
	@echo "and  $(CURDIR)/$(OUT)/province/index.html"

test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n auto --dist loadscope

# Also the tests of the Spark engine, which are skipped without PySpark and Java: make spark test
spark: $(VENV)/.dev requirements-spark.lock
	@$(BIN)/python -m pip --disable-pip-version-check --quiet install --only-binary :all: --no-binary pyspark --no-build-isolation --require-hashes -r requirements-spark.lock

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

samples: $(VENV)/.dev
	@$(BIN)/python samples/generate.py --out samples/province
	@$(BIN)/python samples/further.py --out samples

# Rendered examples, kept in the repository for those who only want to look.
reports: $(VENV)/.run
	@$(BIN)/python reports/make.py

# Pictures of the reports for the README; needs Chromium and Chinese fonts.
images: $(VENV)/.dev
	@$(BIN)/python docs/images/make.py

# Pins with hashes and without the address of any index.
lock:
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal --group build pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal --group build --group dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal --constraint requirements-dev.lock --group pyproject.toml:spark --output-file requirements-spark.lock

clean:
	rm -rf $(VENV) $(OUT)
