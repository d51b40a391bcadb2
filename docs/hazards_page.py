"""Writes docs/hazards.md from the hazards as they declare themselves: ``python docs/hazards_page.py``."""

from __future__ import annotations

from pathlib import Path

from riskzoning import standards
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import HazardSpec, InputSpec

PAGE = Path(__file__).with_name("hazards.md")
_HEAD = """# Hazards 灾种

Written by `make docs` from what each hazard declares. Required inputs are bold; where inputs stand for each other one
of them is enough. Layers may be files of any CRS and cell: they are put on the grid of the study by their quantity.
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD, _overview(), *(_section(name, spec) for name, spec in HAZARDS.items())]
    return "\n".join(parts)


def _overview() -> str:
    rows = ["| key | hazard | grades | computed | numbers |", "|---|---|---|---|---|"]
    for name, spec in HAZARDS.items():
        status = standards.names("status", spec.status, "en")
        scope = {"global": "with the whole area in view", "cell": "cell by cell"}.get(spec.scope, spec.scope)
        rows.append(
            f"| `{name}` | {spec.title['en']} {spec.title['zh']} | `{spec.grade_scheme}` | {scope} | {status} |"
        )
    return "\n".join(rows) + "\n"


def _section(name: str, spec: HazardSpec) -> str:
    lines = [f"## {spec.title['en']} {spec.title['zh']} (`{name}`)", "", spec.method["en"], "", spec.method["zh"], ""]
    lines += ["| input | form | quantity, unit | instead of it | note |", "|---|---|---|---|---|"]
    lines += [_input(item) for item in spec.inputs]
    outputs = ", ".join(f"`{key}` ({_quantity(quantity)})" for key, quantity in spec.outputs.items())
    tables = ", ".join(f"`{table}` ({_status(table)})" for table in spec.tables)
    lines += ["", _ladder(spec), "", f"Outputs: {outputs}.", "", f"Tables of numbers: {tables}.", ""]
    if spec.references:
        lines += [f"References: {'; '.join(spec.references)}.", ""]
    return "\n".join(lines)


def _ladder(spec: HazardSpec) -> str:
    """What the index is read off, and from where its classes begin."""
    ladder = spec.scale
    unit = "" if ladder.units == "1" else f" {ladder.units}"
    limits = ", ".join(f"{limit:g}" for limit in ladder.limits)
    into = {"left": "the higher", "right": "the lower"}[ladder.closed]
    units = {
        "places": "the shares of the classes in it, since the hazard acts in places",
        "ground": "its mean, since the hazard acts on the whole ground",
    }[spec.acts]
    measure = f"{ladder.measure.get('en', ladder.name)} {ladder.measure.get('zh', '')}".strip()
    return (
        f"Ladder: {measure}; none up to {ladder.none:g}{unit}, classes part at {limits}{unit} (a limit belongs to "
        f"{into} class), index 1 from {ladder.full:g}{unit} on. A unit is graded by {units}."
    )


def _input(item: InputSpec) -> str:
    key = f"**{item.key}**" if item.required else item.key
    quantity = _quantity(item.quantity) if item.quantity else ""
    return f"| {key} | {item.form} | {quantity} | {', '.join(item.alternatives)} | {item.note} |"


def _quantity(name: str) -> str:
    quantity = standards.quantity(name)
    return f"{quantity.en}, {quantity.units}"


def _status(table: str) -> str:
    facts = standards.provenance(table)
    verified = "verified" if facts["verified"] else "unverified"
    return f"{standards.names('status', facts['status'], 'en')}, {verified}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
