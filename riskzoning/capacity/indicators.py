"""Indicators of capacity from the survey forms of townships, communities and teams."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.inputs import check_columns

_OF_TOWNSHIPS = (
    "town9", "pop", "staff", "risk_done", "funds_wan", "goods_wan", "beds", "fire_men", "volunteer", "militia",
    "trained", "shelter",
)  # fmt: skip
_OF_COMMUNITIES = (
    "town9", "pop", "plan", "dgr_list", "map", "funds_wan", "goods_wan", "clinics", "militia", "volunteer", "trained",
    "drilled", "shelter",
)  # fmt: skip
_YES = ("是", "有", "能", "1", "yes", "true")


def township_indicators(forms: pd.DataFrame) -> pd.DataFrame:
    """The eight indicators of townships from their form (columns as in the survey form ``cap_township``).

    Staff, funds, goods and beds are per 10 000 residents; firefighters, volunteers and militia together per 10 000;
    people trained per 100; places in shelters per resident.

    Parameters
    ----------
    forms : DataFrame
        One row a township, ``town9`` and the fields of the form; a township without residents gets NaN, and is noted.

    Returns
    -------
    DataFrame
        Index ``town9``; ``team risk_assessment funds goods medical self_rescue public transfer``.

    Raises
    ------
    SurveyError
        Columns are missing.

    Examples
    --------
    >>> row = {"town9": "410702001", "pop": 20000, "staff": 10, "risk_done": "是", "funds_wan": 24, "goods_wan": 40}
    >>> row |= {"beds": 100, "fire_men": 8, "volunteer": 90, "militia": 62, "trained": 900, "shelter": 9000}
    >>> township_indicators(pd.DataFrame([row])).loc["410702001"].round(3).to_dict()["self_rescue"]
    80.0
    """
    check_columns(forms, _OF_TOWNSHIPS, Phrase("survey_form", name="cap_township"), form=True)
    table, people = _by(forms, "town9")
    out = {
        "team": 1e4 * table["staff"] / people,
        "risk_assessment": answered_yes(table["risk_done"]),
        "funds": 1e4 * table["funds_wan"] / people,
        "goods": 1e4 * table["goods_wan"] / people,
        "medical": 1e4 * table["beds"] / people,
        "self_rescue": 1e4 * (table["fire_men"] + table["volunteer"] + table["militia"]) / people,
        "public": 100 * table["trained"] / people,
        "transfer": table["shelter"] / people,
    }
    return pd.DataFrame(out, dtype=np.float64)


def community_indicators(forms: pd.DataFrame) -> pd.DataFrame:
    """The nine indicators of the communities of each township (columns as in the survey form ``cap_community``).

    Shares of communities with a plan, a list of dangers, a map; what is counted is added up over the communities.

    Parameters
    ----------
    forms : DataFrame
        One row a community, ``town9`` and the fields of the form.

    Returns
    -------
    DataFrame
        Index ``town9``; ``plan dangers_listed risk_assessment funds goods medical self_rescue public transfer``.

    Raises
    ------
    SurveyError
        Columns are missing.

    Examples
    --------
    >>> row = {"town9": "410702001", "pop": 1000, "plan": "有", "dgr_list": "无", "map": "有", "funds_wan": 1.0}
    >>> row |= {"goods_wan": 2.0, "clinics": 1, "militia": 5, "volunteer": 15, "trained": 50, "drilled": 30}
    >>> rows = pd.DataFrame([{**row, "shelter": 500}, {**row, "shelter": 500, "plan": "无"}])
    >>> community_indicators(rows).loc["410702001", ["plan", "transfer"]].to_dict()
    {'plan': 0.5, 'transfer': 0.5}
    """
    check_columns(forms, _OF_COMMUNITIES, Phrase("survey_form", name="cap_community"), form=True)
    counted = ["pop", "funds_wan", "goods_wan", "clinics", "militia", "volunteer", "trained", "drilled", "shelter"]
    town = forms["town9"].astype(str)
    sums = forms[counted].astype(np.float64).groupby(town).sum(min_count=1)
    sums.index.name = "town9"
    _, people = _by(sums.reset_index(), "town9")
    shares = {name: answered_yes(forms[name]).groupby(town).mean() for name in ("plan", "dgr_list", "map")}
    out = {
        "plan": shares["plan"],
        "dangers_listed": shares["dgr_list"],
        "risk_assessment": shares["map"],
        "funds": 1e4 * sums["funds_wan"] / people,
        "goods": 1e4 * sums["goods_wan"] / people,
        "medical": 1e4 * sums["clinics"] / people,
        "self_rescue": 1e4 * (sums["militia"] + sums["volunteer"]) / people,
        "public": 100 * (sums["trained"] + sums["drilled"]) / people,
        "transfer": sums["shelter"] / people,
    }
    return pd.DataFrame(out, dtype=np.float64)


def _by(forms: pd.DataFrame, key: str) -> tuple[pd.DataFrame, pd.Series]:
    """The rows by unit, and their residents; without residents nothing can be told a head."""
    table = forms.set_index(forms[key].astype(str).rename(key))
    people = table["pop"].astype(np.float64)
    none = people.index[~(people > 0)].tolist()
    if none:
        note(Problem("capacity.no_people", Phrase("capacity_index"), severity="warning", codes=none))
    return table, people.where(people > 0)


def answered_yes(answers: pd.Series) -> pd.Series:
    """1 for yes, 0 for no, NaN where nothing was answered."""
    text = answers.astype("string").str.strip().str.lower()
    return text.isin(_YES).astype(np.float64).where(text.notna() & (text != ""))


def short_teams(teams: pd.DataFrame) -> pd.DataFrame:
    """Rescue teams with fewer people than the plan asks for their level (100 city, 50 county, 20 township).

    Parameters
    ----------
    teams : DataFrame
        Columns ``team_id name level people`` as in the survey form ``rescue_team``.

    Returns
    -------
    DataFrame
        The teams that are too small, with ``required`` and ``missing`` people.

    Examples
    --------
    >>> teams = pd.DataFrame({"team_id": ["a", "b"], "name": ["x", "y"], "level": ["市级", "县级"], "people": [99, 50]})
    >>> short_teams(teams)[["team_id", "missing"]].to_dict("records")
    [{'team_id': 'a', 'missing': 1.0}]
    """
    check_columns(teams, ("team_id", "name", "level", "people"), Phrase("survey_form", name="rescue_team"), form=True)
    sizes = standards.table("capacity/teams").data
    least = teams["level"].astype("string").map(sizes).astype(np.float64)
    out = teams.assign(required=least, missing=least - teams["people"].astype(np.float64))
    return out[out["missing"] > 0].reset_index(drop=True)
