"""How often the verdict is wrong on what people actually bring: families of pairs of layers, with truth by construction.

python benchmarks/wild.py [--quick] [--seeds N | FIRST:LAST] [--families WORD,WORD] [--part I/N] [--join] [--table FILE]
    [--before FILE]

The code is in `benchmarks/wild/`. Pairs: how rows come (`designs.py`), networks (`nets.py`), the truth (`world.py`), the families
(`families_*.py`,
`blind.py`). Runs: an oracle that knows the latents (`oracle.py`), the run that fills `pairs.csv` (`run.py`) and
the tables (`summary.py`).
"""

from wild.run import main

if __name__ == "__main__":
    main()
