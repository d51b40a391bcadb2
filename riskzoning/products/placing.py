"""Where a product lies: degrees of CGCS2000."""

from __future__ import annotations

from riskzoning.errors import Problem, Severity
from riskzoning.products.naming import rules


def place_problems(thing: str, crs: str | None, bounds: tuple[float, float, float, float] | None) -> list[Problem]:
    """What is wrong with where a product lies: projected coordinates, another CRS than that of the census."""
    table = rules()
    problems = []
    if bounds is not None and max(map(abs, bounds)) > table["degrees"]:
        problems.append(Problem("product.projected", thing, value=max(bounds, key=abs), crs=table["crs"]))
    if crs is None:
        problems.append(Problem("product.no_crs", thing, wanted=table["crs"]))
    elif crs != table["crs"]:
        near = crs in table["crs_near"]
        shown = crs if len(crs) < 40 else crs.split('"')[1] if '"' in crs else crs[:40]
        severity: Severity = "warning" if near else "error"
        problems.append(Problem("product.crs", thing, severity=severity, value=shown, wanted=table["crs"]))
    return problems
