"""Which small faults put into `verdict/`, `numerics/` and `storage/` the tests notice.

python benchmarks/mutants.py [--count 400] [--seed 0] [--seconds 4] [--survivors] [--table]

Everything stands in `benchmarks/mutants/`: what may be changed (`operators.py`), which test runs which function (`survey.py`)
and the run that fills `cases.csv` (`run.py`). What stands there is not run again, unless its file has changed. `--survivors`
gives those that survived more of the tests that come to them, up to so many seconds; `--table` prints the table alone.
"""

from mutants.run import main

if __name__ == "__main__":
    main()
