"""loudou.toml: what it takes, and what it refuses with a sentence that helps."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from bot.init import TEAM, write
from bot.settings import Settings, example
from bot.team import TeamError, check, read

ROOT = Path(__file__).parents[2]

SHOP = {
    "key": "uk",
    "name": "UK",
    "country": "GB",
    "zone": "Europe/London",
    "currency": "GBP",
}
CHANNEL = {
    "key": "standup",
    "platform": "slack",
    "id": "C1",
    "shops": ["uk"],
    "zone": "Asia/Shanghai",
}


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            {"shop": [SHOP | {"zone": "Mars/North"}]},
            "team: shop no. 1.zone: 'Mars/North' is no time zone",
        ),
        ({"shop": [SHOP | {"nmae": "x"}]}, "shop no. 1.nmae: there is no such setting"),
        ({"shop": [SHOP, SHOP]}, "shop: the key 'uk' stands twice"),
        ({"channel": [CHANNEL]}, "channel standup: there is no shop 'uk'"),
        ({"shop": [SHOP], "channel": [CHANNEL | {"digest": "25:00"}]}, "'25:00' is no time of day"),
        ({"source": [{"name": "x", "kind": "sheet"}]}, "a sheet source needs `folder`"),
        ({"source": [{"name": "x", "kind": "sql"}]}, "an sql source needs `url_env`"),
        ({"watch": {"every_minutes": 1}}, "watch.every_minutes"),
    ],
)
def test_a_wrong_setting_is_named(rows: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TeamError) as caught:
        check(rows, "team")
    assert sentence in str(caught.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TeamError, match="loudou init"):
        read(tmp_path / "loudou.toml")


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "loudou.toml"
    path.write_text("[team\n")
    with pytest.raises(TeamError, match=r"loudou\.toml.*line 1"):
        read(path)


def test_init_writes_what_can_be_read_and_never_overwrites(tmp_path: Path) -> None:
    written, kept = write(tmp_path)
    assert [path.name for path in written] == ["loudou.toml", ".env"]
    assert not kept
    assert read(tmp_path / "loudou.toml").shop[0].key == "uk-beauty"
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=mine\n")
    written, kept = write(tmp_path)
    assert not written
    assert len(kept) == 2
    assert "mine" in (tmp_path / ".env").read_text()


def test_the_template_names_every_setting() -> None:
    from bot import team

    for row in (team.TeamRow, team.ShopRow, team.PersonRow, team.ChannelRow, team.SourceRow):
        for name in row.model_fields:
            assert name in TEAM or name == "shop", f"{row.__name__}.{name} is not in the template"


def test_env_example_is_true() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example()


def test_settings_never_show_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-canary")
    monkeypatch.setenv("LOUDOU_DATABASE_URL", "postgresql://u:canary@host/x")
    assert "canary" not in repr(Settings())


def test_owners_named_for_the_shop_come_first() -> None:
    people = [
        {"key": "all", "name": "All", "roles": ["operator"]},
        {"key": "uk", "name": "UK", "roles": ["operator"], "shops": ["uk"]},
    ]
    team = check({"shop": [SHOP], "person": people}, "team")
    assert [row.key for row in team.owners("operator", "uk")] == ["uk"]
    assert [row.key for row in team.owners("operator", "id")] == ["all"]
    assert team.owners("host", "uk") == ()
