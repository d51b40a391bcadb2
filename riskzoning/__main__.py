"""``python -m riskzoning`` is the command ``riskzoning``, for where the folder of scripts is not on the path."""

from __future__ import annotations

from riskzoning.cli import main

if __name__ == "__main__":
    main()
