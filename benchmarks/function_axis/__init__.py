"""The function axis on pairs whose truth is known: families of cases, their truth, the run and its table."""
