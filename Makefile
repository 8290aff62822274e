# make demo   sets everything up and runs the demonstration
# make test   sets everything up and runs the fast tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
QUIET := PIP_DISABLE_PIP_VERSION_CHECK=1
# one BLAS thread: small matrices, and processes share the cores
THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

.PHONY: demo test check lint slow bench examples format clean

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which: make PYTHON=python3.12"; exit 1; }
	@echo "setting up $(VENV) (once; PyTorch is large)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(QUIET) $(BIN)/python -m pip install --quiet -c constraints.txt -e '.[torch,hdf5,dev]'
	@touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/conjugacy demo

test: $(STAMP)
	$(THREADS) $(BIN)/python -m pytest -q -m "not slow and not gpu"

slow: $(STAMP)
	$(THREADS) $(BIN)/python -m pytest -q -m "slow and not gpu"

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

check: lint test

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)
	@for file in benchmarks/*.py; do [ -e "$$file" ] || continue; echo "== $$file"; $(THREADS) $(BIN)/python "$$file" --quick || exit 1; done

examples: $(STAMP)
	@find examples -name '*.py' 2>/dev/null | sort | while read -r file; do echo "== $$file"; $(THREADS) $(BIN)/python "$$file" --quick --out "$$(mktemp -d)" || exit 1; done

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache
