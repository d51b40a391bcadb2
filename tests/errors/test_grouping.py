"""Many rows with one fault are one problem."""

from __future__ import annotations

from riskzoning.errors import Problem, grouped


def many(count: int, *, rows: bool = True) -> list[Problem]:
    return [
        Problem("example.empty", "a.tif", row=row if rows else None, field="code", number=row)
        for row in range(2, 2 + count)
    ]


def test_a_few_are_shown_one_by_one_and_none_twice() -> None:
    assert grouped([*many(3), *many(3)]) == many(3)
    assert grouped([]) == []


def test_many_become_the_first_with_the_rows_of_the_others() -> None:
    other = Problem("example.empty", "b.tif")
    first, second = grouped([*many(10), other])
    assert second == other
    assert (first.row, first.found) == (2, "is empty (and 9 more like this: rows 3, 4, 5, 6, 7 (and 4 more))")
    assert "另有 9 处相同" in first.as_row("zh")["found"]  # type: ignore[operator]


def test_problems_without_rows_are_counted() -> None:
    (one,) = grouped(many(5, rows=False))
    assert one.found == "is empty (and 4 more like this)"
