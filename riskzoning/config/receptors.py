"""The keys of study.yaml under ``exposure:``: one section for each receptor of the registry."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, create_model

from riskzoning.config.objects import ObjectsConfig, listed_objects
from riskzoning.exposure import RECEPTORS
from riskzoning.inputs import Section

_KEYS: dict[str, Any] = {name: (spec.params | None, None) for name, spec in RECEPTORS.items()}


class ExposureConfig(create_model("Receptors", __base__=Section, **_KEYS)):  # type: ignore[misc]
    """What is exposed: the receptors of a study with their parameters; those left out are not assessed.

    ``objects`` lists layers whose features are told by the grade that each lies in (:class:`ObjectsConfig`).

    Examples
    --------
    >>> given = ExposureConfig(roads={"lines": "roads"}, population={"raster": "population"})
    >>> given.receptors, given.params("roads").lines
    (('population', 'roads'), 'roads')
    """

    objects: Annotated[tuple[ObjectsConfig, ...], BeforeValidator(listed_objects)] = ()

    @property
    def receptors(self) -> tuple[str, ...]:
        """Receptors that are given, in the order of the registry.

        Examples
        --------
        >>> ExposureConfig(roads={"lines": "roads"}).receptors
        ('roads',)
        """
        return tuple(name for name in RECEPTORS if getattr(self, name) is not None)

    def params(self, name: str) -> Section:
        """Parameters of a receptor that is given.

        Examples
        --------
        >>> ExposureConfig(crops={"landcover": "cover"}).params("crops").classes
        (10,)
        """
        params = getattr(self, name, None) if name in RECEPTORS else None
        if not isinstance(params, Section):
            raise KeyError(name)
        return params
