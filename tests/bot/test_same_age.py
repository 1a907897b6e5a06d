"""A young day is held against days as they stood when they were as young."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from bot.desk import shop_units
from diagnostics.diagnose import read
from diagnostics.panel import State
from storage.sources import Batch
from storage.store import Store
from tests.bot.world import BOOK, at, shop, sit, team

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


def local(zone: str, day: date, clock: str) -> datetime:
    """Return a moment by the clock of a zone."""
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone))


@pytest.mark.parametrize(
    ("zone", "clock", "later", "age"),
    [
        ("Asia/Jakarta", "05:00", 1, 1),
        ("Asia/Jakarta", "00:30", 1, 1),
        ("Asia/Jakarta", "09:00", 1, 1),
        ("Asia/Jakarta", "05:00", 2, 2),
        ("Europe/London", "09:00", 1, 1),
        ("America/New_York", "09:00", 1, 1),
        ("America/New_York", "21:00", 1, 1),
        ("America/New_York", "21:00", 2, 2),
    ],
)
def test_a_day_is_as_old_as_it_is_at_its_shop(
    tmp_path: Path, zone: str, clock: str, later: int, age: int
) -> None:
    group = team(shop=[shop(zone=zone)])
    (unit,) = shop_units(group.shops())
    with closing(Store(f"sqlite:///{tmp_path / 'facts.db'}")) as store:
        store.migrate()
        store.put_units((unit,))
        for ago in range(DAYS, -1, -1):
            day = DAY - timedelta(ago)
            soon = local(zone, day + timedelta(1), "00:10")
            told(store, unit, day, 700.0, soon, State.PROVISIONAL)
            if ago > 2:
                told(store, unit, day, 1000.0, soon + timedelta(days=3), State.FINAL)
        desk = sit(store, group)
        now = local(zone, DAY + timedelta(later), clock)
        found = read(desk.panel_of(unit, DAY, now=now), BOOK, "gmv", unit.key, DAY)
    assert (found.why, found.unusual) == ("", False)
    assert found.expected is not None
    assert found.expected.learnt is not None
    assert found.expected.learnt.age == age
    assert found.expected.mid == pytest.approx(700.0, rel=0.02)


def test_shops_of_two_zones_have_each_its_own_clock(tmp_path: Path) -> None:
    zones = {"teduh": "Asia/Jakarta", "uk": "Europe/London"}
    group = team(shop=[shop(key, zone=zone) for key, zone in zones.items()])
    with closing(Store(f"sqlite:///{tmp_path / 'facts.db'}")) as store:
        store.migrate()
        units = shop_units(group.shops())
        store.put_units(units)
        for unit in units:
            zone = zones[unit.key]
            for ago in range(DAYS, -1, -1):
                day = DAY - timedelta(ago)
                told(store, unit, day, 700.0, local(zone, day + timedelta(1), "02:00"), State.FINAL)
                if ago > 1:
                    later = local(zone, day + timedelta(2), "02:00")
                    told(store, unit, day, 1000.0, later, State.FINAL)
        panel = sit(store, group).panel(
            DAY, now=local("Europe/London", DAY + timedelta(1), "03:00")
        )
    assert panel.early is not None
    assert panel.age == 1
    gmv = panel.early[panel.measures.index("gmv")]
    assert gmv[:, -DAYS - 1 :].tolist() == [[700.0] * (DAYS + 1)] * 2
