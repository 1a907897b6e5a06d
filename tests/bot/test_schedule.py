"""Every due digest once: wall clocks over gaps and folds, working days, catching up."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.schedule import Occurrence, occurrences, quiet_until, wall_clock, works
from bot.team import ChannelRow, clock_time
from diagnostics.book.rows import CalendarRow, Text


def channel(**changes: object) -> ChannelRow:
    rows: dict[str, object] = {
        "key": "standup",
        "platform": "console",
        "id": "standup",
        "shops": ("uk",),
        "zone": "Asia/Shanghai",
        "digest": "09:00",
        "weekly": "never",
    }
    return ChannelRow.model_validate(rows | changes)


@pytest.mark.parametrize(
    ("day", "at", "zone", "moment"),
    [
        ("2026-03-12", "09:00", "Asia/Shanghai", "2026-03-12T01:00:00"),
        ("2026-03-29", "01:30", "Europe/London", "2026-03-29T01:00:00"),
        ("2026-10-25", "01:30", "Europe/London", "2026-10-25T00:30:00"),
        ("2026-04-24", "00:00", "Africa/Cairo", "2026-04-23T22:00:00"),
        ("2026-10-04", "02:15", "Australia/Lord_Howe", "2026-10-03T15:30:00"),
        ("2011-12-30", "09:00", "Pacific/Apia", "2011-12-30T10:00:00"),
    ],
)
def test_wall_clock_takes_the_first_moment_that_shows_the_time(
    day: str, at: str, zone: str, moment: str
) -> None:
    found = wall_clock(date.fromisoformat(day), clock_time(at), zone)
    assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "zone", ["Africa/Cairo", "America/New_York", "Europe/London", "Asia/Tehran"]
)
@pytest.mark.parametrize("at", ["00:00", "01:30", "02:30", "09:00"])
def test_each_local_day_of_two_years_fires_once(zone: str, at: str) -> None:
    tz = ZoneInfo(zone)
    seen = set()
    for number in range(730):
        day = date(2026, 1, 1) + timedelta(number)
        moment = wall_clock(day, clock_time(at), zone)
        local = moment.astimezone(tz).replace(tzinfo=None)
        assert timedelta(0) <= local - datetime.combine(day, clock_time(at)) <= timedelta(hours=1)
        seen.add(moment)
    assert len(seen) == 730


HOLIDAY = CalendarRow(
    "spring", Text("春节", "Spring Festival"), ("CN",), date(2026, 2, 15), date(2026, 2, 23),
    "holiday", 1.0, office_closed=True, makeup=(date(2026, 2, 14), date(2026, 2, 28)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        (date(2026, 2, 13), True),
        (date(2026, 2, 14), True),  # a Saturday made up for
        (date(2026, 2, 16), False),  # a Monday in the holiday
        (date(2026, 2, 21), False),
        (date(2026, 2, 22), True),  # the team said it works
        (date(2026, 3, 2), False),  # the team said it is off
    ],
)
def test_working_days(day: date, wanted: bool) -> None:
    row = channel(holidays="CN", work=[date(2026, 2, 22)], off=[date(2026, 3, 2)])
    assert works(row, day, (HOLIDAY,)) is wanted


def test_a_channel_without_a_holiday_country_ignores_holidays() -> None:
    assert works(channel(), date(2026, 2, 16), (HOLIDAY,))


def test_due_occurrences_between_two_moments() -> None:
    row = channel(weekly="mon", weekly_at="10:00")
    since = datetime(2026, 3, 12, 1, 0, tzinfo=UTC)
    until = datetime(2026, 3, 16, 3, 0, tzinfo=UTC)
    found = [(o.job, o.day.isoformat()) for o in occurrences(row, (), since, until)]
    assert found == [("digest", "2026-03-13"), ("digest", "2026-03-16"), ("weekly", "2026-03-16")]


@pytest.mark.parametrize(
    ("delay", "fate"),
    [
        (-1, "early"),
        (0, "on_time"),
        (300, "on_time"),
        (301, "late"),
        (14400, "late"),
        (14401, "skipped"),
    ],
)
def test_what_becomes_of_a_missed_run(delay: int, fate: str) -> None:
    at = datetime(2026, 3, 12, 1, 0, tzinfo=UTC)
    assert (
        Occurrence("digest", "c", date(2026, 3, 12), at).fate(at + timedelta(seconds=delay)) == fate
    )


def test_quiet_hours_over_midnight() -> None:
    row = channel(quiet_from="22:00", quiet_to="07:30")
    assert quiet_until(row, datetime(2026, 3, 12, 4, 0, tzinfo=UTC)) is None
    ends = datetime(2026, 3, 12, 23, 30, tzinfo=UTC)
    assert quiet_until(row, datetime(2026, 3, 12, 15, 0, tzinfo=UTC)) == ends
    assert quiet_until(row, datetime(2026, 3, 12, 22, 0, tzinfo=UTC)) == ends


def test_a_time_of_day_may_be_written_short() -> None:
    assert clock_time("9:05") == time(9, 5)
