"""The command line: exit codes, JSON that is JSON, and one clear sentence where something is wrong."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from bot.__main__ import app, main
from bot.app import open_desk
from bot.commandline import settings_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.desk import Desk
    from bot.export import Form


@pytest.fixture
def loudou(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Run a command as the shell would; return exit code, output, complaints."""
    handlers = logging.getLogger().handlers[:]
    for name in ("SLACK_BOT_TOKEN", "LOUDOU_DATABASE_URL", "LOUDOU_HOME", "LOUDOU_BOOK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["loudou", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return int(end.value.code or 0), said.out, said.err

    yield run
    logging.getLogger().handlers[:] = handlers


def tables(desk: Desk) -> dict[str, int]:
    """Return how many rows each table holds."""
    with desk.store.engine.connect() as connection:
        names = connection.exec_driver_sql("select name from sqlite_master where type = 'table'")
        return {
            name: connection.exec_driver_sql(f'select count(*) from "{name}"').scalar_one()
            for (name,) in names.all()
        }


def test_every_command_and_option_says_what_it_is() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group
    assert {"demo", "init", "import", "morning", "ask", "run", "doctor", "export"} <= set(commands)
    for name, command in commands.items():
        assert command.help, name
        for option in command.params:
            assert getattr(option, "help", None) or option.name == "help", (name, option.name)
        shown = CliRunner().invoke(app, [name, "--help"])
        assert shown.exit_code == 0


def test_the_first_steps_on_a_fresh_folder(loudou: Any, tmp_path: Path) -> None:
    home = tmp_path / "team"
    assert loudou("init", "--home", home)[0] == 0
    assert (home / ".env").stat().st_mode & 0o077 == 0
    before = (home / "loudou.toml").read_text(encoding="utf-8")
    code, out, _ = loudou("init", "--home", home)
    assert (code, "left alone" in out) == (0, True)
    assert (home / "loudou.toml").read_text(encoding="utf-8") == before
    code, out, _ = loudou("doctor", "--home", home)
    assert code == 1
    assert "loudou import" in out
    code, out, _ = loudou("doctor", "--home", home, "--json")
    checks = json.loads(out)
    assert code == 1
    assert all(one["remedy"] for one in checks if not one["ok"])
    code, out, _ = loudou("morning", "--home", home)
    assert code == 0
    assert "standup" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ask", "/kpi"), "loudou init"),
        (("doctor",), ""),
        (("morning",), "loudou init"),
        (("run",), "loudou init"),
        (("export", "facts"), "loudou init"),
        (("import", "x.csv"), "loudou init"),
    ],
)
def test_a_folder_without_a_team_is_told_what_to_do(
    loudou: Any, words: tuple[str, ...], says: str
) -> None:
    code, out, err = loudou(*words)
    assert code == 1
    assert says in out + err


@pytest.mark.parametrize(
    "text",
    ["[team", "[team]\nlang = 'fr'", "[tame]\nx = 1", "\x00\xff", "[[shop]]\nkey = 'A B'",
     "[[channel]]\nkey='a'\nplatform='console'\nid='x'\nshops=[]\nzone='UTC'"],
)  # fmt: skip
def test_a_team_file_that_cannot_be_read_is_named(loudou: Any, tmp_path: Path, text: str) -> None:
    (tmp_path / "loudou.toml").write_bytes(text.encode("latin-1"))
    for words in (("ask", "/kpi"), ("morning",), ("run",)):
        code, _, err = loudou(*words)
        assert code == 1
        assert "loudou.toml" in err


