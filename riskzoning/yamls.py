"""YAML that people hand in: bounded in size, depth and in what its anchors stand for, before anything is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from riskzoning.faces import missing
from riskzoning.limits import YAML_DEPTH, YAML_VALUES

__all__ = ["BoundedLoader", "TooDeep", "TooManyValues", "checked_root", "loaded"]


class TooManyValues(yaml.YAMLError):
    """More values, written or repeated by anchors, than a person writes."""

    def __str__(self) -> str:
        return f"more than {YAML_VALUES} values"


class TooDeep(yaml.YAMLError):
    """Values inside values inside values ..."""

    def __str__(self) -> str:
        return f"more than {YAML_DEPTH} levels"


class BoundedLoader(yaml.SafeLoader):
    """A loader that stops at a bound instead of filling the memory.

    Examples
    --------
    >>> BoundedLoader("a: [1, 2]").get_single_data()
    {'a': [1, 2]}
    """

    values = depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """One more value; the bounds are those of the whole text."""
        self.values += 1
        self.depth += 1
        if self.values > YAML_VALUES:
            raise TooManyValues
        if self.depth > YAML_DEPTH:
            raise TooDeep
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def checked_root(loader: BoundedLoader) -> yaml.Node | None:
    """The root of a text, when what its anchors stand for, written out, is bounded too.

    Raises
    ------
    TooManyValues, TooDeep, yaml.YAMLError

    Examples
    --------
    >>> checked_root(BoundedLoader("a: &a [*a]"))
    Traceback (most recent call last):
    ...
    riskzoning.yamls.TooManyValues: more than 50000 values
    """
    node: yaml.Node | None = loader.get_single_node()
    if node is not None and _written_out(node, {}, 0) > YAML_VALUES:
        raise TooManyValues
    return node


def _written_out(node: yaml.Node, sizes: dict[int, int], depth: int) -> int:
    """How many values a node stands for; one that holds itself is without end."""
    known = sizes.get(id(node))
    if known is not None:
        return known
    if depth > YAML_DEPTH:
        raise TooDeep
    sizes[id(node)] = YAML_VALUES + 1
    inner: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        inner = [part for pair in node.value for part in pair]
    elif isinstance(node, yaml.SequenceNode):
        inner = list(node.value)
    sizes[id(node)] = 1 + sum(_written_out(item, sizes, depth + 1) for item in inner)
    return sizes[id(node)]


def loaded(text: str) -> Any:
    """The values of a text.

    Raises
    ------
    TooManyValues, TooDeep, yaml.YAMLError

    Examples
    --------
    >>> loaded("data: {a: 1}")
    {'data': {'a': 1}}
    """
    loader = BoundedLoader(text)
    try:
        node = checked_root(loader)
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
