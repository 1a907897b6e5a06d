"""The life of an alert, as a table of days."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pytest

from diagnostics.alerts import ENTER, TWICE, Left, Seen, State, joined, verdict, worth
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


@pytest.mark.parametrize(
    ("value", "lost", "dear", "told"),
    [
        (900.0, 100.0, 90.0, True),
        (900.0, 100.0, 100.0, True),
        (860.0, 14.0, 90.0, False),
        (860.0, 1e9, None, False),
        (840.0, 1.0, 90.0, True),
    ],
)
def test_what_matters_by_its_money(
    value: float, lost: float, dear: float | None, *, told: bool
) -> None:
    one = replace(finding(lost), reading=reading(value, USUAL, ENTER))
    assert worth(one, dear=dear) is told
    assert verdict(None, one, NINE, MONDAY, dear=dear).tell is told
    unsure = replace(one, reading=reading(value, USUAL, 0.99 * ENTER))
    assert not worth(unsure, dear=dear)


def grave(level: int, day: date, lost: float = 100.0) -> Finding:
    """Return a finding that is yellow (0), red (1), or certainly out of the team's own range (2)."""
    row = RangeRow("r", "gmv", Scope(), 950.0, None, None, "", "own", MONDAY, Text("", ""))
    plain = reading(USUAL - lost, USUAL, None, day)
    position: Literal["below", "inside"] = "below" if level == 2 else "inside"
    own = row if level != 1 else None
    told = replace(plain, light="red" if level else "yellow", range=own, position=position)
    return replace(finding(lost, day), reading=told)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [(0, 1, "graver"), (0, 2, "graver"), (1, 2, "graver"), (1, 1, "quiet"), (2, 2, "quiet"),
     (2, 1, "quiet")],
)  # fmt: skip
@pytest.mark.parametrize("later", [0, 1, 5])
def test_a_false_alarm_that_became_graver_speaks_again(
    before: int, after: int, reason: str, later: int
) -> None:
    seen = verdict(None, grave(before, MONDAY), NINE, MONDAY).seen
    assert seen is not None
    assert seen.severity == before
    day, now = MONDAY + timedelta(later), NINE + timedelta(later)
    answer = verdict(replace(seen, state="closed"), grave(after, day), now, day)
    assert answer.reason == reason
    assert answer.tell is (reason == "graver")
    if answer.seen is not None and answer.tell:
        assert (answer.seen.state, answer.seen.severity) == ("open", after)
        again = replace(answer.seen, state="closed")
        assert verdict(again, grave(after, day), now, day).reason == "quiet"


@pytest.mark.parametrize("state", ["open", "acked"])
@pytest.mark.parametrize("later", [0, 1])
@pytest.mark.parametrize(("before", "after"), [(0, 1), (0, 2), (1, 2)])
def test_a_step_up_is_told_once_however_small_the_loss(
    before: int, after: int, later: int, state: State
) -> None:
    seen = verdict(None, grave(before, MONDAY), NINE, MONDAY).seen
    assert seen is not None
    day, now = MONDAY + timedelta(later), NINE + timedelta(later, hours=1)
    step = verdict(replace(seen, state=state), grave(after, day, 110.0), now, day)
    assert (step.reason, step.tell, step.aloud) == ("graver", True, True)
    assert step.seen is not None
    assert (step.seen.state, step.seen.severity, step.seen.shown) == (state, after, 110.0)
    told = step.seen
    for ahead, level in enumerate((after, before, after, before, after), start=1):
        day = MONDAY + timedelta(later + ahead)
        answer = verdict(told, grave(level, day, 110.0), NINE + timedelta(later + ahead), day)
        assert answer.reason in {"still", "acked"}
        assert answer.seen is not None
        told = answer.seen


