"""A made-up city of twelve counties with every survey form filled in, right or with errors of a known rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from riskzoning.admin import wgs84_to_gcj02
from riskzoning.surveys.forms import Field, Form, form

CITY = "370800"
COUNTIES = tuple(f"3708{n}" for n in (11, 12, 26, 27, 28, 29, 30, 31, 32, 81, 82, 83))
TODAY = pd.Timestamp("2022-06-01")
WEST, SOUTH, WIDE, HIGH = 116.0, 35.0, 0.3, 0.3
TOWNS = ("001", "002", "003", "100", "101", "102")
VILLAGES = tuple(f"{n:03d}" for n in range(201, 205))
YEARS = range(2008, 2020)


def county_box(code: str) -> tuple[float, float, float, float]:
    at = COUNTIES.index(code)
    west, south = WEST + WIDE * (at % 4), SOUTH + HIGH * (at // 4)
    return west, south, west + WIDE, south + HIGH


def town_box(code: str) -> tuple[float, float, float, float]:
    west, south, *_ = county_box(code[:6])
    at = TOWNS.index(code[6:])
    west, south = west + WIDE / 3 * (at % 3), south + HIGH / 2 * (at // 3)
    return west, south, west + WIDE / 3, south + HIGH / 2


@cache
def city_units() -> gpd.GeoDataFrame:
    whole = box(WEST, SOUTH, WEST + 4 * WIDE, SOUTH + 3 * HIGH)
    rows = [(CITY, "某市", "city", "", whole)]
    rows += [(code, f"{code}县", "county", CITY, box(*county_box(code))) for code in COUNTIES]
    rows += [(code, f"{code}镇", "township", code[:6], box(*town_box(code))) for code in towns()]
    columns = ["code", "name", "level", "parent", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs="EPSG:4490").set_index("code")


def towns() -> list[str]:
    return [county + town for county in COUNTIES for town in TOWNS]


def villages() -> pd.DataFrame:
    rows = [(town + village, f"{town}{village}村", town, town[:6]) for town in towns() for village in VILLAGES]
    return pd.DataFrame(rows, columns=["vill12", "name", "town9", "adcode6"])


def _value(field: Field, count: int, random: np.random.Generator) -> object:
    if field.kind == "integer":
        low, high = int(field.minimum or 0), int(field.maximum or 60)
        return random.integers(low, max(low, high) + 1, count)
    if field.kind == "number":
        return random.uniform(field.minimum or 0, field.maximum or 60, count).round(2)
    if field.kind == "year":
        return random.integers(2000, 2018, count)
    if field.kind == "choice":
        return np.array(field.choices, dtype=object)[random.integers(0, len(field.choices), count)]
    if field.kind == "date":
        return pd.to_datetime("2021-03-01") + pd.to_timedelta(random.integers(0, 150, count), unit="D")
    return np.array([f"{field.zh.split('(')[0]}{at:04d}" for at in range(count)], dtype=object)


def _places(count: int, random: np.random.Generator) -> pd.DataFrame:
    chosen = np.array(towns())[random.integers(0, len(towns()), count)]
    share = random.uniform(0.2, 0.8, (count, 2))
    boxes = np.array([town_box(code) for code in chosen])
    lon = boxes[:, 0] + share[:, 0] * (boxes[:, 2] - boxes[:, 0])
    lat = boxes[:, 1] + share[:, 1] * (boxes[:, 3] - boxes[:, 1])
    return pd.DataFrame({"town9": chosen, "adcode6": [code[:6] for code in chosen], "lon": lon, "lat": lat})


def clean(name: str, count: int = 60, seed: int = 1) -> pd.DataFrame:
    """Rows of a form without a fault; columns are the names of its fields."""
    of = form(name)
    random = np.random.default_rng(seed)
    if name == "his_annual":
        return _annual(seed)
    if name == "his_event":
        return _events(seed)
    place = _places(count, random)
    if of.covers:
        place = _all_units(of, random)
        count = len(place)
    columns = {field.name: _value(field, count, random) for field in of.fields}
    rows = pd.DataFrame(columns)
    for column in place.columns:
        if column in rows:
            rows[column] = place[column].to_numpy()
    if of.by_name[of.key].kind == "id":
        rows[of.key] = [f"{name.upper()}{at:05d}" for at in range(count)]
    if "vill12" in rows and not of.covers:
        rows["vill12"] = rows["town9"] + np.array(VILLAGES)[random.integers(0, len(VILLAGES), count)]
    return _CONSISTENT.get(name, lambda rows, _: rows)(rows, random)


def _all_units(of: Form, random: np.random.Generator) -> pd.DataFrame:
    level = (of.covers or {})["level"]
    if level == "county":
        return pd.DataFrame({"adcode6": COUNTIES})
    listed = villages() if level == "community" else pd.DataFrame({"town9": towns()})
    boxes = np.array([town_box(code) for code in listed["town9"]])
    share = random.uniform(0.2, 0.8, (len(listed), 2))
    listed["adcode6"] = listed["town9"].str[:6]
    listed["lon"] = boxes[:, 0] + share[:, 0] * (boxes[:, 2] - boxes[:, 0])
    listed["lat"] = boxes[:, 1] + share[:, 1] * (boxes[:, 3] - boxes[:, 1])
    return listed


def _buildings(rows: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    storeys = random.integers(1, 7, len(rows))
    area = (storeys * random.uniform(60, 900, len(rows))).round(1)
    checked = {"checked": "1", "check_bad": 0, "value_yuan": 1e5, "n_repr": 1.0, "floors_dn": 0}
    return rows.assign(floors_up=storeys, area_m2=area, height_m=(3.1 * storeys).round(1), design_int=7, **checked)


def _population(rows: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    total = random.integers(600, 90_000, len(rows))
    out = rows.assign(pop_res=total, pop_reg=total + 50, hh=total // 3, pop_day=total, pop_night=total, year=2020)
    for first, second, share in (
        ("male", "female", 0.5),
        ("pop_urban", "pop_rural", 0.4),
        ("hh_family", "hh_group", 0.9),
    ):
        out[first] = (share * total).astype(int)
        out[second] = total - out[first]
    out["age0_14"], out["age15_59"] = total // 5, total // 2
    out["age60p"] = total - total // 5 - total // 2
    out["age65p"] = out["age60p"] // 2
    return out


def _capacity(rows: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    people = village_people().groupby(lambda code: code[:9]).sum().reindex(rows["town9"]).to_numpy()
    out = rows.assign(pop=people, fire_men=8)
    rates = {"staff": 2, "beds": 40, "volunteer": 50, "militia": 30, "trained": 200, "shelter": 4000}
    for name, rate in rates.items():
        out[name] = np.round(people / 1e4 * rate * random.lognormal(0, 0.15, len(rows)))
    for name, rate in {"funds_wan": 20.0, "goods_wan": 30.0}.items():
        out[name] = (people / 1e4 * rate * random.lognormal(0, 0.3, len(rows))).round(2)
    return out


@cache
def village_people() -> pd.Series:
    codes = villages()["vill12"]
    # Towns of 600 people beside large ones.
    return pd.Series(np.random.default_rng(3).integers(150, 9000, len(codes)), index=codes)


def _communities(rows: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    people = village_people().reindex(rows["vill12"]).to_numpy()
    money = {
        name: (people / 1e4 * 3 * random.lognormal(0, 0.4, len(rows))).round(2) for name in ("funds_wan", "goods_wan")
    }
    return rows.assign(pop=people, old_code=None, **money)


def _sums(of: str, parts: tuple[str, ...]) -> Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]:
    return lambda rows, _: rows.assign(**{of: rows[list(parts)].sum(axis=1).round(2)})


def _ordered(less: str, more: str) -> Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]:
    both = [less, more]
    return lambda rows, _: rows.assign(**{less: rows[both].min(axis=1), more: rows[both].max(axis=1)})


def _gdp(rows: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    # One county has a giant plant.
    sectors = {f"gdp{n}_wan": random.lognormal(12, 0.6, len(rows)).round(1) for n in (1, 2, 3)}
    out = rows.assign(year=2020, price_base=2020, **sectors)
    out.loc[0, "gdp2_wan"] *= 9
    return out.assign(gdp_wan=out[["gdp1_wan", "gdp2_wan", "gdp3_wan"]].sum(axis=1).round(1))


_LESS = {
    "exp_bridge": ("span_max", "length_m"), "cap_social": ("skilled", "members"), "levee": ("ok_km", "length_km"),
    "reservoir": ("design_rp", "check_rp"),
}  # fmt: skip
_CONSISTENT: dict[str, Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]] = {
    "exp_building": _buildings,
    "exp_population": _population,
    "cap_township": _capacity,
    "cap_community": _communities,
    "exp_gdp": _gdp,
    "material_store": _sums("goods_wan", ("life_wan", "rescue_wan", "other_wan")),
    "shelter": lambda rows, _: rows.assign(area_m2=2000.0, m2_person=2.0, capacity=900, built_year=2012),
    "dgr_point": lambda rows, random: rows.assign(
        households=random.integers(1, 9, len(rows)), people=random.integers(20, 90, len(rows)),
        value_wan=random.uniform(50, 200, len(rows)).round(1), deadline=pd.Timestamp("2022-11-30"),
    ),
    "rescue_team": lambda rows, random: rows.assign(people=random.integers(20, 90, len(rows)), equip_wan=55.5),
    "cap_household": lambda rows, _: rows.assign(members=5, old=2, young=1, disabled=0),
    "detention_area": lambda rows, _: rows.assign(area_km2=50.0, crop_ha=3000.0),
    **{
name: _ordered(less, more)
        for name, (less, more) in _LESS.items()
    },
}  # fmt: skip

_PERSONS = ("affected", "dead", "missing", "evacuated")
_HOUSES = ("coll_hh", "coll_room", "sev_hh", "sev_room", "sli_hh", "sli_room")
_AREAS = ("crop_aff", "crop_dam", "crop_lost")
_LOSSES = ("loss_agri", "loss_ind", "loss_infra", "loss_publ", "loss_hh", "loss_other")
_SIGNS = {"洪涝": "FLOOD", "干旱": "DROUGHT"}
_SUMMED = (*_PERSONS, *_HOUSES, *_AREAS, *_LOSSES, "loss_total")


def _events(seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    rows = []
    for county in COUNTIES:
        for year in YEARS:
            for hazard in ("洪涝", "干旱"):
                for number in range(int(random.integers(1, 4))):
                    rows.append(_event(county, year, hazard, number, random))
    return pd.DataFrame(rows)


def _event(county: str, year: int, hazard: str, number: int, random: np.random.Generator) -> dict[str, object]:
    start = pd.Timestamp(year, 5 + number, int(random.integers(1, 20)))
    affected = int(random.lognormal(7, 1))
    area = float(np.round(random.lognormal(5, 1), 1))
    houses = [int(n) for n in random.integers(0, 40, 3)]
    losses = {name: float(np.round(random.lognormal(4, 1.5), 2)) for name in _LOSSES}
    return {
        "event_id": f"{county}{start:%Y%m%d}{_SIGNS[hazard]}{number:02d}",
        "adcode6": county, "county_name": f"{county}县",
        "year": year, "hazard": hazard, "start": start, "end": start + pd.Timedelta(days=5),
        "affected": affected, "dead": min(1, affected), "missing": 0, "evacuated": affected // 3,
        "crop_aff": area, "crop_dam": round(area * 0.6, 1), "crop_lost": round(area * 0.2, 1),
        "coll_hh": houses[0], "coll_room": 3 * houses[0], "sev_hh": houses[1], "sev_room": 3 * houses[1],
        "sli_hh": houses[2], "sli_room": 3 * houses[2], **losses, "loss_total": round(sum(losses.values()), 2),
        "injured": 0, "relief": affected // 5, "price_year": 2019,
    }  # fmt: skip


def _annual(seed: int) -> pd.DataFrame:
    events = _events(seed)
    by = ["adcode6", "county_name", "year", "hazard"]
    rows = events.groupby(by, as_index=False, sort=True)[list(_SUMMED)].sum().round(2)
    rows["events"] = events.groupby(by, sort=True).size().to_numpy()
    rows["rec_id"] = rows["adcode6"] + "-" + rows["year"].astype(str) + "-" + rows["hazard"]
    rows["pop_end"] = 400_000 + rows["year"] * 10
    rows["gdp_wan"] = 1e6 * (rows["year"] - 2000.0)
    return rows.assign(price_year=2019)


# --- errors ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seed:
    """An error that is put in: cells of one row, and what has to be told of it."""

    name: str
    field: str
    rule: str
    changes: dict[str, object]
    severity: str = "error"
    row: int = 7
    what: str = ""
    # Another row that the error involves: a report there is no false alarm.
    also: tuple[int, ...] = ()


def seeds(name: str, rows: pd.DataFrame, at: int = 7) -> list[Seed]:
    """Errors of every rule that this form can break, one each, all for one row."""
    of = form(name)
    out = [item for field in of.fields for item in _of_cell(name, field)]
    out += _of_codes(name, of, rows, at) + _of_keys(name, of, rows, at) + _of_places(name, of, rows, at)
    out += _LOGIC.get(name, lambda _: [])(rows.iloc[at])
    return [replace(item, row=at) for item in out]


def _of_cell(name: str, field: Field) -> list[Seed]:
    def one(rule: str, value: object, what: str) -> Seed:
        return Seed(name, field.name, rule, {field.name: value}, what=what)

    out = [one("Q01", None, "empty"), one("Q01", "   ", "blanks")] if field.required else []
    if field.kind in ("integer", "number", "year"):
        out += [one("Q02", text, text) for text in ("约200", "无", "1.2.5", "12人左右", "#REF!")]
        out += [one("Q02", -1, "below 0")] if field.minimum == 0 else []
        if field.kind != "number":
            out.append(one("Q02", 32.5, "fraction"))
        if field.maximum is not None:
            out.append(one("Q02", field.maximum + 1, "above the maximum"))
        if field.kind == "year":
            least = int(field.minimum if field.minimum is not None else 1900)
            out += [one("Q02", least - 1, "too early"), one("Q02", TODAY.year + 1, "too late")]
        elif field.minimum:
            out.append(one("Q02", field.minimum - 1, "below the minimum"))
    if field.kind == "choice":
        out += [one("Q02", value, value) for value in ("√", f"{field.choices[0]}(2019年)", "不详")]
    if field.kind == "date":
        out += [one("Q02", value, value) for value in ("2021-13-04", "2021-02-30", "去年夏天", "2021年5月32日")]
        out += (
            [one("Q02", value, value) for value in ("2012-05-03", "2019-12-31", "2022-06-02")] if field.survey else []
        )
    if field.kind in ("text", "name"):
        private = ("张某某 410702197001010000", "联系人：李四", "王某某家(13900000000)", "电话0537-2345678")
        out += [one("Q15", value, value) for value in private]
    return out


def _of_codes(name: str, of: Form, rows: pd.DataFrame, at: int) -> list[Seed]:
    out = []
    digits = {"code6": 6, "code9": 9, "code12": 12}
    for field in of.of_kind(*digits):
        code = str(rows[field.name].iloc[at])
        forms = (
            code[:-1],
            code + "0",
            "3.70811E+11" if len(code) == 12 else code[:-1] + "X",
            code.replace("3", "O", 1),
        )
        out += [Seed(name, field.name, "Q03", {field.name: value}, what=value) for value in forms]
    if "adcode6" in rows and "town9" in rows:
        other = next(code for code in COUNTIES if code != rows["adcode6"].iloc[at])
        out.append(Seed(name, "adcode6", "Q03", {"adcode6": other}, what="another county"))
    if "adcode6" in rows:
        for value, what in (("370872", "statistical zone"), ("410702", "another city"), ("370899", "no county")):
            out.append(Seed(name, "adcode6", "Q03", {"adcode6": value}, what=what))
    if "town9" in rows:
        out.append(Seed(name, "town9", "Q03", {"town9": str(rows["adcode6"].iloc[at]) + "999"}, what="no town"))
    if "vill12" in rows:
        other = next(code for code in towns() if code[:9] != rows["town9"].iloc[at])
        out.append(Seed(name, "vill12", "Q03", {"vill12": other + "201"}, what="village of another town"))
    return out


def _of_keys(name: str, of: Form, rows: pd.DataFrame, at: int) -> list[Seed]:
    out = [Seed(name, of.key, "Q04", {of.key: rows[of.key].iloc[at + 1]}, what="key twice", also=(at + 1,))]
    for rule in of.rules_of("Q04"):
        twin = rows.iloc[at + 1]
        same = {key: twin[key] for key in (rule["name"], rule["type"], "adcode6", "town9") if key in rows}
        near = {"lon": twin["lon"] + 0.0004, "lat": twin["lat"]}
        out.append(Seed(name, "lon", "Q04", {**same, **near}, severity="warning", what="36 m away", also=(at + 1,)))
    return out


def _of_places(name: str, of: Form, rows: pd.DataFrame, at: int) -> list[Seed]:
    if not of.of_kind("lon"):
        return []
    row = rows.iloc[at]
    lon, lat = float(row["lon"]), float(row["lat"])
    west, _, east, _ = county_box(str(row["adcode6"]))
    other = county_box(next(code for code in COUNTIES if code != row["adcode6"] and code[-1] != "6"))
    middle = ((other[0] + other[2]) / 2, (other[1] + other[3]) / 2)

    def one(rule: str, x: object, y: object, what: str, severity: str = "error", field: str = "lon") -> Seed:
        return Seed(name, field, rule, {"lon": x, "lat": y}, severity=severity, what=what)

    return [
        one("Q05", lat, lon, "swapped"),
        one("Q05", lon + 2, lat, "outside the city"),
        one("Q05", *middle, "another county"),
        one("Q05", 0.0, 0.0, "zero"),
        one("Q05", -lon, lat, "western longitude"),
        one("Q05", lon * 1e5, lat, "decimal point lost"),
        one("Q06", 39_500_000.0, 3_900_000.0, "zone prefix"),
        one("Q05", 500_000.0, 3_900_000.0, "metres"),
        one("Q02", "未测", lat, "no coordinate"),
        one("Q05", *_encrypted(east, lat), "GCJ-02 at the border", severity="warning"),
        one("Q05", west - 0.003, lat, "270 m over the border", severity="warning"),
    ]


def _encrypted(east: float, lat: float) -> tuple[float, float]:
    """A place just inside the eastern border, as a web map shows it: about 500 m further east."""
    x, y = wgs84_to_gcj02(east - 0.001, lat)
    return float(x), float(y)


def _logic(name: str, *cases: tuple[str, str, dict[str, object], str, str]) -> list[Seed]:
    return [Seed(name, field, rule, changes, severity, what=what) for field, rule, changes, severity, what in cases]


def _harm(name: str) -> Callable[[pd.Series], list[Seed]]:
    def of(row: pd.Series) -> list[Seed]:
        area, people = float(row["crop_aff"]), int(row["affected"])
        out = [
            ("evacuated", "Q08", {"evacuated": people + 1}, "error", "evacuated > affected by 1"),
            ("dead", "Q08", {"dead": people + 1}, "error", "dead > affected"),
            ("crop_dam", "Q08", {"crop_dam": area + 0.1}, "error", "damaged > affected by .1"),
            ("crop_lost", "Q08", {"crop_lost": float(row["crop_dam"]) + 0.1}, "error", "lost > damaged by .1"),
            ("coll_room", "Q08", {"coll_hh": 9, "coll_room": 8}, "error", "rooms < households by 1"),
            ("sev_room", "Q14", {"sev_hh": 30, "sev_room": 10}, "warning", "rooms and households exchanged"),
            ("loss_total", "Q08", {"loss_total": round(float(row["loss_total"]) * 1.02, 2)}, "error", "total 2 % off"),
            ("loss_total", "Q14", {"loss_total": float(row["loss_total"]) * 1e4}, "warning", "total in yuan"),
        ]
        if name == "his_event":
            out += [
                ("injured", "Q08", {"injured": people + 1}, "error", "injured > affected"),
                ("end", "Q08", {"end": row["start"] - pd.Timedelta(days=1)}, "error", "end a day before start"),
                ("year", "Q08", {"year": int(row["year"]) - 1}, "error", "year of another date"),
                ("start", "Q02", {"start": pd.Timestamp("2033-01-01")}, "error", "start in the future"),
            ]
        else:
            out += [
                ("affected", "Q17", {"affected": people + 1}, "error", "one more than the events"),
                ("loss_total", "Q17", {"loss_total": round(float(row["loss_total"]) * 1.011, 2)}, "error", "1.1 %"),
                ("events", "Q17", {"events": int(row["events"]) + 1}, "error", "an event too many"),
                ("gdp_wan", "Q13", {"gdp_wan": float(row["gdp_wan"]) * 12}, "error", "GDP of one row of the year"),
                ("loss_total", "Q13", {"events": 0}, "error", "loss without an event"),
                ("crop_aff", "Q14", {key: float(row[key]) * 15 for key in _AREAS}, "warning", "mu"),
            ]
        return _logic(name, *out)

    return of


def _of_buildings(_: pd.Series) -> list[Seed]:
    return _logic(
        "exp_building",
        ("floors_up", "Q09", {"floors_up": 0}, "warning", "no storey"),
        ("floors_up", "Q09", {"floors_up": 101, "struct": "2", "height_m": 400.0, "area_m2": 9e4}, "warning", "101"),
        ("area_m2", "Q09", {"area_m2": 9.9}, "warning", "9.9 m2"),
        ("area_m2", "Q09", {"area_m2": 50_001.0, "floors_up": 1, "height_m": 4.0}, "warning", "50 001 m2 a storey"),
        ("floors_up", "Q09", {"floors_up": 9, "struct": "12", "height_m": 27.0}, "warning", "masonry of 9"),
        ("height_m", "Q09", {"floors_up": 2, "height_m": 12.1}, "warning", "6.05 m a storey"),
        ("height_m", "Q09", {"floors_up": 2, "height_m": 4.3}, "warning", "2.15 m a storey"),
        ("built_year", "Q08", {"built_year": 2022}, "error", "built after the survey"),
    )


def _of_population(row: pd.Series) -> list[Seed]:
    out = []
    for name in ("male", "age0_14", "pop_urban", "hh_family"):
        out.append(("pop_res", "Q10", {name: int(row[name]) + 1}, "error", f"{name} one too many"))
    more = {"age65p": int(row["age60p"]) + 1}
    return _logic("exp_population", *out, ("age65p", "Q08", more, "error", "65 and over > 60 and over"))


def _of_townships(row: pd.Series) -> list[Seed]:
    people = int(row["pop"])
    return _logic(
        "cap_township",
        ("pop", "Q10", {"pop": int(people * 1.0051) + 1}, "error", "sum of communities .51 % off"),
        ("beds", "Q12", {"beds": people // 5}, "warning", "50 times the usual beds"),
        ("funds_wan", "Q14", {"funds_wan": float(row["funds_wan"]) * 1e4}, "warning", "yuan"),
        ("goods_wan", "Q14", {"goods_wan": float(row["goods_wan"]) * 1e4}, "warning", "yuan"),
    )


def _two(name: str, less: str, more: str, step: float = 1) -> Callable[[pd.Series], list[Seed]]:
    return lambda row: _logic(name, (less, "Q08", {less: row[more] + step}, "error", f"{less} > {more}"))


_LOGIC: dict[str, Callable[[pd.Series], list[Seed]]] = {
    "his_event": _harm("his_event"),
    "his_annual": _harm("his_annual"),
    "exp_building": _of_buildings,
    "exp_population": _of_population,
    "cap_township": _of_townships,
    "cap_community": lambda row: _logic(
        "cap_community",
        ("funds_wan", "Q14", {"funds_wan": float(row["funds_wan"]) * 1e4}, "warning", "yuan"),
        ("pop", "Q10", {"pop": int(row["pop"]) * 10}, "error", "ten times"),
    ),
    "exp_gdp": lambda row: _logic(
        "exp_gdp",
        ("gdp_wan", "Q08", {"gdp_wan": row["gdp_wan"] * 1.011}, "error", "sum 1.1 % off"),
        ("gdp_wan", "Q14", {"gdp_wan": row["gdp_wan"] * 1e4}, "warning", "yuan"),
    ),
    "material_store": lambda row: _logic(
        "material_store", ("goods_wan", "Q08", {"goods_wan": row["goods_wan"] * 1.02}, "error", "sum 2 % off")
    ),
    "shelter": lambda _: _logic(
        "shelter", ("capacity", "Q08", {"capacity": 1002}, "error", "more than the area takes")
    ),
    "dgr_point": lambda row: _logic(
        "dgr_point",
        ("people", "Q08", {"people": int(row["households"]) - 1}, "error", "fewer people than households"),
        ("deadline", "Q08", {"deadline": row["found_date"] - pd.Timedelta(days=1)}, "error", "deadline a day before"),
        ("value_wan", "Q14", {"value_wan": row["value_wan"] * 1e4}, "warning", "yuan"),
    ),
    "rescue_team": lambda row: _logic(
        "rescue_team", ("equip_wan", "Q14", {"equip_wan": row["equip_wan"] * 1e4}, "warning", "yuan")
    ),
    "exp_crop": lambda _: _logic("exp_crop", ("sown_ha", "Q14", {"sown_ha": 60_000.0}, "warning", "mu")),
    "detention_area": lambda _: _logic("detention_area", ("crop_ha", "Q14", {"crop_ha": 45_000.0}, "warning", "mu")),
    "cap_household": lambda row: [
        item for less in ("old", "young", "disabled") for item in _two("cap_household", less, "members")(row)
    ],
    **{name: _two(name, less, more) for name, (less, more) in _LESS.items()},
}
