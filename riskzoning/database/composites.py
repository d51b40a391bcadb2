"""Values of tables that other stored values give: quotients, sums, means, totals and shares, by a table of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from riskzoning import standards
from riskzoning.database.stored_run import StoredRun, numbers
from riskzoning.errors import Problem

Rule = Mapping[str, Any]


def rules() -> Mapping[str, list[Rule]]:
    """The rules by their kind."""
    data: Mapping[str, list[Rule]] = standards.shipped_table("database/composites").data
    return data


def tables_of_rules() -> tuple[str, ...]:
    """The tables that the rules are about, and those that they need."""
    every = [rule for kind in rules().values() for rule in kind]
    return tuple(dict.fromkeys(str(rule[name]) for name in ("table", "from") for rule in every if name in rule))


def recomposed(run: StoredRun) -> Iterator[Problem]:
    """Every value of a table that its parts contradict."""
    for kind, of_kind in rules().items():
        for rule in of_kind:
            yield from _KINDS[kind](run, rule)


def _key(rule: Rule) -> tuple[str, ...]:
    return tuple(rule.get("key", ("code",)))


def _quotients(run: StoredRun, rule: Rule) -> Iterator[Problem]:
    name, field, of, by = (str(rule[part]) for part in ("table", "field", "of", "by"))
    table = run.get(name, field, of, by, *_key(rule))
    if table is None:
        return
    for column, value in rule.get("where", {}).items():
        table = table[table[column] == value]
    above, below = numbers(table, of).to_numpy(), numbers(table, by).to_numpy()
    computed = np.divide(above, below, out=np.full(len(above), np.nan), where=below != 0)
    stored = numbers(table, field, *_key(rule))
    yield from run.compared(name, field, f"{of} / {by}", stored, np.where(stored.isna(), np.nan, computed))


def _sums(run: StoredRun, rule: Rule) -> Iterator[Problem]:
    name, field, parts = str(rule["table"]), str(rule["field"]), [str(part) for part in rule["of"]]
    table = run.get(name, field, *parts, *_key(rule))
    if table is None:
        return
    computed = sum(numbers(table, part, *_key(rule)).to_numpy() for part in parts)
    yield from run.compared(name, field, " + ".join(parts), numbers(table, field, *_key(rule)), computed)


def _totals(run: StoredRun, rule: Rule) -> Iterator[Problem]:
    name, source, by = str(rule["table"]), str(rule["from"]), [str(column) for column in rule["by"]]
    for field in rule["fields"]:
        table, parts = run.get(name, field, *by), run.get(source, field, *by)
        if table is None or parts is None:
            continue
        sums = numbers(parts, field, *by).groupby(level=by, sort=False).sum(min_count=1)
        stored = numbers(table, field, *by)
        yield from run.compared(name, field, source, stored, sums.reindex(stored.index))


def _means(run: StoredRun, rule: Rule) -> Iterator[Problem]:
    name, source, by = str(rule["table"]), str(rule["from"]), [str(column) for column in rule["by"]]
    field, weight = str(rule["field"]), str(rule["weight"])
    table, parts = run.get(name, field, *by), run.get(source, field, weight, *by)
    if table is None or parts is None:
        return
    values, weights = numbers(parts, field, *by), numbers(parts, weight, *by)
    known = weights.where(values.notna())
    above, below = ((one.groupby(level=by, sort=False).sum(min_count=1)) for one in (values * known, known))
    stored = numbers(table, field, *by)
    yield from run.compared(name, field, source, stored, (above / below.where(below > 0)).reindex(stored.index))


def _children(run: StoredRun, rule: Rule) -> Iterator[Problem]:
    name, base = str(rule["table"]), run.get("base_admin", "code", "parent")
    if base is None:
        return
    parents = base.drop_duplicates("code").set_index("code")["parent"]
    for field in rule["fields"]:
        table = run.get(name, field, "code")
        if table is not None:
            stored = numbers(table, field)
            sums = stored.groupby(parents.reindex(stored.index).to_numpy()).sum(min_count=1)
            yield from run.compared(name, field, "base_admin", stored, sums.reindex(stored.index))


def _shares(run: StoredRun, rule: Rule) -> Iterator[Problem]:
    name, field, of, by = str(rule["table"]), str(rule["field"]), str(rule["of"]), [str(one) for one in rule["by"]]
    table = run.get(name, field, of, *by, *_key(rule))
    if table is None:
        return
    values = numbers(table, of, *by)
    whole = values.groupby(level=by).transform("sum")
    stored = numbers(table, field, *_key(rule))
    computed = (values / whole.where(whole > 0)).to_numpy()
    yield from run.compared(name, field, of, stored, np.where(stored.isna(), np.nan, computed))


_KINDS: Mapping[str, Callable[[StoredRun, Rule], Iterator[Problem]]] = {
    "quotients": _quotients,
    "sums": _sums,
    "totals": _totals,
    "means": _means,
    "children": _children,
    "shares": _shares,
}
