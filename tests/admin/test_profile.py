"""Which levels units have, and where they may lie."""

from __future__ import annotations

import numpy as np

from riskzoning.admin.profile import CHINA, Profile

FREE = Profile(("region", "district", "ward"), china=False)


def test_levels_above_and_below_go_by_the_order_of_the_profile() -> None:
    assert FREE.above("ward") == ("region", "district")
    assert FREE.below("region") == ("district", "ward")
    assert CHINA.above("city") == ()


def test_only_china_has_a_box_and_its_own_datum() -> None:
    boxes = np.array([[113.0, 34, 114, 35], [-61.3, 13, -61, 14], [179.8, -17, 180.4, -16], [13, 95, 14, 96]])
    assert CHINA.holds(boxes).tolist() == [True, False, False, False]
    assert FREE.holds(boxes).tolist() == [True, True, True, False]
    assert (CHINA.exchange, FREE.exchange) == ("EPSG:4490", "EPSG:4326")
