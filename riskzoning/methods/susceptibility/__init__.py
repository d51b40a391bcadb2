"""Bivariate susceptibility statistics (易发性统计): how much more often events lie in a class than elsewhere.

One engine serves geological hazards and forest fire. For a class i of a factor: ``N_i`` event cells (or event area),
``A_i`` all cells of the class with the event cells among them; ``N`` and ``A`` are the totals inside the mask.

Statistics are computed from a table ``class, event_area, area``, or from two layers, which are counted block by block
in one pass (:func:`class_counts`). A class without events would get minus infinity; ``floor`` says what it gets
instead. Skill comes from folds of whole blocks of ground (:func:`block_folds`), factors that say the same are found
(:func:`correlated_pairs`), and the score becomes a density of events that never falls (:func:`density_curve`). A
hazard gives its factors (:class:`Rules`) and the ground that counts with its events (:class:`Ground`); :func:`fitted`
does the rest.

:func:`fit` learns one of six models (information value, frequency ratio, certainty factor, weights of evidence,
logistic regression, random forest) from the same classes; :func:`evaluate` and :func:`compare` say how well they find
events on ground that they have not seen.
"""

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.methods.susceptibility.collinear import collinear_losers, correlated_pairs, table_auc
from riskzoning.methods.susceptibility.counting import class_counts, fold_blocks, reduce_blocks
from riskzoning.methods.susceptibility.evaluation import Evaluation, calibrated, compare, evaluate, prediction_rate
from riskzoning.methods.susceptibility.factors import Factors
from riskzoning.methods.susceptibility.fitting import Counted, Training, fitted, model_classes
from riskzoning.methods.susceptibility.folds import block_folds, block_numbers, counts_by_block
from riskzoning.methods.susceptibility.learners import METHODS, Method, Options, prior_corrected
from riskzoning.methods.susceptibility.model import Ground, ModelFloor, Rules, class_values
from riskzoning.methods.susceptibility.pooling import density_curve, merge_small
from riskzoning.methods.susceptibility.scoring import combine_certainty, score, score_classes, total_score
from riskzoning.methods.susceptibility.statistics import (
    certainty_factor,
    frequency_ratio,
    information_value,
    weights_of_evidence,
)
from riskzoning.methods.susceptibility.trained import Model, fit

__all__ = [
    "METHODS",
    "Counted",
    "Evaluation",
    "Factors",
    "Ground",
    "Method",
    "Model",
    "ModelFloor",
    "Options",
    "Rules",
    "Training",
    "block_folds",
    "block_numbers",
    "calibrated",
    "certainty_factor",
    "class_counts",
    "class_values",
    "collinear_losers",
    "combine_certainty",
    "compare",
    "correlated_pairs",
    "counts_by_block",
    "density_curve",
    "evaluate",
    "fit",
    "fitted",
    "fold_blocks",
    "frequency_ratio",
    "information_value",
    "merge_small",
    "model_classes",
    "prediction_rate",
    "prior_corrected",
    "reduce_blocks",
    "score",
    "score_classes",
    "table_auc",
    "total_score",
    "weights_of_evidence",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
