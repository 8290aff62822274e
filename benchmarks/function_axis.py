"""What drop-in and same task answer of networks whose truth is known, family by family.

python benchmarks/function_axis.py [--quick] [--seeds N] [--part I/N] [--join] [--only WORD] [--table FILE]

Everything stands in `benchmarks/function_axis/`: the families (`families_*.py`), what is true of them (`truth.py`), the run
that fills `cases.csv` (`run.py`) and the table (`summary.py`), which `benchmarks/calibration/summary.py` puts into the page
docs/calibration.md.
"""

from function_axis.run import main

if __name__ == "__main__":
    main()
