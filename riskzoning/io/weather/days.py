"""When the days of a series end: said for each, since rain of 08-08 h is not that of the day of its temperatures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Literal

import xarray as xr

from riskzoning.errors import Phrase, decided
from riskzoning.io.weather.decoding import Thing

# Keys of phrases: at 20:00 or 08:00 in Beijing, at midnight of the time stamps, as reported by stations, not said.
Day = Literal["day_20", "day_08", "day_stamps", "day_reported", "day_file", "day_unsaid"]
_SPELLED: Mapping[Day, re.Pattern[str]] = {
    "day_20": re.compile(r"20时?\s*[-~—–至到]\s*20|(?:time|prcp)_?2020"),
    "day_08": re.compile(r"08时?\s*[-~—–至到]\s*08|(?:time|prcp)_?0808"),
}


def day_of_heading(heading: str) -> Day:
    """What the heading of a column says of its days: 20-20, 08-08, PRE_Time_0808."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return next((key for key, pattern in _SPELLED.items() if pattern.search(text)), "day_unsaid")


def with_days(data: xr.Dataset, days: Mapping[str, Day], thing: Thing, *, why: str = "") -> xr.Dataset:
    """The series with ``attrs["day"]``, which says when the days of each end; the same is told as a decision."""
    kinds: dict[Day, list[str]] = {}
    for name in map(str, data.data_vars):
        kinds.setdefault(days[name], []).append(name)
    decided(thing, "day", [Phrase("days_of", day=Phrase(key), elements=own) for key, own in kinds.items()], why=why)
    said = {Phrase(key).text("en"): own for key, own in kinds.items()}
    text = next(iter(said), "") if len(said) < 2 else "; ".join(f"{', '.join(own)}: {day}" for day, own in said.items())
    return data.assign_attrs(day=text)
