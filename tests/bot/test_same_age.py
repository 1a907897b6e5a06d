"""A young day is held against days as they stood when they were as young."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from bot.desk import shop_units
from diagnostics.diagnose import read
from diagnostics.panel import State
from storage.sources import Batch
from storage.store import Store
from tests.bot.world import BOOK, at, sit, team

if TYPE_CHECKING:
    from pathlib import Path

    from diagnostics.panel import Unit

DAY, DAYS = date(2026, 3, 12), 20


def told(store: Store, unit: Unit, day: date, gmv: float, now: datetime, state: State) -> None:
    facts = pd.DataFrame({"unit": [unit.key], "day": [pd.Timestamp(day)], "span": [1]})
    facts["state"], facts["gmv"] = np.int8(state), gmv
    store.keep(Batch("orders", unit.key, (unit,), facts), now)


@pytest.mark.parametrize(("today", "unusual"), [(700.0, False), (250.0, True)])
def test_the_desk_reads_how_days_stood(tmp_path: Path, today: float, unusual: bool) -> None:
    group = team()
    (unit,) = shop_units(group.shops())
    now = at(DAY + timedelta(1))
    with closing(Store(f"sqlite:///{tmp_path / 'facts.db'}")) as store:
        store.migrate()
        store.put_units((unit,))
        for ago in range(DAYS, 0, -1):
            day = DAY - timedelta(ago)
            told(store, unit, day, 700.0, at(day + timedelta(1), "08:30"), State.PROVISIONAL)
            told(store, unit, day, 1000.0, at(day + timedelta(2), "08:30"), State.FINAL)
        told(store, unit, DAY, today, at(DAY + timedelta(1), "08:30"), State.PROVISIONAL)
        desk = sit(store, group)
        aged = read(desk.panel_of(unit, DAY, now=now), BOOK, "gmv", unit.key, DAY)
        blind = read(desk.panel_of(unit, DAY), BOOK, "gmv", unit.key, DAY)
    assert (aged.why, aged.value, aged.unusual) == ("", today, unusual)
    assert aged.expected is not None
    assert aged.expected.learnt is not None
    assert aged.expected.learnt.age == 1
    assert aged.expected.mid == pytest.approx(700.0, rel=0.02)
    assert (blind.why, blind.unusual) == ("provisional", False)
