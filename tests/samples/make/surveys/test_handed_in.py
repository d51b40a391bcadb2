from make.surveys.handed_in import BOOKS, COUNTY_SHEETS, PACKAGES, SHAPES, TEMPLATES, TEXTS, _dms

from riskzoning.places.cells import degrees_of
from riskzoning.surveys import form_names


def test_every_form_is_handed_in_somewhere_and_once():
    books = [name for names in BOOKS.values() for name in names]
    handed = [*TEMPLATES, *TEXTS, *PACKAGES, *SHAPES, *books, *COUNTY_SHEETS]
    assert sorted(handed) == list(form_names())


def test_degrees_minutes_and_seconds_come_back():
    assert _dms(113.5) == "113°30′00.0″"
    assert abs(degrees_of(_dms(35.123456)) - 35.123456) < 2e-5
    assert _dms(35.9999999) == "36°00′00.0″"
