"""The life of an alert, as a table of days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from diagnostics.alerts import Seen, verdict
from diagnostics.reading import Finding, Reading

MONDAY = date(2026, 3, 9)
NINE = datetime(2026, 3, 10, 9, tzinfo=UTC)


def finding(lost: float) -> Finding:
    return Finding(
        key="uk|refund_rate|S6",
        unit="uk",
        scene="S6",
        step="",
        reading=Reading("refund_rate", "uk", MONDAY, 0.14),
        lost=lost,
        lost_profit=None,
        since=MONDAY,
        sureness="sure",
        controllable=True,
        alert=True,
    )


@pytest.mark.parametrize(
    ("losses", "reasons"),
    [
        ("100", "first!"),
        ("100 100 100 100", "first! still still still!"),
        ("100 140 140", "first! worse! still"),
        ("100 120 135", "first! still worse!"),
        ("100 60 50 40", "first! still still better!"),
        ("100 - -", "first! quiet recovered!"),
        ("100 - 90", "first! quiet still"),
        ("100 - - 80", "first! quiet recovered! reopened!"),
        ("- -", "quiet quiet"),
        ("100 - - -", "first! quiet recovered! quiet"),
        ("0 0", "first! still"),
    ],
)
def test_an_alerts_days(losses: str, reasons: str) -> None:
    seen: Seen | None = None
    told = []
    for step, word in enumerate(losses.split()):
        day, now = MONDAY + timedelta(step), NINE + timedelta(step)
        answer = verdict(seen, None if word == "-" else finding(float(word)), now, day)
        seen = answer.seen
        told.append(answer.reason + "!" * answer.tell)
    assert " ".join(told) == reasons


def test_the_same_day_judged_again_says_nothing_new() -> None:
    first = verdict(None, finding(100), NINE, MONDAY)
    again = verdict(first.seen, finding(100), NINE + timedelta(minutes=10), MONDAY)
    assert (again.reason, again.tell) == ("quiet", False)
    gone = verdict(first.seen, None, NINE + timedelta(minutes=10), MONDAY)
    assert (gone.reason, gone.tell) == ("quiet", False)
    worse = verdict(first.seen, finding(200), NINE + timedelta(minutes=20), MONDAY)
    assert (worse.reason, worse.tell) == ("worse", True)


def test_an_acknowledged_alert_speaks_only_when_worse_or_recovered() -> None:
    seen = verdict(None, finding(100), NINE, MONDAY).seen
    assert seen is not None
    acked = replace(seen, state="acked")
    later = verdict(acked, finding(100), NINE + timedelta(5), MONDAY + timedelta(5))
    assert (later.reason, later.tell) == ("acked", False)
    assert verdict(acked, finding(200), NINE + timedelta(1), MONDAY + timedelta(1)).tell
    quiet = verdict(acked, None, NINE + timedelta(1), MONDAY + timedelta(1))
    assert (
        verdict(quiet.seen, None, NINE + timedelta(2), MONDAY + timedelta(2)).reason == "recovered"
    )


def test_a_snoozed_alert_sleeps_until_its_time() -> None:
    seen = verdict(None, finding(100), NINE, MONDAY).seen
    assert seen is not None
    asleep = replace(seen, state="snoozed", snoozed_until=NINE + timedelta(4))
    early = verdict(asleep, finding(300), NINE + timedelta(1), MONDAY + timedelta(1))
    assert (early.reason, early.tell) == ("snoozed", False)
    woken = verdict(early.seen, finding(300), NINE + timedelta(5), MONDAY + timedelta(5))
    assert (woken.reason, woken.tell) == ("worse", True)
    assert woken.seen is not None
    assert woken.seen.state == "open"
