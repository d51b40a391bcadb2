"""The stages of a run, a module each; :data:`CHAIN` has them in their order."""

from __future__ import annotations

from riskzoning.pipeline.stages.chain import CHAIN

__all__ = ["CHAIN"]
