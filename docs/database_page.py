"""Writes docs/database.md from the schema of the disaster database: ``python docs/database_page.py``."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from riskzoning import standards
from riskzoning.database import Schema
from riskzoning.database.naming import run_table

PAGE = Path(__file__).with_name("database.md")
_HEAD = """# The disaster database 灾害数据库

Written by `make docs` from the schema (`riskzoning/standards/database/schema.yml`) and the survey forms.

One schema in two places: a GeoPackage (`outputs: database: city.gpkg`, opened by QGIS as it is) or a PostGIS server
(`outputs: database: postgresql://user@host/name`). Tables have the type of their content in front of their name, every
table with units has their codes, indexed: `code` or `adcode6` (county) and `town9` (township).

```python
from riskzoning import open_database

with open_database("city.gpkg") as database:
    database.write(result)  # a run, whole or not at all; a second time it changes nothing
    database.query("shelter", region="410782")  # what holds now in a county, by form or table
    database.query("risk_unit", run="7f3a", level="township")  # what held after a run
    database.compare("exp_building", "7f3a", "91bc").changed  # key, field, before, after
    database.rollback("91bc")  # the newest run of a study goes, what it replaced holds again
    database.views("410782")  # v_exp_building_410782 ... for a GIS
    database.export("buildings.xlsx", "exp_building")  # also .csv .gpkg .geojson
    database.verify()  # problems, empty where all is well
```

- **Rules 约束.** Each field's type, range, list and the rules of a row (crops lost <= damaged <= affected, persons
  add up ...) are CHECKs; keys are UNIQUE; runs and codes are foreign keys. A row that breaks one goes to
  `qc_rejected` with the rule and its whole content as JSON; it is not lost and not counted.
- **Versions 版本.** Several studies and years share a database. Survey records are kept in versions: `valid_from`,
  `valid_to`, `run_id`, `load` and `closed_load`, which is empty while a version holds. A load closes what has changed
  or gone and opens what is new; a form that a run does not bring stays as it is. Results have `run_id`; the layers
  `unit_*` show the newest run of each study.
- **Units of statistics 统计单元.** Codes that tables name and the boundaries lack (development zones) stand in
  `base_admin` with `stat_only` = 1; codes of another city are refused.
- **Others' work 他人成果.** Layers, tables, views and styles of others in the same place stay. A load works on a copy
  of the GeoPackage and renames it, or in one transaction of the server; two loads wait for each other. While QGIS
  has the file open for writing, a load is refused.
- **Older files 旧库.** `meta_schema` has the version of the schema ({version}); an older database is brought to it
  at the next load, and read as it is until then.
- **verify 核验** looks for keys, rules, references and codes, and computes again what has stored parts: grades from
  breaks; risks of units from hazard, exposure and vulnerability, means over receptors, all hazards together by their
  weights; prevention from risk, capacity and hidden dangers; capacity from its indicators, hidden dangers from their
  records; units from those below, `unit_*` from `risk_unit` and `base_admin`; areas and people of zones from shapes
  and units, tiers from the city, regions from those below; building stock, totals, shares and quotients
  (`standards/database/composites.yml`). It names the first row that differs and says how many do. What a study does by
  a rule of its own (replaced numbers, means of cells) is not judged by the usual one.

`fid` is the number of a row for a GIS; the key is what makes a row one of its kind. Bold columns are never empty.
"""


def page() -> str:
    """The whole page."""
    schema = Schema().whole()
    types = standards.table("database/schema").data["types"]
    parts = [_HEAD.replace("{version}", str(schema.version))]
    for kind, names in types.items():
        tables = [table for table in schema.metadata.tables.values() if table.info["type"] == kind]
        if tables or kind == "unit":
            parts.append(f"## {names['en'].capitalize()} {names['zh']} (`{kind}`)\n")
        if kind == "unit":
            parts.append(_UNITS)
        parts += [_table(table) for table in sorted(tables, key=lambda table: table.name)]
    return "\n".join([*parts, _others(set(schema.metadata.tables))])


def _others(known: set[str]) -> str:
    """Tables of a run whose columns are those of their files."""
    lines = ["## Other tables of a run 其他成果表", "", "Columns as in [tables.md](tables.md), and `run_id`.", ""]
    lines += ["| table | | | file |", "|---|---|---|---|"]
    for name, entry in standards.table("names/output_tables").data["tables"].items():
        stored = run_table(name)
        if name != "units_LEVEL" and stored not in known:
            lines.append(f"| {stored} | {entry['about']['zh']} | {entry['about']['en']} | `{name}.csv` |")
    return "\n".join([*lines, ""])


_UNITS = """`unit_city`, `unit_county`, `unit_township`, or the levels that a study names: one row a unit with its
outline, and a column for each result, as in [tables.md](tables.md). Key: `run_id`, `code`.
"""


def _table(table: sa.Table) -> str:
    titles = table.info["titles"]
    key = ", ".join(f"`{name}`" for name in table.info["unique"])
    lines = [f"### {titles['en']} {titles['zh']} (`{table.name}`)", ""]
    form = f" Survey form `{table.info['form']}`, see [surveys.md](surveys.md)." if table.info["form"] else ""
    lines += [(f"Key: {key}." if key else "No key.") + form, ""]
    lines += ["| column | | | type | unit |", "|---|---|---|---|---|"]
    for column in table.c:
        if column.name == "fid" or (table.info["per"] == "version" and column.name in _VERSION):
            continue
        name = column.name if column.nullable else f"**{column.name}**"
        info = column.info
        lines.append(f"| {name} | {info.get('zh', '')} | {info.get('en', '')} | {_kind(column)} | {_unit(info)} |")
    rules = [check.text.split(": ", 1)[1] for check in table.info["checks"] if len(check.columns) > 1]
    if rules:
        lines += ["", "Rules of a row: " + "; ".join(f"`{rule}`" for rule in rules) + "."]
    return "\n".join([*lines, ""])


_VERSION = ("run_id", "valid_from", "valid_to", "load", "closed_load")


def _unit(info: dict[str, str]) -> str:
    return str(info.get("units", ""))


def _kind(column: sa.Column[object]) -> str:
    if column.name == "geometry":
        return str(column.table.info["geometry"]).lower()
    return {"BigInteger": "integer", "Double": "number", "Date": "date"}.get(type(column.type).__name__, "text")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
