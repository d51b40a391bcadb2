"""The errors that were put into the forms on purpose: what people really write."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely

from make.surveys.scene import Scene
from riskzoning.admin import wgs84_to_gcj02
from riskzoning.surveys import form

Forms = dict[str, pd.DataFrame]


@dataclass
class Seeded:
    """One error: the form and row that have it, what the row said and what was written instead."""

    form: str
    row: Hashable | None
    field: str
    rule: str
    original: str
    written: str
    what: str
    key: str = ""
    # County whose files should hold it, for what stands at no row.
    county: str = ""
    # Rows of forms where the same error shows too, and rules that may be told beside the error's own.
    also: list[tuple[str, Hashable]] = field(default_factory=list)
    also_rules: str = ""


class Seeding:
    """Forms into which errors are put, one row each: no row has two."""

    def __init__(self, forms: Forms, scene: Scene) -> None:
        self.forms, self.scene, self.rng = (
            {name: frame.copy() for name, frame in forms.items()},
            scene,
            scene.rng("errors"),
        )
        self.taken: set[tuple[str, Hashable]] = set()
        self.made: list[Seeded] = []

    def pick(self, name: str, good: Callable[[pd.DataFrame], Any] | None = None) -> Hashable:
        """A row of a form that has no error yet."""
        frame = self.forms[name]
        mask = np.ones(len(frame), dtype=bool) if good is None else np.asarray(good(frame), dtype=bool)
        rows = [label for label in frame.index[mask] if (name, label) not in self.taken]
        row: Hashable = rows[int(self.rng.integers(len(rows)))]
        self.taken.add((name, row))
        return row

    def note(self, name: str, row: Hashable | None, column: str, rule: str, what: str, **more: Any) -> Seeded:
        """An error for the list."""
        more = {"original": "", "written": "", **more}
        entry = Seeded(name, row, column, rule, more.pop("original"), more.pop("written"), what, **more)
        if row is not None and not entry.key:
            entry.key = str(self.forms[name].loc[row, form(name).key])
        self.made.append(entry)
        return entry

    def write(self, name: str, row: Hashable, column: str, value: Any, rule: str, what: str, **more: Any) -> Seeded:
        """Another value in a cell."""
        frame = self.forms[name]
        old = frame.loc[row, column]
        texts = {"original": _text(old), "written": _text(value)}
        if isinstance(value, str) and frame[column].dtype != object:
            frame[column] = frame[column].astype(object)
        if isinstance(value, float) and frame[column].dtype.kind == "i":
            frame[column] = frame[column].astype(object if value != value or value % 1 else float)
        frame.loc[row, column] = value
        return self.note(name, row, column, rule, what, **texts, **more)


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def seeded(forms: Forms, scene: Scene) -> tuple[Forms, list[Seeded]]:
    """The forms with errors in some rows, and the list of them."""
    seeding = Seeding(forms, scene)
    for step in (_cells, _codes, _places, _logic, _people, _past, _twice):
        step(seeding)
    return seeding.forms, seeding.made


def _cells(s: Seeding) -> None:
    """Q01, Q02: empty cells, texts in columns of numbers, answers that are none, days that are none."""
    town = s.pick("cap_township")
    s.write("cap_township", town, "volunteer", None, "Q01", "required value is empty")
    s.write("shelter", s.pick("shelter"), "capacity", None, "Q01", "required value is empty")
    row = s.pick("cap_community")
    s.write("cap_community", row, "volunteer", "约20", "Q02", "text in a number column")
    row = s.pick("cap_community", lambda f: f["plan"] == "有")
    s.write("cap_community", row, "plan", "√", "Q02", "answer not in the list")
    row = s.pick("cap_community")
    s.write("cap_community", row, "fill_date", "2021-13-04", "Q02", "not a date")
    s.write("cap_household", s.pick("cap_household"), "fill_date", "2012-05-03", "Q02", "day outside the survey")
    row = s.pick("material_store", lambda f: f["level"] == "乡镇级")
    s.write("material_store", row, "serves", -350, "Q02", "negative count")
    row = s.pick("rescue_team", lambda f: f["level"] == "乡镇级")
    s.write("rescue_team", row, "people", 32.5, "Q02", "count with decimals")
    row = s.pick("exp_building", lambda f: f["struct"] == "1")
    s.write("exp_building", row, "built_year", 1832, "Q02", "year before 1900")
    row = s.pick("dgr_point", lambda f: f["level"] == "一般")
    s.write("dgr_point", row, "level", "特别重大", "Q02", "value not in the list")


def _codes(s: Seeding) -> None:
    """Q03: codes with a figure missing, of another county, of a statistical zone; a village of another township."""
    row = s.pick("shelter")
    s.write("shelter", row, "town9", str(s.forms["shelter"].loc[row, "town9"])[:8], "Q03", "code with 8 digits")
    row = s.pick("dgr_point")
    s.write("dgr_point", row, "adcode6", "410771", "Q03", "statistical zone instead of the county")
    row = s.pick("exp_crop", lambda f: f["adcode6"] == "410724")
    s.write("exp_crop", row, "adcode6", "410726", "Q03", "county that does not hold the township")
    row = s.pick("cap_household", lambda f: f["town9"] == f["vill12"].str[:9])
    own = str(s.forms["cap_household"].loc[row, "town9"])
    other = next(code for code in s.scene.communities.index if not code.startswith(own[:6]))
    s.write("cap_household", row, "vill12", other, "Q03", "village of another township")
    # The village that is not written any more is missing from the list of those that are owed.


def _places(s: Seeding) -> None:
    """Q05, Q06: swapped, outside the city, another county, encrypted (GCJ-02), metres with the number of the zone."""
    row = s.pick("dgr_point", lambda f: f["class"] == "FLOOD")
    frame = s.forms["dgr_point"]
    lon, lat = frame.loc[row, ["lon", "lat"]]
    s.write("dgr_point", row, "lon", float(lat), "Q05", "longitude and latitude swapped")
    frame.loc[row, "lat"] = float(lon)
    row = s.pick("material_store", lambda f: f["level"] == "乡镇级")
    far = round(float(s.forms["material_store"].loc[row, "lon"]) + 2, 6)
    s.write("material_store", row, "lon", far, "Q05", "outside the city")
    row = s.pick("exp_mine", lambda f: f["kind"] == "露天")
    seat = s.scene.towns.loc[s.scene.counties["seat"].iloc[8]]
    s.write("exp_mine", row, "lon", float(seat["lon"]), "Q05", "in another county")
    s.forms["exp_mine"].loc[row, "lat"] = float(seat["lat"])
    _encrypted(s)
    row = s.pick("reservoir")
    x, y = _zoned(*s.forms["reservoir"].loc[row, ["lon", "lat"]])
    s.write("reservoir", row, "lon", x, "Q06", "metres of a 3-degree zone, its number in front")
    s.forms["reservoir"].loc[row, "lat"] = y


def _zoned(lon: float, lat: float) -> tuple[float, float]:
    """Eastings of zone 38 (central meridian 114 degrees) with the number of the zone in front, and northings."""
    from pyproj import Transformer

    x, y = Transformer.from_crs("EPSG:4490", "EPSG:4526", always_xy=True).transform(lon, lat)
    return round(x, 1), round(y, 1)


def _encrypted(s: Seeding) -> None:
    """A school whose encrypted place lies in the next county."""
    frame = s.forms["exp_public_service"]
    lon, lat = (np.asarray(values) for values in wgs84_to_gcj02(frame["lon"].to_numpy(), frame["lat"].to_numpy()))
    counties = s.scene.units.geometry.loc[frame["adcode6"]].to_numpy()
    away = ~shapely.contains_xy(counties, lon, lat)
    if not away.any():
        return
    row = s.pick("exp_public_service", lambda _: away)
    at = frame.index.get_loc(row)
    s.write("exp_public_service", row, "lon", round(float(lon[at]), 6), "Q05", "encrypted coordinates (GCJ-02)")
    frame.loc[row, "lat"] = round(float(lat[at]), 6)


def _logic(s: Seeding) -> None:
    """Q08, Q09, Q15: more than there can be, days in the wrong order, sums that are none, masonry of 14 storeys."""
    row = s.pick("shelter")
    held = int(s.forms["shelter"].loc[row, "capacity"])
    s.write("shelter", row, "capacity", held * 3, "Q08", "more people than the area holds", also_rules="Q12")
    s.write("dgr_point", s.pick("dgr_point"), "deadline", "2019-01-01", "Q08", "deadline before the inspection")
    row = s.pick("dgr_point", lambda f: f["households"] > 8)
    s.write("dgr_point", row, "people", 3, "Q08", "fewer people than households")
    row = s.pick("material_store", lambda f: f["level"] == "乡镇级")
    value = round(float(s.forms["material_store"].loc[row, "goods_wan"]) * 1.4, 2)
    s.write("material_store", row, "goods_wan", value, "Q08", "total is not the sum of its parts")
    row = s.pick("exp_building", lambda f: (f["struct"] == "1") & (f["floors_up"] < 3))
    s.write("exp_building", row, "floors_up", 14, "Q09", "masonry of 14 storeys")
    row = s.pick("dgr_point")
    s.write("dgr_point", row, "owner", "联系人：张某某", "Q15", "a person is named (made up)")


def _people(s: Seeding) -> None:
    """Q10, Q12, Q14: parts that do not add up, outliers, yuan for 10 000 yuan, mu for hectares."""
    row = s.pick("exp_population")
    s.write(
        "exp_population",
        row,
        "male",
        int(s.forms["exp_population"].loc[row, "male"]) + 1000,
        "Q10",
        "men and women are not the residents",
    )
    row = s.pick("cap_township", lambda f: f["pop"] > 20_000)
    pop = int(s.forms["cap_township"].loc[row, "pop"])
    s.write(
        "cap_township",
        row,
        "pop",
        round(pop * 1.15),
        "Q10",
        "communities do not add up to the township",
        also_rules="Q12",
    )
    # What only may be wrong is used all the same: it must not decide the index of a township.
    row = s.pick("cap_township", lambda f: f["militia"] > 20)
    militia = int(s.forms["cap_township"].loc[row, "militia"])
    s.write("cap_township", row, "militia", militia * 5, "Q12", "many times what others have a head")
    row = s.pick("rescue_team", lambda f: f["level"] == "乡镇级")
    value = float(s.forms["rescue_team"].loc[row, "equip_wan"])
    s.write("rescue_team", row, "equip_wan", value * 1e4, "Q14", "yuan instead of 10 000 yuan")
    limit = s.scene.towns["area_km2"] * 100 / 15
    row = s.pick("exp_crop", lambda f: (f["crop"] == "小麦") & (f["sown_ha"] > 1.05 * f["town9"].map(limit)))
    sown = float(s.forms["exp_crop"].loc[row, "sown_ha"])
    s.write("exp_crop", row, "sown_ha", round(sown * 15, 1), "Q14", "mu instead of hectares")
    row = s.pick("cap_government")
    beds = int(s.forms["cap_government"].loc[row, "beds"])
    entry = s.write("cap_government", row, "beds", round(beds * 1.6), "Q11", "far from the yearbook")
    # The total of a county is told, not a row.
    entry.row, entry.county = None, entry.key


def _past(s: Seeding) -> None:
    """Q08, Q13, Q17: crops, sums of money, a year without rows, an annual row that is not the sum of its events."""
    event, rows = s.forms["his_event"], s.forms["his_annual"]
    alone = event.groupby(["adcode6", "year", "hazard"])["event_id"].transform("size") == 1
    row = s.pick("his_event", lambda f: alone & (f["loss_total"] > 100) & (f["year"] > 1990))
    value = round(float(event.loc[row, "loss_total"]) * 1.25, 2)
    s.write("his_event", row, "loss_total", value, "Q08", "total is not the sum of its parts", also_rules="Q17",
            also=_annual_of(s, row))  # fmt: skip
    row = s.pick("his_event", lambda f: f["start"].str[5:7] == "07")
    s.write("his_event", row, "end", f"{event.loc[row, 'year'] - 1}-03-01", "Q08", "end before the start")
    row = s.pick("his_annual", lambda f: (f["crop_aff"] > 50) & (f["events"] > 0))
    value = round(float(rows.loc[row, "crop_aff"]) * 1.6, 1)
    s.write("his_annual", row, "crop_dam", value, "Q08", "crops damaged are more than crops hit", also_rules="Q17",
            also=_events_of(s, row))  # fmt: skip
    row = s.pick("his_annual", lambda f: (f["events"] > 0) & (f["coll_room"] > 0))
    value = int(rows.loc[row, "affected"]) + 700
    s.write("his_annual", row, "affected", value, "Q17", "annual row is not the sum of its events",
            also=_events_of(s, row))  # fmt: skip
    _gap(s)


def _annual_of(s: Seeding, row: Hashable) -> list[tuple[str, Hashable]]:
    rows, event = s.forms["his_annual"], s.forms["his_event"].loc[row]
    same = (rows["adcode6"] == event["adcode6"]) & (rows["year"] == event["year"]) & (rows["hazard"] == event["hazard"])
    return [("his_annual", label) for label in rows.index[same]]


def _events_of(s: Seeding, row: Hashable) -> list[tuple[str, Hashable]]:
    event, line = s.forms["his_event"], s.forms["his_annual"].loc[row]
    same = (event["adcode6"] == line["adcode6"]) & (event["year"] == line["year"]) & (event["hazard"] == line["hazard"])
    return [("his_event", label) for label in event.index[same]]


def _gap(s: Seeding) -> None:
    """A year that a county left out, though it had events."""
    event, rows = s.forms["his_event"], s.forms["his_annual"]
    busy = event.groupby(["adcode6", "year"]).size()
    free = [key for key in busy.index if 1985 < key[1] < 2010 and not _touched(s, key)]
    county, year = free[int(s.rng.integers(len(free)))]
    own = (rows["adcode6"] == county) & (rows["year"] == year)
    near = rows.index[(rows["adcode6"] == county) & (rows["year"] - year).abs().eq(1)]
    told = event.index[(event["adcode6"] == county) & (event["year"] == year)]
    also: list[tuple[str, Hashable]] = [("his_annual", label) for label in near] + [
        ("his_event", label) for label in told
    ]
    s.forms["his_annual"] = rows[~own]
    s.note("his_annual", None, "year", "Q13", "a year is missing", key=f"{county}-{year}", county=county, also=also,
           also_rules="Q17", original=f"{int(own.sum())} rows", written="missing")  # fmt: skip


def _touched(s: Seeding, key: tuple[str, int]) -> bool:
    county, year = key
    for name, label in s.taken:
        if name in ("his_event", "his_annual"):
            line = s.forms[name].loc[label]
            if line["adcode6"] == county and abs(line["year"] - year) < 2:
                return True
    return False


def _twice(s: Seeding) -> None:
    """Q01, Q04: a community that did not answer, a team that was sent twice, one shelter under two keys."""
    communities = s.forms["cap_community"]
    row = s.pick("cap_community", lambda f: ~f["town9"].isin(_sampled_towns(s)))
    code, town, county = communities.loc[row, ["vill12", "town9", "adcode6"]]
    halls = s.forms["cap_township"]
    also: list[tuple[str, Hashable]] = [("cap_township", label) for label in halls.index[halls["town9"] == town]]
    s.forms["cap_community"] = communities.drop(index=row)
    s.note("cap_community", None, "vill12", "Q01", "a community of the directory has no record", key=str(code),
           county=str(county), also=also, also_rules="Q10", original="1 row", written="missing")  # fmt: skip
    _copied(s, "rescue_team", "Q04", "the same record twice")
    row = s.pick("shelter")
    twin = s.forms["shelter"].loc[row].copy()
    twin["shelter_id"] = str(twin["shelter_id"])[:-2] + "98"
    twin["lon"] = round(float(twin["lon"]) + 0.00012, 6)
    _appended(s, "shelter", twin, "Q04", "the same shelter under two keys", row)


def _sampled_towns(s: Seeding) -> set[str]:
    """Townships with an error of their own, whose sums say something already."""
    frame = s.forms["cap_township"]
    return {str(frame.loc[label, "town9"]) for name, label in s.taken if name == "cap_township"}


def _copied(s: Seeding, name: str, rule: str, what: str) -> None:
    row = s.pick(name)
    _appended(s, name, s.forms[name].loc[row].copy(), rule, what, row)


def _appended(s: Seeding, name: str, twin: pd.Series, rule: str, what: str, row: Hashable) -> None:
    label = int(s.forms[name].index.max()) + 1
    frame = pd.concat([s.forms[name], twin.to_frame(label).T.infer_objects()])
    s.forms[name] = frame.astype(s.forms[name].dtypes.to_dict())
    s.taken.add((name, label))
    column = form(name).key if rule == "Q04" and what.startswith("the same record") else "lon"
    s.note(name, label, column, rule, what, also=[(name, row)])
