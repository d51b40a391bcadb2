"""File products of the census (普查成果): their names, class rasters on 30 arc-seconds, and the check of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.products.checking import validate_product
    from riskzoning.products.export import class_raster, write_products
    from riskzoning.products.naming import export_name, product_name

__getattr__, __dir__ = lazy(
    __name__,
    {
        ".checking": ["validate_product"],
        ".export": ["class_raster", "write_products"],
        ".naming": ["export_name", "product_name"],
    },
)

__all__ = ["class_raster", "export_name", "product_name", "validate_product", "write_products"]
