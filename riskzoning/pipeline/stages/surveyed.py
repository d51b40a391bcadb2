"""What the surveys give: capacity and hidden dangers of units."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from riskzoning import capacity, hidden_dangers
from riskzoning.pipeline.state import Made, Run, Surveyed, Zoned

Forms = Mapping[str, pd.DataFrame]


def surveyed(run: Run, made: Made) -> Zoned:
    """Tables of the accepted records; none without a section ``surveys:``."""
    forms = made.of(Surveyed).surveys
    tables = _capacity(run, forms) | _dangers(run, forms)
    return Zoned({}, {name: table for name, table in tables.items() if len(table)})


def _capacity(run: Run, forms: Forms) -> dict[str, pd.DataFrame]:
    """Capacity of townships, of their communities, and of counties from both; teams that are too small."""
    out: dict[str, pd.DataFrame] = {}
    blocks: dict[str, pd.Series] = {}
    parts = []
    makers = {"township": ("cap_township", capacity.township_indicators)}
    makers["community"] = ("cap_community", capacity.community_indicators)
    for level, (name, indicators) in makers.items():
        if name not in forms:
            continue
        table = capacity.capacity_index(indicators(_plain(forms[name])), capacity.grassroots_weights(level))
        blocks[level] = table["index"]
        parts.append(table.rename_axis("code").reset_index().assign(level="township", block=level))
    if len(blocks) == 2:
        county = capacity.grassroots_index(blocks["township"], blocks["community"], _county_of(run))
        graded = capacity.combined_blocks(county.rename("grassroots").to_frame(), {"grassroots": 1.0})
        parts.append(
            graded.drop(columns="blocks").rename_axis("code").reset_index().assign(level="county", block="both")
        )
    if parts:
        columns = ["code", "level", "block", "index", "grade", "grade_name", "d_plus", "d_minus"]
        out["capacity"] = pd.concat(parts, ignore_index=True).reindex(columns=columns)
    if "rescue_team" in forms:
        short = capacity.short_teams(_plain(forms["rescue_team"]))
        out["teams_too_small"] = short[["team_id", "name", "level", "people", "required", "missing"]]
    return out


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The records without their geometry."""
    return pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))


def _county_of(run: Run) -> dict[str, str]:
    units = run.setting.units
    towns = units[units["level"] == "township"]
    return dict(zip(towns.index, towns["parent"], strict=True))


def _dangers(run: Run, forms: Forms) -> dict[str, pd.DataFrame]:
    """Hidden dangers of townships and counties."""
    if "dgr_point" not in forms:
        return {}
    points = _plain(forms["dgr_point"])
    setting = run.setting
    areas = pd.Series(setting.coverage.areas / 1e6, index=setting.units.index)
    parts = []
    for level, unit in (("township", "town9"), ("county", "adcode6")):
        codes = setting.codes(level)
        if len(codes):
            table = hidden_dangers.danger_index(
                points,
                {str(code): float(areas[code]) for code in codes},
                unit=unit,
                today=setting.study.data_date,
            )
            parts.append(table.reset_index().assign(level=level))
    return {"hidden_dangers": pd.concat(parts, ignore_index=True)} if parts else {}
