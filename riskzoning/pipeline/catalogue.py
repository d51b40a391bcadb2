"""Open the entries of the data catalogue: every file becomes a checked value once, and what was done to it is noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd
import xarray as xr

from riskzoning import admin, io
from riskzoning.codes import code_texts
from riskzoning.config import InputConfig, StudyConfig
from riskzoning.errors import (
    ConfigError,
    Journal,
    LayerError,
    Phrase,
    Problem,
    RiskZoningError,
    about_input,
    hearing,
    note,
)
from riskzoning.inputs import InputSpec
from riskzoning.io.model_layers import ModelFile, is_model, read_model
from riskzoning.io.vectors.parts import parts_of_kind
from riskzoning.rasters.places import names_rasters

T = TypeVar("T")


class Catalogue:
    """The inputs of a study by name; opened when first asked for, lazily where they are rasters."""

    def __init__(self, study: StudyConfig) -> None:
        self.study = study
        self._opened: dict[tuple[str, ...], Any] = {}

    def entry(self, name: str) -> InputConfig:
        """The entry of that name."""
        if name not in self.study.inputs:
            raise ConfigError(Problem("catalogue.entry", self.study.file, field="inputs", name=name))
        return self.study.inputs[name]

    def layer(self, name: str, quantity: str | None = None) -> xr.DataArray:
        """A raster as a lazy layer in the units of its quantity."""
        return self._once(("layer", name, quantity or ""), lambda: self._read_layer(name, quantity))

    def stack(self, names: Sequence[str], quantity: str | None = None) -> xr.DataArray:
        """Rasters of several return periods as one lazy layer ``(return_period, y, x)``."""
        return self._once(("stack", *names, quantity or ""), lambda: self._read_stack(names, quantity))

    def vector(self, name: str) -> gpd.GeoDataFrame:
        """Points, lines or polygons, from a vector file or a table with coordinates."""
        return self._once(("vector", name), lambda: self._read_vector(name))

    def table(self, name: str) -> pd.DataFrame:
        """A table; codes stay text."""
        return self._once(("table", name), lambda: self._read_table(name))

    def stations(self, name: str) -> xr.Dataset:
        """Daily values of weather stations, ``station`` x ``time``."""
        return self._once(("stations", name), lambda: self._read_stations(name))

    def once(self, key: str, open_it: Callable[[], T]) -> T:
        """What is made of several files at once, such as the surveys; made when first asked for."""
        if (key,) not in self._opened:
            self._opened[(key,)] = open_it()
        made: T = self._opened[(key,)]
        return made

    def hazard_input(self, names: Sequence[str], spec: InputSpec) -> Any:
        """What a hazard takes under one of its keys, by the form that the hazard declares."""
        if spec.form == "stack" or (spec.periods_of and len(names) > 1):
            return self.stack(names, spec.quantity)
        if len(names) != 1:
            thing, form = Phrase("input", name=spec.key), Phrase(f"form_{spec.form}")
            raise LayerError(Problem("catalogue.one_entry", thing, count=len(names), form=form, names=names))
        (name,) = names
        if spec.form == "layer":
            return self.layer(name, spec.quantity) if self._is_raster(name) else self._features(name, spec.form)
        if spec.form == "polygons" and self._is_raster(name):
            return self.layer(name, spec.quantity)
        if spec.form == "stations":
            return self.stations(name)
        if spec.form == "series":
            wanted = spec.quantity or ""
            return self._once(("series", name, wanted), lambda: self._read_series(name, wanted))
        return self.table(name) if spec.form == "table" else self._features(name, spec.form)

    def _features(self, name: str, form: str) -> gpd.GeoDataFrame:
        """Features of a form, also out of collections."""
        path = self.entry(name).path.as_posix()
        return parts_of_kind(self.vector(name), form, Phrase("input_file", name=name, path=path))

    def _is_raster(self, name: str) -> bool:
        path = self.study.path(self.entry(name).path)
        return names_rasters(path) or is_model(path)

    def _once(self, key: tuple[str, ...], open_it: Callable[[], Any]) -> Any:
        if key not in self._opened:
            names = [name for name in key[1:] if name in self.study.inputs]
            files = {str(self.study.path(self.entry(name).path)): name for name in names}
            with hearing(Journal()) as heard, about_input(names[0], files):
                value = open_it()
            answered = {"points.datum_named"} if "datum" in self.entry(names[0]).model_fields_set else set()
            for problem in (*heard.warnings, *heard.steps, *heard.dropped):
                if problem.rule not in answered:
                    note(self._of_input(problem, names[0]))
            sources = dict.fromkeys(self.entry(name).source for name in names if self.entry(name).source)
            if sources:
                value.attrs["source"] = "; ".join(sources)
            self._opened[key] = value
        return self._opened[key]

    def _of_input(self, problem: Problem, name: str) -> Problem:
        """What a reader says of a file, said of the input that the study calls so."""
        if "input" in dict(problem.values):
            return problem
        path = self.entry(name).path.as_posix()
        thing = Phrase("input_file", name=name, path=path) if isinstance(problem.about, str) else None
        return problem.at(thing, input=name)

    def _raster_options(self, name: str, quantity: str | None) -> dict[str, Any]:
        entry = self.entry(name)
        if entry.terrain is not None and not is_model(self.study.path(entry.path)):
            raise LayerError(Problem("hydraulics.terrain", Phrase("input", name=name)))
        return {
            "path": self.study.path(entry.path),
            "quantity": entry.quantity or quantity,
            "units": entry.units,
            "nodata": entry.nodata,
            "band": entry.band,
            "variable": entry.variable,
            "crs": entry.crs,
            "scale": entry.scale,
            "offset": entry.offset,
            "dry_is_nodata": bool(entry.dry_is_nodata),
            "name": name,
        }

    def _read_layer(self, name: str, quantity: str | None) -> xr.DataArray:
        options = self._raster_options(name, quantity)
        if options["quantity"] is None:
            raise LayerError(Problem("catalogue.quantity", self.study.file, field=f"inputs.{name}", name=name))
        if is_model(options["path"]):
            return self._read_model([(None, name)], options["quantity"])
        return io.read_layer(options.pop("path"), **options)

    def _read_stack(self, names: Sequence[str], quantity: str | None) -> xr.DataArray:
        items, problems = [], []
        for name in names:
            options = self._raster_options(name, quantity)
            period = self.entry(name).return_period
            if period is None:
                problems.append(Problem("catalogue.return_period", self.study.file, field=f"inputs.{name}", name=name))
            else:
                items.append((period, options))
        if problems:
            raise LayerError(problems=problems)
        kind = quantity or items[0][1]["quantity"]
        models = [name for name in names if is_model(self.study.path(self.entry(name).path))]
        if models and len(models) < len(names):
            others = [name for name in names if name not in models]
            raise LayerError(Problem("catalogue.mixed", Phrase("input", name=models[0]), models=models, others=others))
        if models:
            return self._read_model([(period, name) for (period, _), name in zip(items, names, strict=True)], kind)
        return io.read_stack([(period, {**o, "quantity": kind}) for period, o in items], quantity=kind, name=names[0])

    def _read_model(self, given: Sequence[tuple[float | None, str]], quantity: str) -> xr.DataArray:
        """Results of HEC-RAS or MIKE, on cells of the study's size where they have no grid of their own."""
        files = []
        for period, name in given:
            entry = self.entry(name)
            files.append(
                ModelFile(
                    self.study.path(entry.path), period, crs=entry.crs, item=entry.variable, area=entry.layer,
                    dry_is_nodata=bool(entry.dry_is_nodata), terrain=self._ground(name),
                )
            )  # fmt: skip
        return read_model(files, quantity=quantity, resolution=self.study.grid.resolution, name=given[0][1])

    def _ground(self, name: str) -> xr.DataArray | None:
        """The ground that depths of a plan of HEC-RAS are taken over, where the study names it."""
        entry = self.entry(name)
        return None if entry.terrain is None else self.layer(entry.terrain, "elevation")

    def _read_vector(self, name: str) -> gpd.GeoDataFrame:
        entry = self.entry(name)
        path = self.study.path(entry.path)
        columns = entry.columns or None
        if path.suffix.lower() in (".csv", ".tsv", ".txt", ".xlsx", ".xls"):
            frame = io.read_points(
                path, x=entry.x, y=entry.y, crs=entry.crs or "EPSG:4490", encoding=entry.encoding, sheet=entry.sheet,
                header=entry.header, columns=columns,
            )  # fmt: skip
        else:
            frame = io.read_vector(
                path, layer=entry.layer, encoding=entry.encoding, crs=entry.crs, columns=columns, name=name
            )
            io.check_place(frame, thing=Phrase("input_file", name=name, path=entry.path.as_posix()))
        if entry.datum in ("gcj02", "bd09"):
            frame = admin.convert_datum(frame, entry.datum)
            note(Problem("step.datum", Phrase("input", name=name), severity="info", input=name, datum=entry.datum))
        frame = self._selected(name, frame, entry)
        if frame.empty:
            rule = "vector.empty_where" if entry.where else "vector.empty"
            note(Problem(rule, Phrase("input_file", name=name, path=entry.path.as_posix()), severity="warning"))
        return frame

    def _selected(self, name: str, frame: gpd.GeoDataFrame, entry: InputConfig) -> gpd.GeoDataFrame:
        for column, wanted in entry.where.items():
            if column not in frame.columns:
                columns = list(map(str, frame.columns))
                raise LayerError(Problem("catalogue.where", Phrase("input", name=name), column=column, columns=columns))
            texts = code_texts([*frame[column], *wanted])
            kept = frame[pd.Index(texts[: len(frame)], dtype=object).isin(texts[len(frame) :])]
            self._left_out(name, column, len(frame) - len(kept), len(frame))
            frame = kept
        return frame

    def _left_out(self, name: str, column: str, left_out: int, rows: int) -> None:
        values: dict[str, Any] = {"column": column, "left_out": left_out, "rows": rows}
        note(Problem("step.where", Phrase("input", name=name), severity="info", input=name, **values))

    def _read_table(self, name: str) -> pd.DataFrame:
        entry = self.entry(name)
        return io.read_table(
            self.study.path(entry.path), sheet=entry.sheet, header=entry.header, encoding=entry.encoding,
            columns=entry.columns or None,
        )  # fmt: skip

    def _read_stations(self, name: str) -> xr.Dataset:
        entry = self.entry(name)
        stations = self.study.path(entry.stations) if entry.stations else None
        path = self.study.path(entry.path)
        if entry.units is not None:
            note(Problem("catalogue.station_units", Phrase("input", name=name), severity="warning", units=entry.units))
        if entry.format == "gridded" or (entry.format is None and path.suffix.lower() in (".nc", ".nc4", ".cdf")):
            return self._gridded(name, entry.columns, entry.element_units)
        if entry.format == "station_table":
            units = entry.element_units or None
            return io.read_station_table(path, stations=stations, columns=entry.columns or None, units=units)
        if entry.format == "ghcn_daily":
            return io.read_ghcn_daily(path, stations=stations)
        if entry.format == "isd_lite":
            return io.read_isd_lite(path, stations=stations)
        return io.read_cma_daily(path, stations=stations)

    def _gridded(self, name: str, variables: Mapping[str, str], units: Mapping[str, str]) -> xr.Dataset:
        entry = self.entry(name)
        return io.read_gridded_daily(
            self.study.path(entry.path), variables=variables, units=units, accumulated=entry.accumulated
        )

    def _read_series(self, name: str, quantity: str) -> xr.DataArray:
        """One element by days, on cells or at stations: the one of the quantity, or the variable that is named."""
        entry = self.entry(name)
        element = _SERIES.get(quantity, quantity)
        path = self.study.path(entry.path)
        if entry.format not in (None, "gridded") or path.suffix.lower() in (".csv", ".tsv", ".txt", ".xlsx"):
            data = self.stations(name)
        else:
            variables = {element: entry.variable} if entry.variable else entry.columns
            units = {element: entry.units} if entry.units else entry.element_units
            data = self._gridded(name, variables, units)
        if element not in data:
            present = list(map(str, data.data_vars))
            raise LayerError(Problem("catalogue.series", Phrase("input", name=name), element=element, present=present))
        return data[element]


# The element of weather that a quantity of a series is, where its name is another.
_SERIES = {"temperature": "tmean"}


def problems_of(error: RiskZoningError, thing: Phrase | str) -> list[Problem]:
    """The problems of an error; an error without any becomes one problem."""
    if error.problems:
        return list(error.problems)
    return [Problem("catalogue.unusable", thing, reason=str(error))]
