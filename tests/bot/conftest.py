"""The small team's past, made once, and a bot at work on a copy of it."""

from __future__ import annotations

from contextlib import ExitStack
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from bot.desk import shop_units
from tests.bot import world as place
from tests.bot.world import DAY, World, at, past, team

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from bot.team import Team

SHOPS = ("teduh", "abadi", "bening", "cerah", "damai", "elok")


@pytest.fixture(scope="session")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with six shops' ordinary days."""
    path = tmp_path_factory.mktemp("past") / "past.db"
    rows = team(shop=[place.shop(key) for key in SHOPS])
    past(path, shop_units(rows.shops()))
    return path


@pytest.fixture
def begin(ordinary: Path, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Give a way to begin a bot: its team, and the time."""
    with ExitStack() as ends:

        def start(of_team: Team | None = None, now: datetime | None = None) -> World:
            path = tmp_path / "world.db"
            chosen = of_team or team()
            return ends.enter_context(place.world(path, ordinary, chosen, now or at(DAY)))

        yield start


@pytest.fixture(scope="session")
def first_alert(ordinary: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Return the database after the first morning with an alert, and what Slack holds then."""
    path = tmp_path_factory.mktemp("alert") / "alert.db"
    with place.world(path, ordinary, team(), at(DAY)) as found:
        place.morning(found, 0, refunds=3)
        return path, (found.slack.posted, found.slack._clock, found.now)


@pytest.fixture
def alerted(first_alert: tuple[Path, Any], tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Give a way to begin a bot on the morning of an alert."""
    with ExitStack() as ends:

        def start(of_team: Team | None = None) -> World:
            template, (posted, clock, now) = first_alert
            there = place.world(tmp_path / "world.db", template, of_team or team(), now)
            found = ends.enter_context(there)
            found.slack.posted, found.slack._clock = deepcopy(posted), clock
            return found

        yield start


@pytest.fixture
def world(begin: Callable[..., World]) -> World:
    """Give the bot of one shop and one channel, at nine on the first day that is judged."""
    return begin()
