"""Which prescription comes first, by what it can be expected to bring."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnostics.book.rows import Prescription
from diagnostics.checks import Beside
from diagnostics.diagnose import diagnose
from diagnostics.remedies import PLATFORM, ordered, remedies
from tests.diagnostics.rows import LAST, NOTHING, Shop, shipped, shops

BOOK = shipped()


def row(key: str, cause: str, priority: int, *, controllable: bool = True) -> Prescription:
    return Prescription(
        key=key, text=NOTHING, cause=cause, owner="operator", controllable=controllable,
        priority=priority, variable=NOTHING, judged_by="gmv", within_days=1, judged_after_days=3,
        pool="deal",
    )  # fmt: skip


ROWS = [
    row("a1", "a", 1),
    row("a2", "a", 2),
    row("b1", "b", 3),
    row("c1", "c", 4, controllable=False),
]


def keys(weights: dict[str, float], past: dict[str, tuple[int, int]]) -> str:
    return " ".join(one.key for one in remedies(ROWS, weights, past, 100.0))


def test_the_gain_is_lost_times_share_times_how_often_it_worked() -> None:
    found = {one.key: one for one in remedies(ROWS, {"a": 1.0}, {"a2": (2, 3)}, 100.0)}
    assert found["a1"].share == pytest.approx(2 / 4)
    assert found["a1"].rate == pytest.approx(1 / 2)
    assert found["a1"].gain == pytest.approx(100 * 2 / 4 * 1 / 2)
    assert found["a2"].gain == pytest.approx(100 * 2 / 4 * 3 / 5)
    assert found["b1"].gain == pytest.approx(100 * 1 / 4 * 1 / 2)
    assert found["c1"].worth == pytest.approx(PLATFORM * 1 / 4 * 1 / 2)


def test_likely_causes_come_first_then_what_the_team_controls_then_priority() -> None:
    assert keys({}, {}) == "a1 a2 b1 c1"
    assert keys({"b": 1.0}, {}) == "b1 a1 a2 c1"
    assert keys({"c": 2.0, "b": 1.0}, {}) == "c1 b1 a1 a2"


def test_what_worked_before_moves_up_and_what_never_did_down() -> None:
    assert keys({"a": 1.0}, {"a2": (3, 3)}) == "a2 a1 b1 c1"
    assert keys({"a": 1.0}, {"a1": (0, 3)}) == "a2 b1 a1 c1"


def test_one_success_is_no_certainty() -> None:
    assert keys({"a": 2.0}, {"b1": (1, 1)}).startswith("a1")
    (one,) = [one for one in remedies(ROWS, {}, {"b1": (1, 1)}, 1.0) if one.key == "b1"]
    assert one.rate == pytest.approx(2 / 3)


def test_a_morning_learns_the_order() -> None:
    panel = shops(Shop(change={"pay_rate": (1, 0.6)}))
    (plain,) = diagnose(panel, BOOK, LAST).findings
    last = plain.prescriptions[1]
    past = dict.fromkeys(plain.prescriptions, (0, 9)) | {last: (9, 9)}
    (learnt,) = diagnose(panel, BOOK, LAST, beside=Beside(past=past)).findings
    assert learnt.prescriptions[0] == last
    assert sorted(learnt.prescriptions) == sorted(plain.prescriptions)
    assert ordered(plain, BOOK, {}) == plain


def test_a_prescription_that_the_book_no_longer_has_is_left_out() -> None:
    (plain,) = diagnose(shops(Shop(change={"pay_rate": (1, 0.6)})), BOOK, LAST).findings
    gone = replace(plain, prescriptions=(*plain.prescriptions, "long_gone"))
    assert ordered(gone, BOOK, {}).prescriptions == plain.prescriptions
