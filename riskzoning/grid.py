"""The analysis grid."""
from odc.geo.geobox import GeoBox

def analysis_grid(bounds, *, crs, resolution):
    return GeoBox.from_bbox(bounds, crs=crs, resolution=resolution)
