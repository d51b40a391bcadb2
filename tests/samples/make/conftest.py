"""The maker of the sample city is no part of the package: it is imported from its folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "data" / "samples"))
