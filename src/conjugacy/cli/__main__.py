"""`python -m conjugacy.cli`."""

from conjugacy.cli.app import main

main()
