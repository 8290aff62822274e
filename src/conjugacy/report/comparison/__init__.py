"""Two networks as a person sees them: the terminal table, the notebook display, the page."""
