"""The life of an alert, as a table of days."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pytest

from diagnostics.alerts import ENTER, TWICE, Left, Seen, State, verdict, worth
from diagnostics.book.rows import RangeRow, Scope, Text
from diagnostics.reading import Expected, Finding, Reading

MONDAY = date(2026, 3, 9)
NINE = datetime(2026, 3, 10, 9, tzinfo=UTC)
USUAL = 1000.0
"""What such a day brings before anything happens."""


def reading(value: float, mid: float, score: float | None, day: date = MONDAY) -> Reading:
    expected = Expected(mid * 0.8, mid, mid * 1.2, 90, "weekday")
    change = value / mid - 1.0
    return Reading(
        "gmv", "uk", day, value, expected=expected, change=change, better=change > 0.0, score=score
    )


def finding(
    lost: float, day: date = MONDAY, since: date | None = None, score: float | None = None
) -> Finding:
    return Finding(
        key="uk|S6",
        unit="uk",
        scene="S6",
        step="",
        reading=reading(USUAL - min(lost, 900.0), USUAL, score, day),
        lost=lost,
        lost_profit=None,
        since=since or day,
        sureness="sure",
        controllable=True,
        alert=True,
    )


GONE = {
    "-": Left(reading(990.0, USUAL, 0.1), USUAL),
    "=": Left(reading(600.0, 600.0, 0.1), USUAL),
    "~": Left(reading(800.0, USUAL, 0.9), USUAL),
    "^": Left(reading(1300.0, USUAL, 1.3), USUAL),
    "*": None,
}
"""Without the finding: back (-), at a new level (=), still half out (~), out on the other side (^),
and not known (*)."""
WORD = re.compile(r"(?P<lost>\d+)(?:@(?P<score>[\d.]+))?")


def played(days: str, state: State | None = None) -> str:
    """Return the reasons of a row of days, ! where it is told, ? where the day is not judged.

    A number is the loss of a finding, @ its score; several looks at one day stand as 100/200.
    """
    seen: Seen | None = None
    told: list[str] = []
    before = MONDAY - timedelta(1)
    since: date | None = None
    for step, looks in enumerate(days.split()):
        day = MONDAY + timedelta(step)
        for look, word in enumerate(looks.split("/")):
            if word == "?":
                told.append("?")
                continue
            now = NINE + timedelta(days=step, hours=look)
            found = None
            if match := WORD.fullmatch(word):
                since = since if since is not None and before >= day - timedelta(1) else day
                before = day
                score = float(match["score"]) if match["score"] else None
                found = finding(float(match["lost"]), day, since, score)
            else:
                since = None
            left = None if found else GONE[word]
            answer = verdict(seen, found, now, day, left=left)
            seen = answer.seen
            if state and answer.reason == "first" and seen is not None:
                seen = replace(seen, state=state, snoozed_until=NINE + timedelta(4))
            mark = "" if not answer.tell else "!" if answer.aloud else "."
            told.append(answer.reason + mark)
    return " ".join(told)


@pytest.mark.parametrize(
    ("days", "reasons"),
    [
        ("100", "first!"),
        ("100 100 100 100", "first! still still still!"),
        ("100 140 140", "first! worse! still"),
        ("100 140 190 250", "first! worse! worse! worse!"),
        ("100 120 135", "first! still worse!"),
        ("100 60 50 40", "first! still still better!"),
        ("100 - -", "first! quiet recovered!"),
        ("100 * *", "first! quiet recovered!"),
        ("100 - 90", "first! quiet still"),
        ("100 - - 80", "first! quiet recovered! reopened!"),
        ("100 - - - - - - 80", "first! quiet recovered! quiet quiet quiet quiet first!"),
        ("- -", "quiet quiet"),
        ("100 - - -", "first! quiet recovered! quiet"),
        ("0 0", "first! still"),
        # around the edge there is one message and one end
        ("100 ~ 100 ~ 100 - -", "first! still still still still! quiet recovered!"),
        ("100 ~ ~ ~ - -", "first! still still still quiet recovered!"),
        ("100 ^ ^", "first! quiet recovered!"),
        ("100@1.0 100@1.0", "quiet quiet"),
        ("100@1.0 100@1.15", "quiet quiet"),
        ("200@1.0 200@1.15", "quiet first!"),
        ("200@1.3 200@1.0 200@1.0", "first! still still"),
        ("200@1.3 - - 200@1.0 200@1.0", "first! quiet recovered! quiet quiet"),
        # a level shift is one message and one end that does not call it a recovery
        ("400 400 400 = =", "first! still still quiet settled!"),
        ("400 400 400 = = = =", "first! still still quiet settled! quiet quiet"),
        # days that are not judged are neither quiet nor going on
        ("100 ? ? -", "first! ? ? quiet"),
        ("100 - ? ? -", "first! quiet ? ? recovered!"),
        ("100 ? ? ? ?", "first! ? ? ? ?"),
        # the same day looked at again
        ("100/100/100", "first! quiet quiet"),
        ("100/105", "first! quiet"),
        ("100/200/400", "first! worse! corrected."),
        ("100/60/60", "first! corrected. quiet"),
        ("100/60 90", "first! corrected. worse!"),
        ("100 90/60 95", "first! still corrected. still"),
        ("100/-", "first! withdrawn!"),
        ("100/-/100", "first! withdrawn! reopened!"),
        ("100/~", "first! quiet"),
        ("100/*", "first! quiet"),
        ("100 100/-", "first! still quiet"),
        ("100/- 100", "first! withdrawn! reopened!"),
    ],
)
def test_an_alerts_days(days: str, reasons: str) -> None:
    assert played(days) == reasons


@pytest.mark.parametrize(
    ("state", "days", "reasons"),
    [
        ("acked", "100 100 100 100 100", "first! acked acked acked acked"),
        ("acked", "100 200 200", "first! worse! acked"),
        ("acked", "100 - -", "first! quiet recovered!"),
        ("acked", "400 = =", "first! quiet settled!"),
        ("acked", "100 - - 100", "first! quiet recovered! reopened!"),
        ("snoozed", "100 300 300 300 300", "first! snoozed snoozed snoozed worse!"),
        ("snoozed", "100 - -", "first! quiet recovered."),
        ("snoozed", "100/-", "first! withdrawn."),
        ("snoozed", "100 100 100 100 100 100", "first! snoozed snoozed snoozed still! still"),
        ("closed", "100 100 100 100", "first! quiet quiet quiet"),
        ("closed", "100 140", "first! reopened!"),
        ("closed", "100 100 100 100 100 100 100 100 100", "first!" + 7 * " quiet" + " first!"),
        ("closed", "100 - - -", "first! quiet quiet quiet"),
    ],
)
def test_what_people_answered_is_respected(state: State, days: str, reasons: str) -> None:
    assert played(days, state) == reasons


def test_an_older_day_that_is_judged_late_says_nothing() -> None:
    seen = verdict(None, finding(100), NINE, MONDAY).seen
    late = verdict(seen, finding(900), NINE, MONDAY - timedelta(1))
    assert (late.reason, late.tell) == ("quiet", False)
    assert late.seen == seen
    gone = verdict(seen, None, NINE, MONDAY - timedelta(1), left=GONE["-"])
    assert (gone.reason, gone.seen) == ("quiet", seen)


def test_what_comes_back_keeps_its_first_day() -> None:
    seen: Seen | None = None
    for step, lost in enumerate((100.0, None, None, 100.0)):
        day = MONDAY + timedelta(step)
        found = None if lost is None else finding(lost, day)
        seen = verdict(seen, found, NINE + timedelta(step), day).seen
    assert seen is not None
    assert (seen.first_day, seen.opened, seen.state) == (MONDAY, day, "open")


def test_what_an_older_version_remembered_can_be_read() -> None:
    old = Seen("uk|S6", "open", MONDAY, MONDAY, NINE, 100.0)
    tomorrow = MONDAY + timedelta(1)
    assert verdict(old, finding(100, tomorrow), NINE + timedelta(1), tomorrow).reason == "still"
    assert verdict(old, None, NINE, MONDAY, left=GONE["-"]).reason == "quiet"
    quiet = verdict(old, None, NINE + timedelta(1), tomorrow, left=GONE["="])
    over = verdict(quiet.seen, None, NINE, tomorrow + timedelta(1), left=GONE["="])
    assert over.reason == "recovered"


@pytest.mark.parametrize(
    ("value", "score", "days", "factor", "told"),
    [
        (700.0, ENTER, 0, 1.0, True),
        (700.0, 0.99 * ENTER, 0, 1.0, False),
        (700.0, TWICE, 1, 1.0, True),
        (700.0, 0.99 * TWICE, 1, 1.0, False),
        (870.0, 5.0, 3, 1.0, False),
        (700.0, ENTER, 0, 1.1, False),
        (700.0, 1.11 * ENTER, 0, 1.1, True),
        (700.0, 0.8 * ENTER, 0, 0.75, True),
        (700.0, None, 0, 1.6, True),
    ],
)
def test_what_is_worth_a_message(
    value: float, score: float | None, days: int, factor: float, *, told: bool
) -> None:
    one = replace(finding(300.0), reading=reading(value, USUAL, score))
    assert worth(replace(one, since=MONDAY - timedelta(days)), factor) is told


@pytest.mark.parametrize(("grade", "told"), [("own", True), ("A", True), ("C", False)])
def test_no_answer_mutes_a_certain_breach_of_the_teams_own_range(
    grade: Literal["own", "A", "C"], *, told: bool
) -> None:
    row = RangeRow("r", "gmv", Scope(), 950.0, None, None, "", grade, MONDAY, Text("", ""))
    plain = reading(900.0, USUAL, 0.8)
    one = replace(finding(100.0), reading=replace(plain, range=row, position="below"))
    assert worth(one, 1.6) is told
    quiet = replace(one, reading=replace(one.reading, position="inside"))
    assert not worth(quiet, 1.6)
