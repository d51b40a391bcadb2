import pandas as pd
from make.surveys.errors import seeded


def test_errors_are_of_all_kinds_and_no_row_has_two(scene, forms):
    wrong, errors = seeded(forms, scene)
    assert {f"Q{number:02d}" for number in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 17)} == {
        e.rule for e in errors
    }
    places = [(error.form, error.row) for error in errors if error.row is not None]
    assert len(places) == len(set(places))
    assert 25 <= len(errors) <= 45
    for error in errors:
        if error.row is not None:
            assert str(wrong[error.form].loc[error.row, wrong[error.form].columns[0]]) != ""


def test_only_rows_with_an_error_differ(scene, forms):
    wrong, errors = seeded(forms, scene)
    for name, frame in forms.items():
        both = frame.index.intersection(wrong[name].index)
        before, after = frame.loc[both].astype(object), wrong[name].loc[both, frame.columns].astype(object)
        changed = (before != after) & ~(before.isna() & after.isna())
        differ = set(both[changed.any(axis=1)])
        stated = {e.row for e in errors if e.form == name and e.row is not None}
        totals = {row for row in differ if name == "cap_government"}
        assert differ <= stated | totals, name


def test_the_clean_forms_stay_clean(scene, forms):
    copies = {name: frame.copy() for name, frame in forms.items()}
    seeded(forms, scene)
    for name, frame in copies.items():
        pd.testing.assert_frame_equal(frame, forms[name])
