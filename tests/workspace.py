"""The example workspace as it is after its import: taken in once, copied for each test."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bot.app import open_desk
from bot.commandline import settings_in
from bot.importing import take
from bot.init import write_demo
from storage import example

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.desk import Desk


@pytest.fixture(scope="session")
def example_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the example's exports, its team file and the imported database."""
    home = tmp_path_factory.mktemp("example")
    write_demo(home, "en")
    files = example.write(home / "exports")
    desk = open_desk(settings_in(home))
    with closing(desk.store):
        shops = {shop.key: shop for shop in desk.team.shops()}
        for path in files:
            taken = take(desk, path, shops[path.parent.name], None)
            assert not taken.refused, (path, taken.notes)
            assert taken.new, path
    return home


@pytest.fixture
def home(example_home: Path, tmp_path: Path) -> Path:
    """Return a folder with a copy of the example's team file and database."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("loudou.toml", "loudou.db"):
        shutil.copy(example_home / name, folder / name)
    return folder


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    """Give the desk of a copy of the example."""
    opened = open_desk(settings_in(home))
    with closing(opened.store):
        yield opened
