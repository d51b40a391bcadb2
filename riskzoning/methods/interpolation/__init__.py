"""Station values to a grid."""

from __future__ import annotations

from riskzoning.methods.interpolation.surfaces import CrossValidation, interpolate, leave_one_out

__all__ = ["CrossValidation", "interpolate", "leave_one_out"]
