#!/usr/bin/env bash
# Every statement of docs/other_tools.md, checked with the packages it speaks of, each script in an environment of its own.
# usage: bash benchmarks/other_tools/run.sh [SCRIPT.py ...]   writes table.csv where all are run; fails where a statement does not hold
# Needs uv. Gigabytes are downloaded where PyPI's torch brings CUDA: UV_FIND_LINKS may name a place with the small wheel.
set -euo pipefail
cd "$(dirname "$0")"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 PYTHONWARNINGS=ignore HF_HUB_OFFLINE=1
unset PYTHONPATH
found=$(mktemp)
trap 'rm -f "$found"' EXIT
echo "package,version,statement,seen,holds" > "$found"
scripts=("$@")
[ $# -gt 0 ] || scripts=([!t]*.py t*_*.py)
for script in "${scripts[@]}"; do
  uv run --quiet --no-project --python 3.11 --with ../.. --script "$script" | grep -E ',(True|False)$' >> "$found"
done
if [ $# -eq 0 ]; then cp "$found" table.csv; fi
cat "$found"
! grep -q ',False$' "$found" || { echo "a statement does not hold any more"; exit 1; }
