"""Names of tables: by type, decided once for survey forms and for what a run makes."""

from __future__ import annotations

from riskzoning import standards


def form_table(name: str) -> str:
    """The table of a survey form: its name, with the type before it where it does not begin with one."""
    data = standards.shipped_table("database/schema").data
    if name.split("_")[0] in data["types"]:
        return name
    return f"{data['forms'].get(name, 'exp')}_{name}"


def run_table(name: str) -> str:
    """The table of a table of a run: its name, with the type before it where it does not begin with one."""
    data = standards.shipped_table("database/schema").data
    if name in data["names"]:
        return str(data["names"][name])
    first = name.split("_")[0]
    if first in data["types"] or name in data["tables"]:
        return name
    return f"{data['words'].get(first, 'meta')}_{name}"
