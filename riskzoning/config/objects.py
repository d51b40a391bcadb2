"""The entries of ``exposure: objects:`` in study.yaml: layers whose features are told by the grade that they lie in."""

from __future__ import annotations

from riskzoning.inputs import Section


class ObjectsConfig(Section):
    """A layer of objects (承灾对象): villages, roads, railways, scenic sites ... points, lines or areas.

    ``layer`` is an entry under ``inputs:``. What its objects are says the text ``kind`` for all of them, or the column
    ``kind_column`` for each; without both they are called as the entry. ``name``, ``id`` and ``people`` are columns;
    without ``name`` a column of that name is taken where there is one, without ``id`` the objects are numbered.

    Examples
    --------
    >>> ObjectsConfig(layer="railways", kind="railway").columns
    ()
    >>> ObjectsConfig(layer="schools", kind_column="type", people="users").columns
    ('type', 'users')
    """

    layer: str
    kind: str | None = None
    kind_column: str | None = None
    name: str | None = None
    id: str | None = None
    people: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it names.

        Examples
        --------
        >>> ObjectsConfig(layer="villages", kind="village", name="name", id="code").columns
        ('name', 'code')
        """
        return tuple(name for name in (self.kind_column, self.name, self.id, self.people) if name is not None)


def listed_objects(value: object) -> object:
    """One layer, by its name or with its columns, as a list of one; names in a list as layers."""
    many = value if isinstance(value, list | tuple) else [value]
    return tuple({"layer": item} if isinstance(item, str) else item for item in many)
