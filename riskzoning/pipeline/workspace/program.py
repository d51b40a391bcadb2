"""Which program makes a run: version, code, tables, libraries; nothing goes on from what another one has made."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from riskzoning import __version__
from riskzoning.config import StudyConfig
from riskzoning.hazards import HAZARDS
from riskzoning.pipeline.workspace.record import versions
from riskzoning.pipeline.workspace.store import fingerprint

_PACKAGE = Path(__file__).parents[2]


def program(study: StudyConfig) -> dict[str, str]:
    """The program as it stands now, with the code of the hazards that are not its own."""
    own = {item.hazard: _source(item.hazard) for item in study.hazards if not is_shipped(item.hazard)}
    return {"version": __version__, "code": fingerprint(code(), own), "libraries": fingerprint(versions())}


@cache
def code() -> str:
    """The code and the tables of the program, by their contents."""
    digest = hashlib.sha256()
    for path in sorted(path for path in _PACKAGE.rglob("*") if path.suffix in (".py", ".yml")):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def is_shipped(hazard: str) -> bool:
    """Whether a hazard is one of the program; a name that is none has no code of its own."""
    return hazard not in HAZARDS or HAZARDS[hazard].stages.assess.__module__.startswith("riskzoning.")


def _source(hazard: str) -> str:
    """The code of a hazard of one's own: that of its file, else of its functions (a notebook has no file)."""
    stages = HAZARDS[hazard].stages
    return fingerprint([_code_of(step) for step in (stages.prepare, stages.calibrate, stages.assess)])


def _code_of(step: Callable[..., Any]) -> str:
    path = getattr(sys.modules.get(step.__module__), "__file__", None)
    try:
        return Path(path).read_text(encoding="utf-8") if path else inspect.getsource(step)
    except (OSError, TypeError, UnicodeDecodeError):
        plain = getattr(step, "__code__", None)
        return repr((plain.co_code, plain.co_consts)) if plain is not None else repr(step)
