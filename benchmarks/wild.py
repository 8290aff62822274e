"""How often the verdict is wrong on what people actually bring: families of pairs of layers, with truth by construction.

python benchmarks/wild.py [--quick] [--seeds N | FIRST:LAST] [--families WORD,WORD] [--part I/N] [--join] [--table FILE]
    [--before FILE]

Everything stands in `benchmarks/wild/`: how rows come (`designs.py`), networks (`nets.py`), what is true (`world.py`), the
families (`families_*.py`, and `blind.py`), what somebody decides who is told the latents (`oracle.py`), the run that fills
`pairs.csv` (`run.py`) and the tables (`summary.py`).
"""

from wild.run import main

if __name__ == "__main__":
    main()
