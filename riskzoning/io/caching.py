"""Small results that cost a long time, kept between runs: never needed, never trusted, safe with several writers."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from riskzoning.errors import RunError
from riskzoning.io.writing.atomic import atomic

# A record has about 500 bytes; when there are more, the older half goes.
_MOST_RECORDS = 4096


def cache_folder() -> Path | None:
    """The folder of the user's cache, or None where there is none."""
    own = os.environ.get("RISKZONING_CACHE")
    if own is not None:
        return None if own.strip().lower() in ("", "off", "0", "no") else Path(own)
    home = os.environ.get({"win32": "LOCALAPPDATA"}.get(sys.platform, "XDG_CACHE_HOME"))
    if home and Path(home).is_absolute():
        return Path(home) / "riskzoning"
    try:
        return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "riskzoning"
    except RuntimeError:
        return None


def remembered(kind: str, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``make`` gives, from the cache where it holds the same key; a damaged record is made again."""
    folder = cache_folder()
    if folder is None:
        return make()
    place = folder / kind / f"{_digest(key)}.json"
    record = _read(place, key)
    if record is not None:
        return record
    value = make()
    _write(place, key, value)
    return value


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read(place: Path, key: str) -> dict[str, Any] | None:
    try:
        record = json.loads(place.read_text(encoding="utf-8"))
        value = record["value"]
        if record["key"] == key and record["sum"] == _digest(json.dumps(value)) and isinstance(value, dict):
            return value
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _write(place: Path, key: str, value: dict[str, Any]) -> None:
    record = {"key": key, "value": value, "sum": _digest(json.dumps(value))}
    # A cache that cannot be written (full disk, read-only home) costs time only.
    with suppress(OSError, RunError):
        _make_room(place.parent)
        with atomic(place) as partial:
            partial.write_text(json.dumps(record), encoding="utf-8")


def _make_room(folder: Path) -> None:
    records = list(folder.glob("*.json")) if folder.is_dir() else []
    if len(records) < _MOST_RECORDS:
        return
    ages = []
    for record in records:
        # Another process may be making room at the same time.
        with suppress(OSError):
            ages.append((record.stat().st_mtime, record))
    for _, record in sorted(ages)[: _MOST_RECORDS // 2]:
        with suppress(OSError):
            record.unlink()
