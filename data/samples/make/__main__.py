"""``PYTHONPATH=data/samples python -m make [FOLDER]``: write the sample city, by default over the one that ships."""

from __future__ import annotations

import sys
from pathlib import Path

from make.city import write_city

write_city(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "xinxiang")
