"""The READMEs name everything that exists, and everything that they show works."""

from __future__ import annotations

import re
import shlex
import sqlite3
import tomllib
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cogapp import Cog
from typer.core import TyperGroup
from typer.main import get_command

import bot
from bot import docs
from bot.__main__ import app
from bot.asking import REGISTRY
from bot.commands import words
from bot.feishu import scopes as feishu
from bot.init import TEAM
from bot.settings import Settings
from bot.team import ChannelRow, check
from diagnostics.book import load
from storage.sources.rows import exports
from storage.sources.sql import SqlSource

if TYPE_CHECKING:
    from diagnostics.book.rows import Lang

ROOT = Path(bot.__file__).parents[1]
LANGS: tuple[Lang, ...] = ("en", "zh")
PAGES: dict[Lang, str] = {
    "en": (ROOT / "README.md").read_text(encoding="utf-8"),
    "zh": (ROOT / "README.zh.md").read_text(encoding="utf-8"),
}
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
HEADING = re.compile(r"^(#{1,4}) ", re.MULTILINE)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
TOML = re.compile(r"^```toml\n# (\w+\.toml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
OURS = re.compile(r"`((?:bot|storage|diagnostics|tests|\.ci)/[^`*\s]*)")
LINK = re.compile(r"\]\((?!https?://)([^)#]*)(#[^)]*)?\)|href=\"([^\"]+)\"")


def cli() -> TyperGroup:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def code(page: str) -> list[str]:
    """Return every line of code of a page, of its blocks and within its sentences."""
    blocks = [line for _, block in BLOCK.findall(page) for line in block.splitlines()]
    return [*blocks, *INLINE.findall(BLOCK.sub("", page))]


def shown(page: str) -> list[list[str]]:
    """Return the words of every `loudou …` that a page tells people to write."""
    found = []
    for line in code(page):
        said = line.replace("\\|", "|").partition("  #")[0]
        match = re.match(r"(?:pip install uv && )?(?:uv run )?loudou (?P<rest>\w.*)", said)
        if match and "[" not in said:  # with brackets it is a usage, not a command
            found.append(shlex.split(match["rest"]))
    return found


def team_files(page: str) -> dict[str, dict[str, Any]]:
    return {name: tomllib.loads(text) for name, text in TOML.findall(page)}


@pytest.mark.parametrize("lang", LANGS)
def test_the_tables_are_made_from_the_code(lang: Lang) -> None:
    made = (docs.commands, docs.cli, docs.settings, docs.channel, docs.exports)
    for table in (*made, docs.feishu_grants, docs.metrics, docs.scenes):
        assert table(lang) in PAGES[lang], (
            f"{table.__name__}: run cog -r -I . README.md README.zh.md"
        )


def test_cog_finds_nothing_to_write() -> None:
    pages = [str(ROOT / name) for name in ("README.md", "README.zh.md")]
    assert Cog().main(["cog", "--check", "-I", str(ROOT), *pages]) == 0


@pytest.mark.parametrize("lang", LANGS)
def test_everything_that_can_be_set_or_called_is_named(lang: Lang) -> None:
    page = PAGES[lang]
    names = [f"/{word}" for word in REGISTRY.words]
    names += [f"loudou {name}" for name in cli().commands]
    names += [f"`{name.upper()}`" for name in Settings.model_fields]
    names += [f"| `{name}` |" for name in ChannelRow.model_fields]
    names += [f"**{one.name(lang)}**" for one in exports().values()]
    names += [f"`{key}`" for key in load().metrics]
    names += [one.key for one in (*feishu.scopes(), *feishu.events())]
    assert [name for name in names if name not in page] == []


def test_what_only_the_page_words_has_no_more_and_no_less_than_there_is() -> None:
    assert set(docs.CLI) == set(cli().commands)
    assert set(docs.SETTINGS) == set(Settings.model_fields)
    assert set(docs.CHANNEL) == set(ChannelRow.model_fields)


@pytest.mark.parametrize("lang", LANGS)
def test_every_command_line_that_is_shown_is_understood(lang: Lang) -> None:
    lines = shown(PAGES[lang])
    assert {line[0] for line in lines} == set(cli().commands)
    for name, *given in lines:
        args = given or {"import": ["FILE"]}.get(name, [])
        with cli().commands[name].make_context(name, args) as context:
            assert context.params


@pytest.mark.parametrize("lang", LANGS)
def test_every_question_that_is_shown_calls_a_command(lang: Lang) -> None:
    asked = [line for line in code(PAGES[lang]) if line.startswith("@Loudou ")]
    asked += re.findall(r'loudou ask "([^"]+)"', PAGES[lang])
    assert len(asked) >= 4
    for text in asked:
        said = text.removeprefix("@Loudou ")
        if not said[0].isdecimal():  # "3. …" is an answer in a review
            assert REGISTRY.find(said)[0], words(said)


@pytest.mark.parametrize("lang", LANGS)
def test_the_own_rows_that_are_shown_load(lang: Lang, tmp_path: Path) -> None:
    for name, text in TOML.findall(PAGES[lang]):
        if name != "loudou.toml":
            (tmp_path / name).write_text(text, encoding="utf-8")
    own, shipped = load(tmp_path), load()
    ranges = {one.key: one for one in own.ranges}
    assert ranges["refund_rate"].high == 0.07
    assert ranges["cart_to_pay-uk-beauty"].scope.unit == "uk-beauty"
    assert ranges["cart_to_pay-uk-beauty"].valid_from == date(2026, 4, 1)
    owners = [
        next(one.owner for one in book.prescriptions() if one.key == "freight_promise")
        for book in (shipped, own)
    ]
    assert owners == ["operator", "service"]
    assert [row.key for row in own.days(date(2026, 6, 19), "GB") if row.effect == 1.6]
    assert len(own.calendar) == len(shipped.calendar) + 1


@pytest.mark.parametrize("lang", LANGS)
def test_the_source_that_is_shown_fits_the_team_file_and_reads(lang: Lang, tmp_path: Path) -> None:
    [row] = team_files(PAGES[lang])["loudou.toml"]["source"]
    team = check(tomllib.loads(TEAM) | {"source": [row]}, "loudou.toml")
    base = tmp_path / "warehouse.db"
    with closing(sqlite3.connect(base)) as connection, connection:
        counts = "impressions, views, product_clicks, add_to_cart, orders, gmv"
        connection.execute(f"create table loudou_daily (shop, kind, unit, day, {counts})")
        connection.executemany(
            "insert into loudou_daily values (?, ?, ?, ?, 900, 90, 20, 9, 3, 42.5)",
            [
                ("uk-beauty", None, None, "2026-03-11"),
                ("uk-beauty", "live", "0312", "2026-03-12"),
            ],
        )
    source = SqlSource(row["name"], f"sqlite:///{base}", row["query"], team.shops())
    now = datetime(2026, 3, 13, 8, tzinfo=UTC)
    [one] = source.read(date(2026, 3, 12), now)
    assert list(one.facts["unit"]) == ["uk-beauty/live-0312"]
    assert list(one.facts["gmv"]) == [42.5]
    [before] = source.read(date(2026, 3, 11), now)
    assert list(before.facts["unit"]) == ["uk-beauty"]


def test_both_languages_have_the_same_parts_in_the_same_order() -> None:
    parts = [HEADING.findall(BLOCK.sub("", page)) for page in PAGES.values()]
    assert parts[0] == parts[1]
    blocks = [[kind for kind, _ in BLOCK.findall(page)] for page in PAGES.values()]
    assert blocks[0] == blocks[1]
    english, chinese = (team_files(page) for page in PAGES.values())
    assert english == chinese


@pytest.mark.parametrize("page", [*PAGES.values(), CHANGES], ids=[*PAGES, "changes"])
def test_what_is_pointed_at_is_there(page: str) -> None:
    for path in OURS.findall(page):
        assert (ROOT / path).exists(), path
    for link, _anchor, href in LINK.findall(page):
        assert (ROOT / (link or href)).exists(), link or href
    for _link, anchor, _href in LINK.findall(page):
        titles = {
            "#" + re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-")
            for title in re.findall(r"^#+ (.+)$", page, re.MULTILINE)
        }
        assert not anchor or anchor in titles, anchor


def test_the_changes_speak_of_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert f"## [{version['project']['version']}]" in CHANGES
