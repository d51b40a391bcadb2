"""Survey forms (调查表): what a census table must hold, its empty workbook, reading, quality check, report, repairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.surveys.checking import check
    from riskzoning.surveys.forms import Form, form, form_names
    from riskzoning.surveys.template import write_template

__getattr__, __dir__ = lazy(
    __name__,
    {".checking": ["check"], ".forms": ["Form", "form", "form_names"], ".template": ["write_template"]},
)

__all__ = ["Form", "check", "form", "form_names", "write_template"]
