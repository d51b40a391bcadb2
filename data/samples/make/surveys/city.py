"""All survey files of the sample city: the forms, the directory, the yearbook, and the list of seeded errors."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from make.surveys import capacity, dangers, history, means, objects, people, traffic, works
from make.surveys.errors import Forms, Seeded, seeded
from make.surveys.handed_in import Where, write_forms
from make.surveys.scene import Scene
from riskzoning.samples import files
from riskzoning.surveys import form


def filled(scene: Scene) -> tuple[Forms, pd.DataFrame]:
    """Every form without an error, and the series of residents, product and prices."""
    out: Forms = {
        "exp_population": people.population(scene), "exp_gdp": people.gross_product(scene),
        "exp_crop": people.crops(scene), "exp_building": objects.buildings(scene),
        "exp_public_service": objects.services(scene), "exp_hazchem": objects.chemicals(scene),
        "exp_mine": objects.mines(scene), "exp_road": traffic.roads(scene), "exp_bridge": traffic.bridges(scene),
        "exp_municipal": traffic.municipal(scene), "exp_lifeline": traffic.lifelines(scene),
        "shelter": means.shelters(scene), "rescue_team": means.teams(scene), "material_store": means.stores(scene),
        "fire_station": means.fire_stations(scene), "monitoring_station": means.monitoring(scene),
        "reservoir": works.reservoirs(scene), "levee": works.levees(scene), "sluice": works.sluices(scene),
        "detention_area": works.detention(scene), "cap_community": capacity.communities(scene),
        "cap_household": capacity.households(scene), "cap_enterprise": capacity.enterprises(scene),
        "cap_social": capacity.organisations(scene),
    }  # fmt: skip
    local, whole = objects.beds(out["exp_public_service"])
    out["cap_township"] = capacity.townships(scene, out["shelter"], local)
    out["cap_government"] = capacity.governments(scene, out, whole)
    out["dgr_point"] = dangers.dangers(scene, out)
    table = history.series(scene)
    out["his_event"] = history.events(scene, table)
    out["his_annual"] = history.annual(scene, table, out["his_event"])
    return out, table


def directory(scene: Scene) -> pd.DataFrame:
    """The communities that must answer."""
    rows = scene.communities
    return pd.DataFrame({"vill12": rows.index, "name": rows["name"].to_numpy(), "town9": rows["town9"].to_numpy()})


def yearbook(scene: Scene, forms: Forms) -> pd.DataFrame:
    """Totals by county as a yearbook has them: not quite what the forms add up to."""
    rng = scene.rng("yearbook")
    out = pd.DataFrame({"adcode6": scene.counties.index, "name": scene.counties["name"].to_numpy()})
    service = forms["exp_public_service"]
    near = {"pop_res": (scene.counties["pop"], 0.0), "gdp_wan": (scene.gdp.set_index("code")["gdp_wan"], 0.0)}
    for name, kind in (("students", "学校"), ("beds", "医疗卫生机构")):
        near[name] = (service[service["type"] == kind].groupby("adcode6")["users"].sum(), 0.05)
    near["road_km"] = (forms["exp_road"].groupby("adcode6")["length_km"].sum(), 0.03)
    for name, (totals, spread) in near.items():
        values = out["adcode6"].map(totals) * (1 + spread * rng.uniform(-1, 1, len(out)))
        out[name] = values.round(1) if name == "road_km" else values.round().astype(int)
    return out


def write_surveys(work: Path, scene: Scene) -> pd.DataFrame:
    """The folder ``surveys`` of the sample; the clean annual rows are returned."""
    forms, table = filled(scene)
    wrong, errors = seeded(forms, scene)
    for name in ("cap_township", "cap_community"):
        wrong[name]["county"] = forms[name]["adcode6"]
    where = write_forms(work / "forms", wrong, scene.counties)
    files.write_table(work / "directory.csv", directory(scene))
    files.write_table(work / "yearbook.csv", yearbook(scene, forms))
    files.write_table(work / "series.csv", table)
    files.write_table(work / "errors.csv", listed(errors, where, wrong))
    return forms["his_annual"]


def listed(errors: list[Seeded], where: Where, forms: Forms) -> pd.DataFrame:
    """The errors with the places where a person sees them."""
    rows = []
    for number, error in enumerate(errors, start=1):
        file, sheet, row = where[(error.form, error.row)] if error.row is not None else _home(error, where, forms)
        also = "|".join(";".join(map(str, where[place])) for place in error.also if place in where)
        shown = "" if error.row is None else str(row)
        title = form(error.form).by_name[error.field].zh
        rows.append((f"S{number:02d}", file, sheet, shown, error.key, title, error.rule, error.original, error.written,
                     error.also_rules, also, error.what))  # fmt: skip
    columns = ["error_id", "file", "sheet", "excel_row", "key", "field", "rule", "original", "written", "also_may_fire",
               "also_at", "what"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _home(error: Seeded, where: Where, forms: Forms) -> tuple[str, str, int]:
    """File and sheet where a record should stand that is not there: those of its county."""
    frame = forms[error.form]
    return where[(error.form, frame.index[(frame["adcode6"] == error.county).to_numpy()].min())]
