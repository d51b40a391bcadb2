"""What if: a study with other values beside its first run, taking over what does not depend on them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from riskzoning.config import StudyConfig, load_study
from riskzoning.errors import ConfigError, Problem
from riskzoning.files import same_place
from riskzoning.pipeline.conductor import CHAIN, run_study
from riskzoning.pipeline.workspace.progress import Progress
from riskzoning.results import StudyResult

# After this stage all is computed: layers, units, tables, zones. What follows is written for people.
_COMPUTED = CHAIN[-1].name


def rerun(
    study: StudyConfig | str | Path,
    first: StudyResult | str | Path,
    *,
    out: str | Path | None = None,
    only: str | None = _COMPUTED,
    progress: Progress | None = None,
    **changes: Any,
) -> StudyResult:
    """The study with some keys changed, computed from its first run: what does not depend on them is not made again.

    Layers, units, tables and zones are all there and are those of a whole run of the changed study. Maps, page, report,
    workbook and database are not written, which would take longer than everything before; ``plot`` and ``explore`` of
    the result draw what is asked for, and ``only=None`` writes them.

    Parameters
    ----------
    study : StudyConfig or path
        As the first run had it.
    first : StudyResult or path
        The first run, or its folder. It stays as it is.
    out : path, optional
        Folder of the second run; default one beside the first that has its name and a number for the changes, so that
        the same question has the same folder.
    only : str, optional
        Stop after this stage (:data:`riskzoning.pipeline.STAGES`): ``grade`` has grades without zones and plans.
    progress : Progress, optional
        A listener.
    **changes
        Top-level keys of study.yaml, as :meth:`riskzoning.config.StudyConfig.with_` takes them.

    Returns
    -------
    StudyResult
        For :func:`riskzoning.compare_runs` beside the first.

    Raises
    ------
    ConfigError
        A key or value is wrong, ``out`` is the folder of the first run, or an input is wrong by now. Nothing was
        written then.
    LockedError
        Another run works in the folder.

    Examples
    --------
    >>> from riskzoning.config import load_study
    >>> from riskzoning.errors import ConfigError
    >>> from riskzoning.samples import sample_study
    >>> try:
    ...     rerun(load_study(sample_study()), "out", wieghts={"fixed": {"flood": 1.0}})
    ... except ConfigError as error:
    ...     print(error.problems[0].field)
    wieghts
    """
    other = load_study(study).with_(**changes)
    before = first.folder if isinstance(first, StudyResult) else Path(first)
    if out is not None and same_place(out, before):
        raise ConfigError(Problem("reuse.same", str(out)))
    place = Path(out) if out is not None else before.with_name(f"{before.name}-{_number(changes)}")
    return run_study(other, place, only=only, progress=progress, reuse=before)


def _number(changes: dict[str, Any]) -> str:
    text = json.dumps(changes, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
