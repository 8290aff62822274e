"""Which small faults put into `verdict/`, `numerics/` and `storage/` the tests notice.

python benchmarks/mutants.py [--count 400] [--seed 0] [--seconds 4] [--survivors] [--table]

The code is in `benchmarks/mutants/`: what may be changed (`operators.py`), which test runs which function (`survey.py`) and the
run that fills `cases.csv` (`run.py`). Cases in that file are skipped unless their source has changed. `--survivors` runs more
tests on the faults that survived, up to `--seconds`; `--table` only prints the table.
"""

from mutants.run import main

if __name__ == "__main__":
    main()
