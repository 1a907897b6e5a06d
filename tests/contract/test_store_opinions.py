"""What people say of alerts is kept once a day and person, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from storage.engine import writing
from storage.findings import FindingStore, Opinion
from storage.ledger import Ledger, Told

if TYPE_CHECKING:
    from storage.store import Store

NOW = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)
DAY = NOW.date()
SAID = Opinion("uk|S3", "slack:U1", DAY, "alert:1", good=False, at=NOW)


def test_the_last_word_of_a_day_stands(store: Store) -> None:
    kept = FindingStore(store)
    assert kept.say(SAID)
    assert not kept.say(replace(SAID, at=NOW + timedelta(minutes=1)))
    back = replace(SAID, good=True, at=NOW + timedelta(minutes=2))
    assert kept.say(back)
    assert kept.opinions(DAY, DAY) == (back,)


def test_other_people_and_other_days_are_kept_beside_it(store: Store) -> None:
    kept = FindingStore(store)
    other = replace(SAID, user="slack:U2")
    later = replace(SAID, day=DAY + timedelta(1), at=NOW + timedelta(1))
    assert [kept.say(one) for one in (SAID, other, later)] == [True] * 3
    assert kept.opinions(DAY, DAY) == (SAID, other)
    assert kept.opinions(DAY, DAY + timedelta(1)) == (SAID, other, later)
    assert kept.opinions(DAY + timedelta(2), DAY + timedelta(9)) == ()


def test_what_opened_since_a_day_is_found_by_channel(store: Store) -> None:
    ledger = Ledger(store)
    told = Told("uk|S3", "C1", "open", DAY, DAY, NOW, 10.0, "a", opened=DAY, gap=-0.5, metric="gmv")
    every = [
        told,
        replace(told, key="uk|S4", channel="C2"),
        replace(told, key="uk|S5", opened=None),
    ]
    for one in every:
        assert ledger.tell(one)
    assert ledger.opened_since("C1", DAY) == (told,)
    assert ledger.opened_since("C1", DAY + timedelta(1)) == ()


def test_a_row_of_before_opinions_is_read(store: Store) -> None:
    with writing(store.engine) as connection:
        connection.execute(
            text(
                "INSERT INTO told (key, channel, state, first_day, last_day, last_told, worst,"
                " post_key, acked_by, quiet_days) VALUES ('uk|S3', 'C1', 'open', :day, :day,"
                " :now, 1.0, 'a', '', 0)"
            ),
            {"day": date(2026, 3, 12), "now": "2026-03-13 09:00:00.000000+00:00"},
        )
    (told,) = Ledger(store).open_alerts("C1")
    assert (told.opened, told.shown, told.worse_day, told.metric, told.gap) == (None,) * 5
