# From a fresh clone with Python 3.11+, make and git: `make demo`. `make` alone lists the targets.

# PYTHON makes .venv, DATA is the folder of the real data sets, ARGS are more words for a target's command:
# make test ARGS="tests/spec -x"
PYTHON ?= python3
DATA ?= ../shared/data
ARGS ?=

# Models are compared with their peers on these; taiwan_default is the one more there is, and the slowest.
REAL_SETS ?= crunchbase sba_7a german_credit polish_bankruptcy

BIN := .venv/bin

# Tests that need the real data skip where it is not there.
ifneq ($(wildcard $(DATA)/.),)
export ALLIANCE_DATA ?= $(abspath $(DATA))
endif

# MLflow reports its use to its makers unless told not to.
export DO_NOT_TRACK = true

.PHONY: help demo test check serve bench bench-quick real spark dask lock clean
.DELETE_ON_ERROR:

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.installed ## The seed alliance from end to end: members' files in, explained scores out
	$(BIN)/python -m seeds.demo $(ARGS)

test: .venv/.installed ## The tests, two at a time
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: .venv/.installed ## Lint, format, types, and which package may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

serve: .venv/.installed ## The API (described at /docs) and the MLflow pages, until interrupted
	@$(BIN)/experiments ui & pages=$$!; $(BIN)/scoring serve $(ARGS) & api=$$!; \
		trap 'kill $$pages $$api 2>/dev/null' EXIT; trap 'exit 0' INT TERM; wait $$api

bench: .venv/.installed ## The benchmarks, some minutes; writes bench/REPORT.md
	$(BIN)/python -m bench $(ARGS)

bench-quick: .venv/.installed ## The benchmarks with small sizes, about a minute
	$(BIN)/python -m bench --quick $(ARGS)

real: .venv/.installed ## The studies on real firms and loans (DATA=folder of the data sets)
	$(BIN)/experiments crunchbase --data $(DATA) $(ARGS)
	$(BIN)/experiments ladder --dataset crunchbase --data $(DATA)
	for set in $(REAL_SETS); do $(BIN)/experiments peers --dataset $$set --data $(DATA) || exit 1; done

spark: .venv/.spark-installed ## PySpark into the environment (another 0.5 GB), for the engine `spark` and its tests; needs Java 17

dask: .venv/.dask-installed ## Dask into the environment, for training on many machines and its tests

lock: $(BIN)/uv ## Pin every dependency again, for all platforms (ARGS=--upgrade for newer versions)
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --extra dev --extra evidence --generate-hashes \
		--custom-compile-command 'make lock' -o requirements.lock $(ARGS) pyproject.toml
	for extra in spark dask; do \
		$(BIN)/python -c 'import sys, tomllib; [print(x) for x in tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"][sys.argv[1]]]' $$extra | \
		$(BIN)/uv pip compile -q --universal --python-version 3.11 --constraints requirements.lock --generate-hashes \
		--custom-compile-command 'make lock' -o requirements-$$extra.lock $(ARGS) - || exit 1; done

clean: ## Remove the environment, caches and built packages; out/ and var/ stay
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made once, and again only when the lock or the project's own declaration is newer than the stamp.
.venv/.installed: requirements.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock || { \
		echo 'uv could not install the lock (it does not read the settings of pip): trying pip' >&2; \
		$(BIN)/python -m pip install -q --require-hashes -r requirements.lock; }
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

# Beside the rest, so that tests and demo stay light; a sync of the rest takes it away, hence the order.
.venv/.%-installed: requirements-%.lock .venv/.installed
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r $< || \
		$(BIN)/python -m pip install -q --require-hashes -r $<
	@touch $@

# The lock alone says which uv: pip installs its entry, hashes and all. Later changes come by `uv pip sync` like any other.
$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is %d.%d: make PYTHON=python3.11 ..." % sys.version_info[:2])'
	$(PYTHON) -m venv .venv
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock | $(BIN)/python -m pip install -q --require-hashes -r /dev/stdin
