"""Rates of any volume: few false alerts, and more found than by any rule that can be borne."""

from __future__ import annotations

import numpy as np

from tests.bench.rates import OURS, QUICK, false, halved, matched, measured, table


def test_few_false_alerts_at_every_volume() -> None:
    for n, scores in measured(QUICK)[OURS].items():
        assert len(scores.plain) > 500, n
        assert false(scores) <= 2.0, n


def test_more_is_found_than_by_any_rule_that_can_be_borne() -> None:
    found = measured(QUICK)
    ours = found[OURS]
    for name, by_volume in found.items():
        if name == OURS or name.startswith("oracle"):
            continue
        assert np.mean(matched(ours)) > np.mean(matched(by_volume)), name
        for n, scores in by_volume.items():
            if false(scores) <= 2.0:
                assert halved(ours[n]) >= halved(scores), (name, n)


def test_the_table_has_a_row_for_each() -> None:
    rows = [row for row in table(quick=True).splitlines() if row.startswith("| ")]
    assert len(rows) == 1 + len(measured(QUICK))
