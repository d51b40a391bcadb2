"""What stays of a finished run below ``.work/result``, so that maps, page and report can be made again from its folder.

Frames lie as Arrow files, what JSON holds (grid, breaks, record, study) and the tables of standards that the study
replaced beside them; the layers are the published ones. No input of the study is needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from affine import Affine
from odc.geo.geobox import GeoBox

from riskzoning import __version__, io, standards
from riskzoning.config import StudyConfig
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem
from riskzoning.files import bounded
from riskzoning.limits import RECORD_BYTES, TEXT_BYTES
from riskzoning.names import Index
from riskzoning.pipeline.workspace.frames import from_arrow, keep_frame
from riskzoning.pipeline.workspace.parts import about, layers_of
from riskzoning.pipeline.workspace.store import CogStore, Store
from riskzoning.results import Breaks, IndexBreaks, StudyResult
from riskzoning.yamls import loaded

WORK, KEPT = ".work", "result"
_INDEX = "result.json"
# A mapping whose keys are no texts, which JSON would make of them.
_PAIRS = "~pairs"
# A folder of another format is of another program: it is made anew.
_FORMAT = 2
_GROUPS = ("units", "tables", "zones", "surveys", "context")


def keep(study: StudyConfig, result: StudyResult, begun: StudyResult | None = None) -> None:
    """Keep a result; ``begun`` is what of it was there when the maps began to be drawn."""
    place = result.folder / WORK / KEPT
    forget(result.folder)
    place.mkdir(parents=True, exist_ok=True)
    frames = [
        {"group": group, "name": name, **keep_frame(place / f"{number:03d}.arrow", frame)}
        for number, (group, name, frame) in enumerate(_frames(result))
    ]
    grid = result.grid
    kept = {
        "format": _FORMAT,
        "program": __version__,
        "run_id": result.record.get("run_id"),
        "study": _tagged(_whole(study)),
        "study_file": study.file,
        "record": result.record,
        "grid": {"shape": list(grid.shape), "affine": list(grid.affine)[:6], "crs": str(grid.crs)},
        "layers": sorted(str(key) for key in result.layers.data_vars),
        "breaks": [_cut(index, cut) for index, cut in result.breaks.items()],
        "begun": _begun(begun or result),
        "frames": frames,
    }
    # Last, and whole: without it there is nothing.
    with io.atomic(place / _INDEX) as partial:
        partial.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def forget(folder: Path) -> None:
    """Remove what was kept of an earlier run: its list first, so that no half of it can be taken for a whole."""
    place = folder / WORK / KEPT
    if place.is_symlink() or not place.is_dir():
        return
    for path in (place / _INDEX, *place.glob("*.arrow"), *place.glob(".*")):
        with suppress(OSError):
            path.unlink(missing_ok=True)


@contextmanager
def kept(folder: Path) -> Iterator[tuple[StudyConfig, StudyResult, StudyResult]]:
    """The study of a finished run, its result, and what of that was there when the maps began to be drawn.

    The standards are those of the run while the block lasts.

    Raises
    ------
    ConfigError
        The folder is not that of a run, or nothing (any more) is kept in it; says how to get it back.
    """
    content = _kept(folder)
    given = _untagged(content["study"])
    with standards.session(given["standards"]):
        study = StudyConfig.model_validate({**given, "base": folder, "file": content["study_file"]})
    with standards.session(study.replaced_tables):
        result = _result(folder, study, content)
        yield study, result, _at(result, content["begun"])


def _kept(folder: Path) -> dict[str, Any]:
    if not folder.is_dir() or not ((folder / "run.json").is_file() or (folder / WORK).is_dir()):
        raise ConfigError(Problem("again.no_run", str(folder)))
    if not (folder / WORK).exists():
        # A copy made with `*` leaves hidden folders behind.
        raise ConfigError(
            Problem("again.copied", str(folder), place=WORK, inputs=_inputs(folder) or Phrase("none_given"))
        )
    place = folder / WORK / KEPT / _INDEX
    try:
        content = json.loads(bounded(place, RECORD_BYTES))
    except (LayerError, ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        inputs = _inputs(folder) or Phrase("none_given")
        raise ConfigError(Problem("again.nothing_kept", str(folder), place=f"{WORK}/{KEPT}", inputs=inputs))
    if content.get("format") != _FORMAT:
        raise ConfigError(
            Problem("again.other_program", str(folder), program=str(content.get("program")), own=__version__)
        )
    return content


def _inputs(folder: Path) -> list[str]:
    """The inputs that a run says it had, as its study names them."""
    try:
        rows = json.loads(bounded(folder / "run.json", RECORD_BYTES))["inputs"]
        return list(dict.fromkeys(str(row["path"]) for row in rows))
    except (LayerError, ValueError, RecursionError, KeyError, TypeError):
        return []


def _result(folder: Path, study: StudyConfig, content: Mapping[str, Any]) -> StudyResult:
    made = content["grid"]
    grid = GeoBox(tuple(made["shape"]), Affine(*made["affine"]), made["crs"])
    layers = layers_of(
        CogStore(folder / "layers", folder / WORK / "layers", grid, study.code), Store(folder / WORK / "store", grid)
    )
    gone = [key for key in content["layers"] if key not in layers.data_vars]
    groups: dict[str, Any] = {group: {} for group in _GROUPS}
    for number, how in enumerate(content["frames"]):
        path = folder / WORK / KEPT / f"{number:03d}.arrow"
        if not path.is_file():
            gone.append(path.name)
            continue
        groups[how["group"]][how["name"]] = from_arrow(io.read_frame(path), how)
    known = {index.key: index for index in study.indices}
    if gone:
        raise ConfigError(Problem("again.gone", str(folder), names=gone))
    return StudyResult(
        grid=grid,
        layers=layers[content["layers"]],
        folder=folder,
        breaks={known[row["index"]]: _read_cut(row) for row in content["breaks"]},
        unit_table=groups["tables"].pop(""),
        record=content["record"],
        **groups,
        **about(study),
    )


def _frames(result: StudyResult) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for group in _GROUPS:
        for name, frame in getattr(result, group).items():
            yield group, str(name), frame
    # The tidy table has no name among the others.
    yield "tables", "", result.unit_table


def _cut(index: Index, cut: IndexBreaks) -> dict[str, Any]:
    sides = {side: vars(getattr(cut, side)) for side in ("grid", "units")}
    return {"index": index.key, **sides}


def _read_cut(row: Mapping[str, Any]) -> IndexBreaks:
    grid, units = (Breaks(**{**row[side], "bounds": tuple(row[side]["bounds"])}) for side in ("grid", "units"))
    return IndexBreaks(grid, units)


def _begun(result: StudyResult) -> dict[str, Sequence[str]]:
    used = [str(row["name"]) for row in result.record["tables_used"]]
    return {"tables": list(result.tables), "zones": list(result.zones), "tables_used": used}


def _at(result: StudyResult, begun: Mapping[str, Sequence[str]]) -> StudyResult:
    """What was there of a result when the maps began to be drawn."""
    used = [row for row in result.record["tables_used"] if row["name"] in begun["tables_used"]]
    return replace(
        result,
        tables={name: result.tables[name] for name in begun["tables"]},
        zones={name: result.zones[name] for name in begun["zones"]},
        record={**result.record, "tables_used": used},
    )


def _whole(study: StudyConfig) -> dict[str, Any]:
    """The study with the tables that it puts in place of shipped ones, and without its database and its password."""
    tables = {name: study.replaced_tables[name] for name in study.standards}
    whole = {name: _content(table) if isinstance(table, Path) else table for name, table in tables.items()}
    outputs = study.outputs.model_copy(update={"database": False})
    return study.model_copy(update={"standards": whole, "outputs": outputs}).model_dump()


def _content(path: Path) -> Any:
    return loaded(bounded(path, TEXT_BYTES).decode("utf-8-sig"))


def _tagged(value: object) -> Any:
    """The value for JSON, mappings with the types of their keys."""
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {key: _tagged(item) for key, item in value.items()}
        return {_PAIRS: [[_tagged(key), _tagged(item)] for key, item in value.items()]}
    if isinstance(value, list | tuple | set | frozenset):
        return [_tagged(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _untagged(value: Any) -> Any:
    if isinstance(value, list):
        return [_untagged(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {_PAIRS}:
        return {_untagged(key): _untagged(item) for key, item in value[_PAIRS]}
    return {key: _untagged(item) for key, item in value.items()}
