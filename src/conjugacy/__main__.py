"""`python -m conjugacy`."""

from conjugacy.cli import main

if __name__ == "__main__":
    main()
