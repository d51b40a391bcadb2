"""What the checks of administrative units find: gathered first, raised or repaired afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from riskzoning.errors import Problem, Severity, first_few

# Actions that mend nothing: they are noted, but nobody has to look at them.
_PLAIN = ("admin.change", "admin.built", "admin.noise")


@dataclass
class Findings:
    """Problems and actions of one call of ``assemble``.

    Every check mends its own working copy, so that the next check sees clean data and all problems come out in one
    pass. With ``repair`` a defect that was mended becomes an action, without it an error.
    """

    name: str
    repair: bool
    problems: list[Problem] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)

    def thing(self, level: str | None) -> str:
        """The layer in words."""
        if level is None:
            return self.name
        source = self.sources.get(level)
        return f"{self.name} layer '{level}'" + (f" ({source})" if source else "")

    def defect(
        self,
        level: str | None,
        rule: str,
        found: str,
        required: str,
        *,
        codes: Sequence[str] = (),
        fix: str | None = None,
        repaired: str | None = None,
        area_m2: float | None = None,
        row: int | None = None,
        field: str | None = None,
    ) -> None:
        """An error, or an action when ``repair`` is on and ``repaired`` says what was done."""
        if self.repair and repaired is not None:
            self.action(level, repaired, codes=codes, area_m2=area_m2, rule=rule, detail=found)
            return
        if fix is None:
            fix = "Correct the file" + (", or set repair: true in study.yaml." if repaired is not None else ".")
        self.add(level, rule, found, required, fix, "error", row=row, field=field)

    def action(
        self,
        level: str | None,
        what: str,
        *,
        codes: Sequence[str] = (),
        area_m2: float | None = None,
        rule: str = "admin.change",
        detail: str = "",
    ) -> None:
        """Note a change that was made to the layer."""
        if rule not in _PLAIN:
            text = f"was changed: {what}" + (f" ({detail})" if detail else "")
            size = "" if not area_m2 else f", {area_text(abs(area_m2))}"
            whom = f" [{listed(codes)}{size}]" if codes else ""
            self.add(
                level, rule, text + whom, "the file as it should be", "Correct the file to be rid of this.", "info"
            )
        self.actions.append(
            {
                "layer": self.name if level is None else level,
                "what": what,
                "codes": list(codes),
                "area_m2": area_m2,
                "rule": rule,
                "detail": detail,
            }
        )

    def add(
        self,
        level: str | None,
        rule: str,
        found: str,
        required: str,
        fix: str,
        severity: Severity = "warning",
        *,
        row: int | None = None,
        field: str | None = None,
    ) -> None:
        """Note a problem of any severity."""
        self.problems.append(
            Problem(self.thing(level), found, required, fix, rule=rule, severity=severity, row=row, field=field)
        )

    def errors(self) -> list[Problem]:
        """The problems that stop the study."""
        return [problem for problem in self.problems if problem.severity == "error"]

    def stopping(self) -> list[Problem]:
        """The errors, followed by what was mended: who has corrected the errors need not look for that again."""
        return self.errors() + [problem for problem in self.problems if problem.severity == "info"]


def unit(code: str, name: str = "") -> str:
    """A unit in words: ``410702 (红旗区)``."""
    if not code:
        return name or "a unit without code"
    return f"{code} ({name})" if name and name != code else code


def listed(codes: Sequence[str]) -> str:
    """Codes for a message: the first five and how many more."""
    return first_few(sorted(set(codes)))


def area_text(square_metres: float) -> str:
    """An area as people read it."""
    if square_metres >= 1e5:
        return f"{square_metres / 1e6:.4g} km2"
    return f"{square_metres:.0f} m2" if square_metres >= 10 else f"{square_metres:.2g} m2"
