"""What was prescribed is looked back at: the figure came right, did not, or nobody can say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.learning import PATIENCE, look_back
from tests.bot.world import DAY, World, at

if TYPE_CHECKING:
    from collections.abc import Callable


def taken_on(world: World) -> tuple[str, int]:
    """Let Ani take the alert on; return the prescription and after how many days it is judged."""
    world.presses("ack", world.told[0].key)
    (outcome,) = world.desk.findings.waiting()
    rows = {row.key: row for row in world.desk.book.prescriptions()}
    return outcome.prescription, rows[outcome.prescription].judged_after_days


@pytest.mark.parametrize(("refunds", "past"), [(1, (1, 1)), (4, (0, 1))])
def test_the_figure_on_the_named_day_decides(
    alerted: Callable[..., World], refunds: float, past: tuple[int, int]
) -> None:
    world = alerted()
    prescription, days = taken_on(world)
    due = DAY + timedelta(days)
    for number in range(1, days + 1):
        world.now = at(DAY + timedelta(number + 1), "06:00")
        world.figures(DAY + timedelta(number), refunds=refunds)
    assert look_back(world.desk, at(due)) == 0, "the day is not over"
    assert look_back(world.desk, at(due + timedelta(1))) == 1
    assert world.desk.findings.past() == {prescription: past}
    assert look_back(world.desk, at(due + timedelta(2))) == 0, "once is enough"


def test_without_figures_nobody_can_say(alerted: Callable[..., World]) -> None:
    world = alerted()
    _, days = taken_on(world)
    due = DAY + timedelta(days)
    assert look_back(world.desk, at(due + timedelta(1))) == 0
    assert world.desk.findings.waiting()
    assert look_back(world.desk, at(due + PATIENCE + timedelta(1))) == 1
    assert world.desk.findings.waiting() == ()
    assert world.desk.findings.past() == {}
