"""Writes docs/receptors.md from the receptors as they declare themselves: ``python docs/receptors_page.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from riskzoning.exposure import RECEPTORS, CountSpec, ReceptorSpec
from riskzoning.inputs import InputSpec

PAGE = Path(__file__).with_name("receptors.md")
_HEAD = """# Receptors 承灾体

Written by `make docs` from what each receptor declares. Its keys stand under `exposure:` in study.yaml; an input key
takes the name of an entry under `inputs:`. Bold inputs are required; where one stands for another, one is enough.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, _overview(), *(_section(spec) for spec in RECEPTORS.values())])


def _overview() -> str:
    rows = ["| key | receptor | counts | weight in the risk of a hazard |", "|---|---|---|---|"]
    for spec in RECEPTORS.values():
        weight = "only where the study states one" if spec.weight is None else f"{spec.weight:g}"
        counts = ", ".join(f"`{count.name}`" for count in spec.counts)
        rows.append(f"| `{spec.name}` | {spec.title['en']} {spec.title['zh']} | {counts} | {weight} |")
    return "\n".join(rows) + "\n"


def _section(spec: ReceptorSpec[Any]) -> str:
    about = " ".join((spec.params.__doc__ or "").split()).replace("``", "`")
    lines = [f"## {spec.title['en']} {spec.title['zh']} (`{spec.name}`)", "", about, ""]
    lines += [
        "| input | form | quantity | note |",
        "|---|---|---|---|",
        *(_input(item, spec) for item in spec.inputs),
        "",
    ]
    settings = [key for key in spec.params.model_fields if key not in {item.key for item in spec.inputs}]
    if settings:
        lines += ["Settings: " + ", ".join(_setting(key, spec) for key in settings) + ".", ""]
    lines += ["Counts: " + "; ".join(_count(count) for count in spec.counts) + ".", ""]
    return "\n".join(lines)


def _input(item: InputSpec, spec: ReceptorSpec[Any]) -> str:
    key = f"**{item.key}**" if item.required else item.key
    others = f" (or {', '.join(item.alternatives)})" if item.alternatives else ""
    note = item.note
    if item.key == "spread_by":
        note += f": an entry, or {' or '.join(spec.spread_by)}"
    return f"| {key}{others} | {item.form} | {item.quantity or ''} | {note} |"


def _setting(key: str, spec: ReceptorSpec[Any]) -> str:
    default = spec.params.model_fields[key].default
    return f"`{key}`" if default is None else f"`{key}` ({default})"


def _count(count: CountSpec) -> str:
    return f"`{count.name}` {count.title('en')} {count.title('zh')}, quantity `{count.quantity}` ({count.units})"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