@pytest.mark.parametrize("words", [("ask", "/kpi"), ("morning",), ("doctor",), ("export", "facts")])
def test_a_database_that_is_none_is_named(loudou: Any, home: Path, words: tuple[str, ...]) -> None:
    (home / "loudou.db").write_bytes(b"this is no database at all" * 100)
    code, out, err = loudou(*words, "--home", home)
    assert code == 1
    assert "loudou.db" in out + err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("morning", "--day", "12.03.2026"), 2, "--day"),
        (("demo", "--lang", "fr"), 2, "zh or en"),
        (("ask", "/kpi", "--lang", "fr"), 2, "zh or en"),
        (("ask", "/kpi", "--channel", "nowhere"), 1, "standup"),
        (("morning", "--channel", "nowhere"), 1, "standup"),
        (("import", "nowhere.csv"), 1, "nowhere.csv"),
        (("import", ".", "--shop", "nowhere"), 1, "uk-beauty"),
        (("export", "facts", "--shop", "nowhere"), 1, "uk-beauty"),
        (("export", "everything"), 1, "findings"),
        (("export", "facts", "--format", "pdf"), 1, "xlsx"),
        (("export", "findings", "--out", "no/such/folder/x.csv"), 1, "no/such/folder"),
        (("template", "no/such/folder/x.csv"), 1, "no/such/folder"),
        (("template", "x.csv", "--measures", "nothing"), 1, "--measures"),
        (("frobnicate",), 2, "frobnicate"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    loudou: Any, home: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    where = () if words[0] in {"template", "demo", "frobnicate"} else ("--home", home)
    ended, out, err = loudou(*words, *where)
    assert (ended, says in out + err) == (code, True), out + err


def test_a_folder_without_files_is_nothing_to_import(loudou: Any, home: Path) -> None:
    (home / "empty").mkdir()
    code, out, err = loudou("import", home / "empty", "--home", home)
    assert code == 1
    assert "empty" in out + err


def test_a_wrong_file_is_refused_and_the_others_are_taken(
    loudou: Any, home: Path, example_home: Path
) -> None:
    good = min((example_home / "exports" / "uk-beauty").iterdir())
    bad = home / "holiday.csv"
    bad.write_text("beach;sun\n1;2\n", encoding="utf-8")
    code, out, _ = loudou("import", bad, good, "--shop", "uk-beauty", "--home", home)
    assert code == 1
    assert f"✗ {bad.name}" in out
    assert f"✓ {good.name}" in out
    code, out, _ = loudou("import", bad, good, "--shop", "uk-beauty", "--home", home, "--json")
    first, second = json.loads(out)
    assert first["refused"]
    assert first["notes"][0]["en"]
    assert (second["refused"], second["new"], second["unchanged"] > 0) == (False, 0, True)


def test_a_morning_by_hand_is_said_once_and_a_dry_one_writes_nothing(
    loudou: Any, home: Path
) -> None:
    desk = open_desk(settings_in(home))
    before = tables(desk)
    code, out, _ = loudou("morning", "--day", "2026-03-12", "--dry-run", "--home", home)
    assert code == 0
    assert "GMV" in out
    assert tables(desk) == before
    code, out, err = loudou("morning", "--day", "2026-03-12", "--home", home, "--json")
    made = json.loads(out)
    assert code == 0
    assert made[0]["posts"]
    assert "GMV" in err
    code, out, _ = loudou("morning", "--day", "2026-03-12", "--home", home)
    assert code == 0
    assert "told before" in out
    assert desk.ledger.posted(made[0]["posts"][0]).state == "sent"  # type: ignore[union-attr]  # it is there
    for what in ("reviews", "findings"):
        code, out, _ = loudou("export", what, "--home", home, "--json")
        assert (code, json.loads(out)["rows"] > 0) == (0, True)
    desk.store.close()


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "md"])
def test_everything_can_be_taken_out_in_every_form(loudou: Any, home: Path, form: Form) -> None:
    for what in ("reviews", "facts", "findings"):
        since = ("--since", "2026-03-12") if what == "facts" else ()
        path = home / f"{what}.{form}"
        words = ("export", what, "--format", form, "--out", path, *since, "--home", home)
        code, out, _ = loudou(*words, "--json")
        assert code == 0
        assert json.loads(out)["file"] == str(path)
        assert path.stat().st_size > 0
        if form == "json":
            rows = json.loads(path.read_text(encoding="utf-8"))
            assert len(rows) == json.loads(out)["rows"]


def test_asking_answers_as_the_chat_would(loudou: Any, home: Path) -> None:
    code, out, _ = loudou("ask", "/metric ctr", "--home", home, "--lang", "zh")
    assert code == 0
    assert "点击率" in out
    code, out, _ = loudou("ask", "/metric ctr", "--home", home, "--json")
    assert json.loads(out)["lang"] == "en"
    code, out, _ = loudou("ask", "/frobnicate", "--home", home)
    assert code == 1


def test_the_template_comes_back_through_the_import(loudou: Any, home: Path) -> None:
    for name in ("t.csv", "t.xlsx"):
        code, out, _ = loudou("template", home / name, "--measures", "reviews,bad_reviews")
        assert (code, name in out) == (0, True)
        code, out, _ = loudou("import", home / name, "--shop", "uk-beauty", "--home", home)
        assert code == 0, out


def test_the_manifest_is_json_and_the_link_stands_beside_it(loudou: Any) -> None:
    code, out, err = loudou("manifest")
    assert code == 0
    assert json.loads(out)["features"]
    assert "https://api.slack.com/apps" in err


def test_a_source_finds_its_address_in_env(loudou: Any, home: Path) -> None:
    with (home / "loudou.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[source]]\nname = "bi"\nkind = "sql"\nurl_env = "BI_URL"\n'
            'query = "select :day as day"\n'
        )
    code, _, err = loudou("ask", "/help", "--home", home)
    assert code == 1
    assert "BI_URL" in err
    (home / ".env").write_text("BI_URL=sqlite:///bi.db\n", encoding="utf-8")
    assert loudou("ask", "/metric ctr", "--home", home)[0] == 0