def test_a_snoozed_alert_says_its_step_up_when_the_snooze_is_over() -> None:
    seen = verdict(None, grave(0, MONDAY), NINE, MONDAY).seen
    assert seen is not None
    seen = replace(seen, state="snoozed", snoozed_until=NINE + timedelta(2))
    reasons = []
    for step in (1, 2, 3):
        day = MONDAY + timedelta(step)
        answer = verdict(seen, grave(1, day), NINE + timedelta(step), day)
        reasons.append((answer.reason, answer.tell))
        assert answer.seen is not None
        seen = answer.seen
    assert reasons == [("snoozed", False), ("graver", True), ("still", False)]
    assert seen.state == "open"


def test_a_step_up_of_an_earlier_day_or_of_a_part_of_a_group_says_nothing() -> None:
    tomorrow = MONDAY + timedelta(1)
    seen = verdict(None, grave(0, tomorrow), NINE, tomorrow).seen
    assert verdict(seen, grave(2, MONDAY), NINE, MONDAY).reason == "quiet"
    group = replace(grave(0, MONDAY), scope="country", asked=4)
    some = replace(grave(1, MONDAY), scope="country", asked=3)
    seen = verdict(None, group, NINE, MONDAY).seen
    assert verdict(seen, some, NINE, MONDAY).reason == "quiet"
    more = verdict(seen, replace(some, asked=6), NINE, MONDAY)
    assert (more.reason, more.aloud) == ("graver", True)


def test_a_step_up_after_an_older_memory_is_told_from_the_next_look_on() -> None:
    seen: Seen | None = Seen("uk|S6", "open", MONDAY, MONDAY, NINE, 100.0)
    reasons = []
    for step, level in enumerate((0, 1), start=1):
        day = MONDAY + timedelta(step)
        answer = verdict(seen, grave(level, day), NINE + timedelta(step), day)
        reasons.append(answer.reason)
        seen = answer.seen
    assert reasons == ["still", "graver"]


def test_of_an_older_memory_nobody_can_say_that_it_became_graver() -> None:
    old = Seen("uk|S6", "closed", MONDAY, MONDAY, NINE, 100.0)
    tomorrow = MONDAY + timedelta(1)
    assert verdict(old, grave(2, tomorrow), NINE + timedelta(1), tomorrow).reason == "quiet"


def crowd(count: int, lost: float, day: date = MONDAY) -> Finding:
    return replace(finding(lost, day), scope="country", asked=count)


def test_a_group_is_widened_in_place_and_never_narrowed_by_a_partial_look() -> None:
    seen = verdict(None, crowd(4, 100.0), NINE, MONDAY).seen
    wider = verdict(seen, crowd(6, 200.0), NINE + timedelta(hours=2), MONDAY)
    assert (wider.reason, wider.tell, wider.aloud) == ("wider", True, False)
    assert wider.seen is not None
    assert (wider.seen.size, wider.seen.worst, wider.seen.shown) == (6, 200.0, 200.0)
    partial = verdict(wider.seen, crowd(2, 70.0), NINE + timedelta(hours=3), MONDAY)
    assert (partial.reason, partial.tell) == ("quiet", False)
    assert partial.seen == wider.seen
    tomorrow = MONDAY + timedelta(1)
    grown = verdict(wider.seen, crowd(7, 300.0, tomorrow), NINE + timedelta(1), tomorrow)
    assert grown.reason == "worse"


@pytest.mark.parametrize("state", ["open", "acked", "snoozed"])
def test_what_is_told_with_a_group_is_over_until_it_is_alone_again(state: State) -> None:
    seen = verdict(None, finding(100), NINE, MONDAY).seen
    assert seen is not None
    told = joined(replace(seen, state=state), MONDAY, NINE)
    assert (told.reason, told.tell, told.aloud) == ("joined", True, False)
    assert verdict(told.seen, None, NINE, MONDAY, left=GONE["-"]).tell is False
    assert verdict(told.seen, finding(100), NINE, MONDAY).reason == "parted"
