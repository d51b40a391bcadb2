"""The classes of a product: whole numbers from 1 to those of a hazard or of a risk."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from riskzoning.errors import Phrase, Problem
from riskzoning.products.naming import ProductName

_SHOWN = 10


def wrong_classes(thing: str, values: NDArray[np.object_], name: ProductName) -> list[Problem]:
    """Values of features that are no class of the product, each told once with how often it is there."""
    wrong: Counter[str] = Counter(str(value) for value in values if not _is_class(value, name.classes))
    return class_problem(thing, wrong, name)


def class_problem(thing: str, wrong: Counter[str], name: ProductName) -> list[Problem]:
    """The problem of values that are no class."""
    if not wrong:
        return []
    shown = tuple(Phrase("value_times", value=value, count=count) for value, count in wrong.most_common(_SHOWN))
    kind = Phrase("product_hazard" if name.is_hazard else "product_risk")
    total = sum(wrong.values())
    return [
        Problem("product.values", thing, field="class", values_there=shown, count=total, most=name.classes, kind=kind)
    ]


def _is_class(value: object, most: int) -> bool:
    try:
        number = float(str(value))
    except ValueError:
        return False
    return number.is_integer() and 1 <= number <= most
