"""What every assessment is given: the accepted records, the units, people as points; and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import pandas as pd

from riskzoning import standards
from riskzoning.coverage import unit_points
from riskzoning.errors import Phrase, Problem, note
from riskzoning.pipeline.check.surveyed import checked_surveys
from riskzoning.pipeline.objects import study_objects
from riskzoning.pipeline.state import Graded, Made, Prepared, Run

Tables = dict[str, pd.DataFrame]
# Rules that doubt a cell by itself: far outside, or in another unit than its form asks for.
_DOUBTFUL = ("Q12.outlier", "Q14.money", "Q14.mu", "Q14.rooms", "Q14.sum")
# Squares that people are put together in: for straight distances, and for journeys.
_CELLS, _SQUARES = 1e6, 5e4


@dataclass(frozen=True)
class Given:
    """A run and the accepted records of its forms."""

    run: Run
    made: Made
    forms: Mapping[str, pd.DataFrame]

    def form(self, name: str) -> pd.DataFrame | None:
        """Records of a form without their geometry; None where it is not there or empty."""
        if name not in self._plain:
            frame = self.forms.get(name)
            if frame is None or not len(frame):
                return None
            plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore")).reset_index(drop=True)
            self._plain[name] = self._without_doubtful(name, plain)
        return self._plain[name].copy()

    @cached_property
    def _plain(self) -> dict[str, pd.DataFrame]:
        return {}

    @cached_property
    def _doubtful(self) -> dict[str, list[tuple[str, str]]]:
        """Form -> cells (key, field) that the check holds for a wrong unit or far outside all others."""
        study, out = self.run.setting.study, {}
        if not study.surveys or study.surveys.force:
            return {}
        for item in checked_surveys(study, self.run.catalogue, self.units).checked:
            keys = item.records.keys.to_numpy()
            told = [one for one in item.findings.items if one.rule in _DOUBTFUL and one.field]
            cells = [(str(keys[row]), str(one.field)) for one in told for row in one.rows if row >= 0]
            out[item.records.form.name] = list(dict.fromkeys(cells))
        return out

    def _without_doubtful(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """One value in another unit spoils the index of all: such cells are empty for the assessment, and told."""
        form = standards.table(f"survey_forms/{name}").data
        key = str(form["key"])
        cells = [cell for cell in self._doubtful.get(name, ()) if cell[1] in frame]
        if key not in frame or not cells:
            return frame
        keys, emptied = frame[key].astype("string"), list[Phrase]()
        fields = {str(entry["name"]): entry for entry in form["fields"]}
        for code, field in cells:
            here = (keys == code).fillna(False).to_numpy(dtype=bool)
            if here.any():
                frame[field] = frame[field].astype("Float64").astype(float).mask(here)
                title = Phrase("title", zh=fields[field]["zh"], en=fields[field]["en"])
                emptied.append(Phrase("doubtful_cell", code=code, field=field, name=title))
        if emptied:
            thing = Phrase("survey_form", name=name)
            note(Problem("dropped.doubtful_cells", thing, severity="warning", count=len(emptied), cells=emptied))
        return frame

    def places(self, name: str) -> gpd.GeoDataFrame | None:
        """Records of a form as places in metres; None without any that has a place."""
        frame = self.forms.get(name)
        if not isinstance(frame, gpd.GeoDataFrame):
            return None
        frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
        return frame.to_crs(self.metres).reset_index(drop=True) if len(frame) else None

    @property
    def units(self) -> gpd.GeoDataFrame:
        """Units of all levels."""
        return self.run.setting.units

    def codes(self, level: str) -> list[str]:
        """Codes of the units of a level."""
        return [str(code) for code in self.run.setting.codes(level)]

    @cached_property
    def areas(self) -> pd.Series[float]:
        """Area of every unit, km2."""
        setting = self.run.setting
        area = setting.units.geometry.to_crs("EPSG:6933").area / 1e6
        return pd.Series(area.to_numpy(), index=setting.units.index.astype(str))

    @cached_property
    def parent_of(self) -> dict[str, str]:
        """Code of every unit -> code of the unit above it."""
        return dict(zip(self.units.index.astype(str), self.units["parent"].astype(str), strict=True))

    def over(self, level: str, finer: str) -> dict[str, str]:
        """Units of a finer level -> the unit of a level that they lie in."""
        wanted, out = set(self.codes(level)), {}
        for code in self.codes(finer):
            at = code
            while at not in wanted and at in self.parent_of:
                at = self.parent_of[at]
            if at in wanted:
                out[code] = at
        return out

    def levels(self, finer: str) -> dict[str, dict[str, str]]:
        """Each level of the study from the coarsest to a finer one, with the units of the finer one in it."""
        out = {}
        for level in reversed(self.run.setting.all_levels):
            out[level] = self.over(level, finer)
            if level == finer:
                return out
        return {}

    def count(self, name: str, level: str) -> pd.Series[float] | None:
        """An exposed count of the units of a level; None where the study has none."""
        units = self.made.of(Graded).units.get(level)
        if units is None or name not in units.columns:
            return None
        return pd.Series(units[name].to_numpy(), index=units.index.astype(str), dtype=float)

    @cached_property
    def metres(self) -> str:
        """A projection in metres: that of the grid, else that of the place."""
        crs = self.run.setting.grid.crs
        if crs is not None and crs.projected:
            return str(crs)
        return str(self.units.estimate_utm_crs())

    @cached_property
    def people(self) -> gpd.GeoDataFrame | None:
        """Where people live: points with ``people`` and the code of their finest unit; None without residents."""
        return self._people(_CELLS)

    @cached_property
    def homes(self) -> gpd.GeoDataFrame | None:
        """The same in wider squares, for journeys."""
        return self._people(_SQUARES)

    def _people(self, most_cells: float) -> gpd.GeoDataFrame | None:
        counts = self.made.of(Prepared).exposure.counts
        if "population" not in counts:
            return None
        points = unit_points(self.run.setting.coverage, counts["population"], most_cells=most_cells)
        finest = set(self.codes(self.run.setting.finest))
        points = points[points["code"].astype(str).isin(finest)].reset_index(drop=True)
        grid = self.run.setting.grid.crs
        # The grid in metres is where distances are measured: nothing to convert.
        crs = self.metres if grid is not None and grid.projected else grid
        where = gpd.points_from_xy(points["x"], points["y"], crs=crs)
        frame = gpd.GeoDataFrame({"people": points["amount"], "code": points["code"].astype(str)}, geometry=where)
        return frame.to_crs(self.metres) if len(frame) else None

    @cached_property
    def objects(self) -> gpd.GeoDataFrame | None:
        """Objects of the study in metres, those of its layers too; None without any."""
        setting = self.run.setting
        objects = study_objects(setting.study, self.run.catalogue, setting.units, self.forms)
        return None if objects is None else objects.to_crs(self.metres)

    def by_level(self, table: pd.DataFrame, sums: list[str]) -> dict[str, pd.DataFrame]:
        """Sums of a table by finest unit (column ``code``) for every level, its other columns being keys."""
        keys = [name for name in table.columns if name not in sums]
        out = {}
        for level, unit_of in self.levels(self.run.setting.finest).items():
            moved = table.assign(code=table["code"].map(unit_of)).dropna(subset=["code"])
            out[level] = moved.groupby(keys, as_index=False, sort=True)[sums].sum(min_count=1)
        return out


@dataclass(frozen=True)
class Assessment:
    """An assessment: its name, and its tables by name; none where what it needs is not there."""

    name: str
    tables: Callable[[Given], Tables]
