# make demo   sets everything up and runs the demonstration
# make test   sets everything up and runs the fast tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
QUIET := PIP_DISABLE_PIP_VERSION_CHECK=1
# networks whose trained weights ship inside; without what they need besides, which would be torchaudio
TRAINED := silero-vad==6.2.3 magika==1.0.3
# one BLAS thread: small matrices, and processes share the cores
THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
# every process that a test starts finds what was compiled; plugins that other packages bring are left alone, zarr's loads zarr
PYTEST := $(THREADS) PYTHONDONTWRITEBYTECODE= PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(BIN)/python -m pytest -p xdist.plugin -q -n 2

.PHONY: demo test check lint slow package oldest newest bench bench-full examples docs notebooks gallery format clean

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which: make PYTHON=python3.12"; exit 1; }
	@echo "setting up $(VENV) (once; PyTorch is large)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(QUIET) $(BIN)/python -m pip install --quiet -c constraints.txt -e '.[torch,hdf5,neuro,dask,onnx,dev,docs]'
	@$(QUIET) $(BIN)/python -m pip install --quiet --no-deps $(TRAINED)
	@touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/conjugacy demo

test: $(STAMP)
	$(PYTEST) -m "not slow and not gpu" --durations=25

slow: $(STAMP)
	$(PYTEST) -m "slow and not gpu"

# in an environment of their own: the lowest versions that pyproject.toml declares, and the newest under the newest Python; minutes
oldest:
	@.ci/versions lowest $(PYTHON)

newest:
	@.ci/versions newest

# wheel and sdist: built, looked through, and the first commands run without extras
package:
	@.ci/package $(PYTHON)

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

check: lint test

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

BENCHES := calibration/run.py function_axis.py wild.py gain.py dependent_rows.py noise_floor.py relu_limit.py intervals.py intervals_smooth.py intervals_series.py power.py \
	ladder_cost.py gate_cost.py \
	dynamics/matched.py dynamics/unmatched.py dynamics/against_dsa_metric.py dynamics/inputdsa.py dynamics/cost.py embeddings/speed.py \
	study/pairs_cost.py study/p_values.py study/populations.py study/sorting.py study/contrast.py study/nearest_class.py \
	study/thousand.py study/workers.py row_order.py wild_refuted.py calibration/again.py

bench: $(STAMP)
	@for file in $(BENCHES); do echo "== $$file"; $(THREADS) $(BIN)/python benchmarks/$$file --quick || exit 1; done

# hours; what is in benchmarks/calibration/pairs.csv and benchmarks/function_axis/cases.csv is not run again
bench-full: $(STAMP)
	$(THREADS) $(BIN)/python benchmarks/calibration/run.py
	$(THREADS) $(BIN)/python benchmarks/function_axis.py
	$(THREADS) $(BIN)/python benchmarks/calibration/summary.py
	@for file in $(filter-out calibration/run.py function_axis.py,$(BENCHES)); do echo "== $$file"; $(THREADS) $(BIN)/python benchmarks/$$file | tee benchmarks/$${file%.py}.txt; done

docs: $(STAMP)
	$(THREADS) $(BIN)/python docs/make_pictures.py
	$(BIN)/python -m sphinx -q -W --keep-going -n -E -b html docs build/docs
	@$(BIN)/python docs/check_search.py
	@echo "build/docs/index.html"

# the notebooks of the pages, in docs/notebooks, in two minutes; `make docs` shows what they printed and drew here
notebooks: $(STAMP)
	$(THREADS) $(BIN)/python docs/run_notebooks.py

# pictures of the gallery whose script has changed; they are committed, so that `make docs` runs no example
gallery: $(STAMP)
	$(THREADS) $(BIN)/python docs/make_gallery.py

# two at a time, one core each; what one prints is shown when it is done
RUN_EXAMPLE = log=$$(mktemp); $(THREADS) $(BIN)/python "$$1" --quick --out "$$(mktemp -d)" > "$$log" 2>&1; \
	code=$$?; echo "== $$1"; cat "$$log"; rm -f "$$log"; exit $$code

examples: $(STAMP)
	@grep -rl --include='*.py' __main__ examples | sort | xargs -P 2 -I FILE sh -c '$(RUN_EXAMPLE)' sh FILE

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache
