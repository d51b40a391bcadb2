"""``python -m riskzoning``: the command line where its script is not on the path."""

from riskzoning.cli import main

if __name__ == "__main__":
    main()
