"""The function axis on pairs whose truth is known: families of cases, what is true of them, the run and its table."""
