"""Slow slides through the real ledger: told once, within the week's budget, over and back again."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest

from bot.cardjson import dumps
from bot.commands import Ask
from bot.desk import shop_units
from bot.driving import Answer, answered
from bot.round import Round
from bot.say.weekly import weekly
from bot.sliding import ended, turned
from bot.weekly import compose
from bot.whying import as_rows
from diagnostics import fingerprint
from diagnostics.slides import is_slide
from storage.findings import FindingRow
from storage.store import Store
from storage.told import Told
from tests.bot.test_telling import apart
from tests.bot.world import World, at, channel, of, shop, sit, team
from tests.days.team import FEEDS, batch, figures
from tests.servers.slack import stub_slack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from bot.desk import Desk
    from bot.team import Team

BEGAN = date(2026, 7, 12)
"""The day on which the shops begin to slide; long after any season of the made-up team."""
SEEN = BEGAN + timedelta(18)
"""By this day it can be seen."""
PAST, AHEAD = 70, 34
SLIDING, STEADY = ("teduh", "abadi"), "cerah"
SHOPS = (*SLIDING, STEADY)


def figures_of(key: str, day: date) -> Mapping[str, float]:
    """Return a shop's day: of those that slide 35 % of the traffic are lost within 18 days."""
    days = (day - BEGAN).days
    calm = key == STEADY or days < 0
    return figures(day, {"traffic": 1.0 if calm else 1.0 - 0.35 * min((days + 1) / 18, 1.0)})


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database of three shops of which two slide; the later days are there already."""
    path = tmp_path_factory.mktemp("slides") / "past.db"
    units = shop_units(team(shop=[shop(key) for key in SHOPS]).shops())
    days = [BEGAN + timedelta(number) for number in range(-PAST, AHEAD)]
    with closing(Store(f"sqlite:///{path}")) as store:
        store.migrate()
        store.put_units(units)
        for unit, feed in product(units, FEEDS):
            told = batch(feed, {day: figures_of(unit.key, day) for day in days})
            store.keep(of(unit, told), at(BEGAN, "06:00"))
    return path


@pytest.fixture
def begin(history: Path, tmp_path: Path) -> Iterator[Callable[[Team], World]]:
    """Give a way to begin a bot of a team on a copy of that database."""
    with ExitStack() as ends:

        def start(of_team: Team) -> World:
            shutil.copy(history, tmp_path / "world.db")
            store = ends.enter_context(closing(Store(f"sqlite:///{tmp_path / 'world.db'}")))
            store.put_units(shop_units(of_team.shops()))
            slack = ends.enter_context(stub_slack())
            return World(replace(sit(store, of_team), history=PAST), slack, at(BEGAN))

        yield start


def morning(world: World, day: date = SEEN) -> list[str]:
    """Play the morning after a day; return the slides that have been told by themselves so far."""
    world.turn(at(day + timedelta(1)))
    return slid(world)


def slid(world: World) -> list[str]:
    opened = world.desk.ledger.opened_since("standup", BEGAN)
    return [one.key for one in opened if is_slide(fingerprint.read(one.key).what)]


def roots(world: World) -> list[str]:
    """Return the messages that tell of a slide, those in threads left out."""
    every = [one for one in world.slack.posted if not one.get("thread_ts")]
    return [str(one["text"]) for one in every if "sliding, first seen" in str(one["text"])]


ALWAYS: dict[str, Any] = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}


def one_shop(**settings: Any) -> Team:
    return team(channel=[channel(**ALWAYS, **settings)])


def test_a_slide_is_told_once_whatever_starts_again(begin: Callable[[Team], World]) -> None:
    world = begin(one_shop())
    assert morning(world) == ["teduh|slide:gmv"]
    assert len(roots(world)) == 1
    (told,) = world.told
    assert len(world.replies(told.post_key)) == 1  # its review's form
    world.wake()
    world.turn(at(SEEN + timedelta(1), "15:00"))
    for later in (1, 2):
        world.wake()
        morning(world, SEEN + timedelta(later))
    assert [one.key for one in world.told] == ["teduh|slide:gmv"]
    assert len(roots(world)) == 1
    assert len(world.replies(told.post_key)) == 1
    assert len(world.texts) == 3 + 1 + 1  # the digests, the alert, its form


def test_two_processes_at_once_tell_it_once(begin: Callable[[Team], World], tmp_path: Path) -> None:
    world = begin(one_shop(slides_per_week=1))
    now, start = at(SEEN + timedelta(1)), Barrier(2)
    with closing(Store(f"sqlite:///{tmp_path / 'world.db'}")) as store:
        desks = (world.desk, replace(sit(store, world.desk.team), history=PAST))

        def look(desk: Desk) -> None:
            start.wait()
            Round(desk, lambda: None)(now)

        both = [Thread(target=look, args=(desk,)) for desk in desks]
        for one in both:
            one.start()
        for one in both:
            one.join()
    world.now = now
    world.send()
    assert slid(world) == ["teduh|slide:gmv"]
    assert len(roots(world)) == 1
    assert len(world.desk.reviews.list()) == 1


@pytest.mark.parametrize("budget", [0, 1])
def test_a_channel_hears_so_many_a_week_and_the_digest_names_all(
    begin: Callable[[Team], World], budget: int
) -> None:
    world = begin(apart(SHOPS, slides_per_week=budget, **ALWAYS))
    assert len(morning(world)) == budget
    assert len(morning(world, SEEN + timedelta(1))) == budget
    assert len(roots(world)) == budget
    every = [one for one in world.slack.posted if not one.get("thread_ts")]
    digest = json.dumps(every[-1], ensure_ascii=False)
    line = digest[digest.index("Slow slides") :]
    assert [f"{key.title()} GMV" in line for key in SHOPS] == [True, True, False]


@pytest.mark.parametrize(("ago", "told"), [(6, False), (7, True)])
def test_there_is_room_again_after_a_week(
    begin: Callable[[Team], World], ago: int, told: bool
) -> None:
    world = begin(one_shop(slides_per_week=1))
    before = SEEN - timedelta(ago)
    world.desk.ledger.tell(
        Told(
            "bening|slide:gmv", "standup", "recovered", before, before, at(before), 9.0, "x",
            opened=before,
        )
    )  # fmt: skip
    assert ("teduh|slide:gmv" in morning(world)) is told


def test_an_alert_of_the_day_on_which_it_began_has_told_the_fall(
    begin: Callable[[Team], World],
) -> None:
    world = begin(one_shop())
    told = Told(
        "teduh|S1", "standup", "recovered", BEGAN, SEEN, at(SEEN), 9.0, "x",
        opened=SEEN - timedelta(1),
    )  # fmt: skip
    world.desk.ledger.tell(told)
    assert morning(world) == []


def test_what_is_over_is_said_where_it_was_told(begin: Callable[[Team], World]) -> None:
    world = begin(one_shop())
    morning(world)
    root = world.told[0].post_key
    for number in range(1, 13):
        world.now = at(SEEN + timedelta(number + 1), "06:00")
        world.figures(SEEN + timedelta(number))
    for number in range(8, 13):
        morning(world, SEEN + timedelta(number))
    assert world.told == ()
    assert "recovered" in world.shown(root).casefold()
    assert "Recovered" in world.replies(root)[-1]
    assert "slide:" not in "".join(world.replies(root))
    assert [one.startswith("Recovered") for one in roots(world)] == [True]


def test_the_week_tells_what_began(begin: Callable[[Team], World]) -> None:
    world = begin(one_shop())
    morning(world)
    row = world.desk.team.channel[0]
    week = compose(world.desk, row, SEEN, at(SEEN + timedelta(1)))
    (one,) = week.slides
    assert (one.unit, one.metric, one.began) == ("teduh", "gmv", True)
    assert one.change < -0.15
    assert one.lost > 0.0
    assert week.troubles == ()
    units = {unit.key: unit for unit in world.desk.store.units()}
    said = dumps(weekly(week, world.desk.channel_voice(row).knowing(units)))
    assert "Slow slides that began or ended" in said
    assert "Teduh GMV" in said


def test_why_tells_since_when_how_much_and_which_step(begin: Callable[[Team], World]) -> None:
    world = begin(one_shop())
    morning(world)
    said = world.asks("why teduh")
    assert "sliding, first seen" in said
    assert "a week" in said
    assert "less in all" in said
    assert "What slid with it: impressions" in said


def test_why_tells_programs_the_same(begin: Callable[[Team], World]) -> None:
    world = begin(one_shop())
    world.now = at(SEEN + timedelta(1))
    desk = world.desk
    ask = Ask(desk, desk.voice("en"), ("teduh",), (), world.now)
    (unit,) = desk.store.units(keys=("teduh",))
    found = answered(ask, desk.book.metrics["gmv"], unit, SEEN, None)
    assert isinstance(found, Answer)
    (one,) = as_rows(found, unit, SEEN, None)["slides"]
    assert (one["key"], one["metric"], one["step"]) == ("teduh|slide:gmv", "gmv", "impressions")
    assert BEGAN < date.fromisoformat(one["since"]) <= SEEN
    assert one["lost_a_week"] == pytest.approx(one["before"] - one["week"])
    assert one["change"] == pytest.approx(one["week"] / one["before"] - 1.0)
    assert one["step_lost_a_week"] > 0.0
    assert one["lost_in_all"] > one["lost_a_week"]
    other = answered(ask, desk.book.metrics["refund_rate"], unit, SEEN, None)
    assert isinstance(other, Answer)
    assert other.slides == ()


def kept(key: str, *days: int, lost: float = 700.0) -> list[FindingRow]:
    """Return the findings of a slide on some days after the first."""
    unit, _ = fingerprint.read(key)
    return [
        FindingRow(key, BEGAN + timedelta(day), unit, unit, "", "gmv", 70.0, 100.0, lost, "IDR")
        for day in days
    ]


def test_what_goes_on_is_neither_begun_nor_ended() -> None:
    first, last = BEGAN + timedelta(7), BEGAN + timedelta(13)
    rows = [
        *kept("new|slide:gmv", 9, 10, 11, 12, 13),
        *kept("over|slide:gmv", 0, 1, 2, 3, 4, 5, 6, 7, 8),
        *kept("goes-on|slide:gmv", *range(14)),
        *kept("long-over|slide:gmv", 0, 1, 2),
        *kept("back|slide:gmv", 0, 1, 10, 11, 12, 13, lost=900.0),
        *kept("other|S6", 9, 10),
    ]
    found = turned(rows, first, last)
    assert [(one.unit, one.began) for one in found] == [
        ("back", True), ("new", True), ("over", False),
    ]  # fmt: skip
    assert found[0].first == BEGAN + timedelta(10)
    assert found[0].change == pytest.approx(-0.3)


@pytest.mark.parametrize(
    ("back", "zh", "en"),
    [
        (True, "已恢复：Teduh GMV，前后 9 天", "Recovered: Teduh GMV, after 9 days"),
        (False, "没回到原来：Teduh GMV，9 天后停在新水平", "Not back: Teduh GMV settled at a new level after 9 days"),
    ],
)  # fmt: skip
def test_the_week_says_whether_the_figure_came_back(
    begin: Callable[[Team], World], zh: str, en: str, *, back: bool
) -> None:
    world = begin(one_shop())
    morning(world)
    last = SEEN + timedelta(12)
    if back:
        for number in range(1, 13):
            world.now = at(SEEN + timedelta(number + 1), "06:00")
            world.figures(SEEN + timedelta(number))
    (row,) = [one for one in world.desk.findings.list(SEEN, SEEN) if "slide:" in one.key]
    rows = [replace(row, day=SEEN + timedelta(number)) for number in range(9)]
    (one,) = turned(rows, last - timedelta(6), last)
    assert not one.began
    told = ended(world.desk, one, rows, last)
    assert told.back is back
    week = compose(world.desk, world.desk.team.channel[0], last, at(last + timedelta(1)))
    for lang, says in (("zh", zh), ("en", en)):
        voice = world.desk.voice("zh" if lang == "zh" else "en")
        assert says in dumps(weekly(replace(week, slides=(told,)), voice))


def test_an_end_whose_level_nobody_knows_is_only_an_end(begin: Callable[[Team], World]) -> None:
    world = begin(one_shop())
    rows = kept("teduh|slide:gmv", *range(3))
    first = BEGAN - timedelta(PAST)
    rows = [replace(row, day=first + timedelta(at_)) for at_, row in enumerate(rows)]
    (one,) = turned(rows, first + timedelta(4), first + timedelta(10))
    assert ended(world.desk, one, rows, first + timedelta(10)) == one


def test_an_end_is_told_in_one_week_only() -> None:
    rows = kept("over|slide:gmv", *range(10))
    weeks = [(BEGAN + timedelta(start), BEGAN + timedelta(start + 6)) for start in range(30)]
    for start in range(7):
        told = [turned(rows, *week) for week in weeks[start::7]]
        assert sum(not one.began for found in told for one in found) == 1
