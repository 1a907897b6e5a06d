"""What is borrowed pays: more is seen of young units, and little is false."""

from __future__ import annotations

from tests.bench.cold import measured, summary, table


def test_borrowing_sees_more_with_few_false() -> None:
    found = measured(quick=True)
    for (what, _), scores in found.items():
        alone, borrowed = summary(scores.alone), summary(scores.borrowed)
        assert len(scores.alone) > 100, what
        assert borrowed[0] <= alone[0], (what, borrowed)
        if what == "counts and money":
            assert borrowed[0] <= 2.0
            assert borrowed[2] > alone[2] + 3.0


def test_the_table_has_a_row_for_each() -> None:
    rows = [row for row in table(quick=True).splitlines() if row.startswith("| ")]
    assert len(rows) == 4
