"""How drop-in and same task answer for networks whose truth is known, family by family.

python benchmarks/function_axis.py [--quick] [--seeds N] [--part I/N] [--join] [--only WORD] [--table FILE]

The code is in `benchmarks/function_axis/`: the families (`families_*.py`), their truth (`truth.py`), the run that fills
`cases.csv` (`run.py`) and the table (`summary.py`). `benchmarks/calibration/summary.py` puts the table into docs/calibration.md.
"""

from function_axis.run import main

if __name__ == "__main__":
    main()
