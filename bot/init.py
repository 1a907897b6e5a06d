"""Writes the first loudou.toml and .env, with a comment at everything that can be set."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tomlkit import aot, document, dumps, item, table

from bot.settings import example

if TYPE_CHECKING:
    from pathlib import Path

    from diagnostics.book.rows import Lang

TEAM = """\
# Loudou 漏斗: the team's file. Everything here may be changed; nothing here is secret.
# Secrets (tokens, database address) stand in .env. Check both with `loudou doctor`.
# 漏斗的团队设置。密钥不写在这里,写在 .env;改完用 `loudou doctor` 检查。

[team]
name = "My team"
lang = "en"            # zh or en; a channel may have its own
currency = "USD"       # what shops are compared in
rates_date = 2026-01-01
# alert_loss = 500     # GMV lost on a day, in that currency, that is an alert even below 15 %;
                       # without it 5 % of what a shop of the channel brings on such a day
[team.rates]           # what one unit of a currency is worth in the team's currency
GBP = 1.27
IDR = 0.000061

# One block per shop 店铺. The stage decides which KPI ranges apply: test 测试期, growth 成长期, mature 成熟期.
[[shop]]
key = "uk-beauty"      # a-z, 0-9, -; never change it later
name = "UK beauty"
country = "GB"         # two letters; ranges and holidays hang on it
zone = "Europe/London" # the shop's own time zone: its days are counted in it
currency = "GBP"
category = "beauty"
stage = "mature"
names = []             # other names by which export files call it

# Who answers for what. Roles: operator 运营, content 短视频, host 主播, buyer 投手, service 客服,
# logistics 仓储物流, creator_manager 达人运营, manager 管理者. No shops = all shops.
[[person]]
key = "lin"
name = "Lin"
roles = ["operator", "manager"]
shops = ["uk-beauty"]
slack = ""             # Slack member id, U…
feishu = ""            # Feishu open_id, ou_…

# Where the bot speaks. platform: slack, feishu or console.
[[channel]]
key = "standup"
platform = "console"
id = "standup"         # Slack: C…, Feishu: oc_…
shops = ["uk-beauty"]
lang = "en"
zone = "Asia/Shanghai" # the wall clock of the people who read it
digest = "08:57"       # :00 and :30 are crowded on Feishu
days = ["mon", "tue", "wed", "thu", "fri"]
holidays = ""          # CN, GB …: off on that country's holidays, on at its make-up days
off = []               # own days off, such as 2026-05-04
work = []              # own working days
weekly = "mon"         # the weekly review 周复盘; "never" for none
weekly_at = "10:03"
alerts = true
alerts_per_day = 5     # more of them on a day become one message
slides_per_week = 2    # slow slides with a message of their own; the digest names them all
quiet_from = "22:00"   # alerts wait until the quiet hours end
quiet_to = "07:30"

# Where numbers come from each morning. A folder: put Seller Center exports in it.
[[source]]
name = "exports"
kind = "sheet"
folder = "exports"

# A database (read only): one query with :day, columns shop, unit, kind, day and measures.
# [[source]]
# name = "warehouse"
# kind = "sql"
# url_env = "WAREHOUSE_URL"
# query = "select shop, day, gmv, orders from daily where day = :day"

[watch]
every_minutes = 30     # how often alerts are looked for between the digests

[review]
remind_after_hours = 4 # those who have not answered are reminded once
"""


def write(folder: Path) -> tuple[list[Path], list[Path]]:
    """Write both files where they do not exist yet; return (written, left alone)."""
    folder.mkdir(parents=True, exist_ok=True)
    written, kept = [], []
    for name, text, mode in (("loudou.toml", TEAM, 0o644), (".env", example(), 0o600)):
        path = folder / name
        if path.exists():
            kept.append(path)
            continue
        path.touch(mode=mode)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    (folder / "exports").mkdir(exist_ok=True)
    return written, kept


def write_demo(home: Path, lang: Lang) -> None:
    """Write the example team's loudou.toml."""
    from storage import example as workspace

    names = {shop.key: shop.name for shop in workspace.SHOPS}
    if lang == "zh":
        names = {"uk-beauty": "英国美妆店", "id-home": "印尼家居店", "us-apparel": "美国服饰店"}
    file = document()
    team = table()
    team.update(
        {"name": "Loudou demo", "lang": lang, "currency": "GBP", "rates_date": date(2026, 3, 1)}
    )
    team["rates"] = {"USD": 0.78, "IDR": 0.000047}
    file["team"] = team
    shops, people, channels = aot(), aot(), aot()
    for shop in workspace.SHOPS:
        shops.append(
            item(
                {
                    "key": shop.key, "name": names[shop.key], "country": shop.country,
                    "zone": shop.zone, "currency": shop.currency, "category": shop.category,
                    "stage": shop.stage, "names": list(shop.names),
                }
            )
        )  # fmt: skip
    for person in workspace.people():
        people.append(
            item(
                {
                    "key": person.key, "name": person.name, "roles": [person.role],
                    "shops": list(person.shops),
                }
            )
        )  # fmt: skip
    channels.append(
        item(
            {
                "key": "standup", "platform": "console", "id": "standup", "shops": list(names),
                "zone": "Europe/London", "digest": "08:57",
            }
        )
    )  # fmt: skip
    file["shop"], file["person"], file["channel"] = shops, people, channels
    (home / "loudou.toml").write_text(dumps(file), encoding="utf-8")
