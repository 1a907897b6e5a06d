"""The doctor looks at the sources: folders, queries, what they lack; each with a remedy, no secret."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot import clock, doctor, sourcing
from bot.cardjson import dumps
from bot.commandline import settings_in
from bot.morning import gather
from bot.say.digest import digest
from bot.team import Team
from storage.sources.sql import SqlSource

if TYPE_CHECKING:
    from pathlib import Path

    from bot.chat import Check
    from bot.desk import Desk
    from diagnostics.reading import Diagnosis

NOW = datetime(2026, 3, 13, 9, tzinfo=UTC)
SHOP = {
    "key": "uk-beauty", "name": "UK", "country": "GB", "zone": "Europe/London", "currency": "GBP",
}  # fmt: skip
QUERY = "select day, gmv, orders from sales where day = :day"


def look(home: Path, now: datetime = NOW, **source: str) -> Check:
    team = Team.model_validate({"shop": [SHOP], "source": [{"name": "erp", **source}]})
    (one,) = sourcing.examine(team, settings_in(home), now)
    assert one.name == "source erp"
    assert one.ok or one.remedy
    return one


def database(home: Path, *rows: str, columns: str = "day text, gmv real, orders int") -> None:
    with closing(sqlite3.connect(home / "erp.db")) as connection:
        connection.execute(f"create table sales ({columns})")
        for row in rows:
            connection.execute(f"insert into sales values ({row})")
        connection.commit()
    (home / ".env").write_text(f"ERP_URL=sqlite:///{home}/erp.db\n", encoding="utf-8")


def asked(home: Path, query: str = QUERY) -> Check:
    return look(home, kind="sql", url_env="ERP_URL", query=query)


def test_a_folder_with_new_exports_is_well(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "orders.csv").write_text("x", encoding="utf-8")
    today = clock.now()
    one = look(tmp_path, today, kind="sheet", folder="exports")
    assert one.ok
    assert "files: 1" in one.detail
    later = look(tmp_path, today + timedelta(4), kind="sheet", folder="exports")
    assert not later.ok
    assert "no export was put there" in later.remedy


@pytest.mark.parametrize(
    ("make", "said"),
    [
        ("nothing", "does not exist"),
        ("file", "is no folder"),
        ("empty", "no table"),
        ("readme", "no table"),
    ],
)
def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path, make: str, said: str) -> None:
    folder = tmp_path / "exports"
    if make == "file":
        folder.write_text("x", encoding="utf-8")
    elif make != "nothing":
        folder.mkdir()
    if make == "readme":
        (folder / "README.md").write_text("x", encoding="utf-8")
    one = look(tmp_path, kind="sheet", folder="exports")
    assert not one.ok
    assert said in one.detail


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir(mode=0o000)
    assert "may not be read" in look(tmp_path, kind="sheet", folder="exports").detail


def test_a_query_that_works_tells_what_it_yields(tmp_path: Path) -> None:
    database(tmp_path, "'2026-03-12', 41.5, 3", "'2026-03-11', 40, 3")
    one = asked(tmp_path)
    assert one.ok
    assert one.detail == "2026-03-12: rows: 1, with gmv, orders"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "select day, gmv from sales where day = '2026-03-10' or day = :day",
            "no row for 2026-03-12",
        ),
        ("select * from sale where day = :day", "sale"),
        ("select gmv from sales where day <> :day", "day"),
        ("select '2026-03-12' as day, 1 as turnover", "not one column"),
        ("select '2026-03-12' as day, 1 as gmv, 0 as complete", "not complete: uk-beauty"),
        ("select '2026-03-12' as day, 1 as gmv, 'USD' as currency", "GBP"),
        ("select '2026-03-12' as day, 1 as gmv, 'Mars' as shop", "Mars"),
        ("delete from sales", "only one SELECT"),
    ],
)
def test_a_query_that_does_not_is_named(tmp_path: Path, query: str, said: str) -> None:
    database(tmp_path, "'2026-03-11', 40, 3")
    one = asked(tmp_path, query)
    assert not one.ok
    assert said in one.detail


def test_an_address_that_is_not_set_is_named(tmp_path: Path) -> None:
    one = asked(tmp_path)
    assert not one.ok
    assert "ERP_URL" in one.detail + one.remedy


def test_no_secret_is_told_and_nobody_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sourcing, "SECONDS", 1)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        for at in (port, 1):
            address = f"postgresql://reader:s3cret@127.0.0.1:{at}/erp"
            (tmp_path / ".env").write_text(f"ERP_URL={address}\n", encoding="utf-8")
            begun = time.monotonic()
            one = asked(tmp_path)
            assert time.monotonic() - begun < 5
            assert not one.ok
            assert "s3cret" not in repr(one)
            assert "reader" not in repr(one)


def test_the_doctor_asks_the_sources_and_goes_on(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (home / "loudou.toml").open("a", encoding="utf-8") as team:
        team.write(
            '\n[[source]]\nname = "erp"\nkind = "sql"\nurl_env = "NO_URL"\nquery = "select 1"\n'
        )
    assert doctor.run(home) == 1
    out = capsys.readouterr().out
    assert "✗ source erp: NO_URL is not set" in out
    assert "✓ database" in out


def test_a_half_day_of_the_warehouse_waits_until_it_is_whole(desk: Desk, tmp_path: Path) -> None:
    day, now = date(2026, 3, 13), datetime(2026, 3, 14, 9, tzinfo=UTC)
    database(tmp_path, columns="day text, gmv real, orders int, loaded text")
    shops = desk.team.shops(("uk-beauty",))
    query = "select day, gmv, orders, loaded as as_of from sales where day = :day"
    source = SqlSource("erp", f"sqlite:///{tmp_path}/erp.db", query, shops)
    asking = replace(desk, sources=(source,))

    def morning(row: str) -> Diagnosis:
        with closing(sqlite3.connect(tmp_path / "erp.db")) as connection:
            connection.execute("delete from sales")
            connection.execute(f"insert into sales values ({row})")
            connection.commit()
        gather(asking, [day], now)
        return asking.look(("uk-beauty",), now, day)

    half = morning("'2026-03-13', 2100, 95, '2026-03-13 14:20'")
    assert [one.kind for one in half.trust.doubts if one.blocks] == ["partial"]
    assert half.findings == ()
    zh, en = (dumps(digest(half, desk.voice(lang))) for lang in ("zh", "en"))
    assert "只到 14:00" in zh
    assert "up to 14:00 only" in en
    whole = morning("'2026-03-13', 5900, 260, '2026-03-14 02:00'")
    assert whole.trust.judged
