"""What the checks of administrative units find: gathered first, raised or repaired afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from riskzoning.admin.profile import CHINA, Profile
from riskzoning.errors import Phrase, Problem, Severity, grouped

# Actions that mend a fault of the file: they are shown; the others (``admin.done.``) are only kept in the record.
_MENDED = "admin.mended."


@dataclass
class Findings:
    """Problems and actions of one call of ``assemble``.

    Every check mends its own working copy, so that the next check sees clean data and all problems come out in one
    pass. With ``repair`` a defect that was mended becomes an action, without it an error.
    """

    name: str
    repair: bool
    problems: list[Problem] = field(default_factory=list)
    actions: list[Problem] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    profile: Profile = CHINA

    def thing(self, level: str | None) -> Phrase | str:
        """The layer in words."""
        if level is None:
            return self.name
        source = self.sources.get(level)
        if source:
            return Phrase("admin_layer_file", name=self.name, level=level, path=source)
        return Phrase("admin_layer", name=self.name, level=level)

    def defect(
        self,
        level: str | None,
        rule: str,
        *,
        mended: str | None = None,
        row: int | None = None,
        field: str | None = None,
        **values: Any,
    ) -> None:
        """An error, or an action when ``repair`` is on and ``mended`` names the rule of what was done."""
        if self.repair and mended is not None:
            self.action(level, mended, row=row, field=field, **values)
        else:
            self.add(level, rule, "error", row=row, field=field, **values)

    def action(
        self, level: str | None, rule: str, *, row: int | None = None, field: str | None = None, **values: Any
    ) -> None:
        """Note a change that was made to the layer; what mends a fault of the file is shown with the problems too."""
        done = Problem(rule, self.thing(level), severity="info", row=row, field=field, **values)
        self.actions.append(done)
        if rule.startswith(_MENDED):
            self.problems.append(done)

    def add(
        self,
        level: str | None,
        rule: str,
        severity: Severity = "warning",
        *,
        row: int | None = None,
        field: str | None = None,
        **values: Any,
    ) -> None:
        """Note a problem of any severity."""
        self.problems.append(Problem(rule, self.thing(level), severity=severity, row=row, field=field, **values))

    def errors(self) -> list[Problem]:
        """The problems that stop the study."""
        return [problem for problem in self.problems if problem.severity == "error"]

    def stopping(self) -> list[Problem]:
        """The errors, followed by what was mended: who has corrected the errors need not look for that again."""
        return grouped([*self.errors(), *(problem for problem in self.problems if problem.severity == "info")])


def unit(code: str, name: str = "") -> Phrase | str:
    """A unit in words: ``410702 (红旗区)``."""
    if not code:
        return name or Phrase("unit_without_code")
    return Phrase("unit_named", code=code, name=name) if name and name != code else code


def ordered(codes: Sequence[str]) -> list[str]:
    """Codes for a message: each once, in order."""
    return sorted(set(codes))


def area(square_metres: float) -> Phrase:
    """An area as people read it."""
    if square_metres >= 1e5:
        return Phrase("area_km2", value=f"{square_metres / 1e6:.4g}")
    return Phrase("area_m2", value=f"{square_metres:.0f}" if square_metres >= 10 else f"{square_metres:.2g}")
