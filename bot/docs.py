"""The tables of the READMEs, made from what they speak of, so that they cannot be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer.core import TyperGroup
from typer.main import get_command

from bot.__main__ import app
from bot.asking import REGISTRY
from bot.feishu import scopes as feishu
from bot.settings import Settings
from bot.team import ChannelRow
from diagnostics.book import load
from diagnostics.book.rows import Text
from storage.sources.rows import exports as kinds
from storage.sources.rows import toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from bot.commands import Command
    from diagnostics.book.rows import Lang

CLI = {
    "demo": "在终端里看一整个早晨：三家示例店铺的日报、告警、问答和复盘",
    "init": "写出带注释的 loudou.toml 和 .env；已有的文件不动",
    "import": "导入卖家后台的导出文件或手工模板；同一份文件导两次不会变",
    "morning": "现在就跑一次日报：最近一个已结束的日子，每个频道每天只发一次",
    "ask": "像在群里一样问一句",
    "backtest": "先试再存：现行规则在过去的日子里会说什么，一天一天看",
    "why": "一个数为什么是这样：按环节、结构和切片拆开，只点名反常的",
    "run": "运行机器人：听、答、到点发；Ctrl-C 或 SIGTERM 结束",
    "doctor": "检查设置、密钥、权限、频道、数据库和日历；每个问题都说怎么修",
    "export": "把记下来的写成文件",
    "template": "写出手工模板，填导出里没有的数：成本、评价、客服……",
    "manifest": "打印 Slack 应用清单和一键创建的链接",
}
SETTINGS = {
    "slack_bot_token": "Slack 机器人令牌，xoxb-…",
    "slack_app_token": "Slack 应用级令牌，xapp-…：Socket Mode，不需要公网地址",
    "slack_signing_secret": "Slack 签名密钥：HTTP 模式，地址 /slack/events",
    "slack_api_url": "Slack 的地址；测试时可指向本地服务",
    "feishu_app_id": "飞书应用 App ID，cli_…",
    "feishu_app_secret": "飞书应用 App Secret",
    "feishu_encrypt_key": "飞书 Encrypt Key：和 Verification Token 一起填就启用 Webhook",
    "feishu_verification_token": "飞书 Verification Token：Webhook 地址 /feishu/events",
    "feishu_domain": "飞书的地址；Lark 填 https://open.larksuite.com",
    "loudou_database_url": "数据库：默认一个 SQLite 文件，也可填 postgresql://用户:密码@主机/库名",
    "loudou_team": "团队文件：店铺、人、频道、时间",
    "loudou_book": "团队自己的规则文件夹：ranges.toml、metrics.toml……",
    "loudou_http_port": "HTTP 模式的端口（/slack/events、/feishu/events）",
    "loudou_log": "日志详细程度：DEBUG、INFO、WARNING",
}
CHANNEL = {
    "key": Text("频道在设置里的名字：a-z、0-9、-，定了别改", "its name in the settings: a-z, 0-9, -; never change it"),
    "platform": Text("slack、feishu 或 console（终端）", "slack, feishu or console (the terminal)"),
    "id": Text("Slack：C…；飞书：群 oc_… 或个人 ou_…", "Slack: C…; Feishu: a group oc_… or a person ou_…"),
    "shops": Text("这里讲哪些店；别的店在这里问不到", "which shops are told here; others cannot be asked for"),
    "lang": Text("zh 或 en；不写就用团队的", "zh or en; the team's without it"),
    "zone": Text("读的人所在时区（IANA 名）", "the time zone of those who read it (IANA name)"),
    "digest": Text("日报时间，按上面时区的钟；整点半点最挤，尽量错开", "the digest's wall-clock time there; :00 and :30 are crowded"),
    "days": Text("哪几天发", "working days"),
    "holidays": Text("按哪国节假日放假、调休上班：CN、GB……", "a country whose holidays are off and make-up days on: CN, GB …"),
    "off": Text("自己放假的日子", "own days off"),
    "work": Text("自己加班的日子（优先于其他规则）", "own working days; they win over everything else"),
    "weekly": Text("周复盘在星期几", "day of the weekly review"),
    "weekly_at": Text("周复盘时间", "time of the weekly review"),
    "alerts": Text("这里要不要告警", "whether alerts are told here"),
    "alerts_per_day": Text("一天最多单独发几条告警；再多就合成一条，详情在话题里", "so many alerts a day have messages of their own; more become one message with the details in its thread"),
    "slides_per_week": Text("一周最多几条慢慢变差的告警，先讲最贵的；其余只在日报里一行带过，0 就是只在日报里", "so many slow slides a week have messages of their own, the costliest first; the digest's line names them all, with 0 it alone"),
    "quiet_from": Text("从几点起告警不打扰", "alerts wait from here"),
    "quiet_to": Text("到几点补发", "… until here"),
}  # fmt: skip
DAYS = {
    "title": Text("一天一份：日期在标题行、文件名或 --day", "one day: named by the title row, the file name or --day"),
    "session": Text("任意天数：每行一场，按开播时间", "any days: a row per session, by its start"),
    "hour": Text("任意天数：每行一小时", "any days: a row per hour"),
    "day": Text("任意天数：每行一天", "any days: a row per day"),
    "line": Text("任意天数：每行一条明细，按时间戳", "any days: a row per line, by its time stamp"),
}  # fmt: skip
UNITS = {
    "shop": Text("店铺", "shop"),
    "live": Text("直播", "live"),
    "video": Text("视频", "video"),
    "product": Text("商品", "product"),
    "creator": Text("达人", "creator"),
    "any": Text("任何对象", "any unit"),
}
REQUIRED = Text("必填", "required")
SCOPES, EVENTS = Text("权限管理", "Permissions"), Text("事件与回调", "Events & Callbacks")
NEEDED = {True: Text("必需", "yes"), False: Text("可选", "optional")}


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    names = tuple(heads)
    return "\n".join([_row(names), _row("---" for _ in names), *map(_row, rows)])


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _code(text: object) -> str:
    return f"`{text}`" if text not in {"", None} else ""


def commands(lang: Lang) -> str:
    """Return what can be asked in a chat."""
    heads = Text("怎么问\n也可以写\n回答什么", "Ask\nAlso\nAnswer")(lang).split("\n")
    rows = (
        (_code(one.usage(lang)), " ".join(_others(one, lang)), one.meaning(lang))
        for one in REGISTRY.commands
    )
    return table(heads, rows)


def _others(command: Command, lang: Lang) -> Iterator[str]:
    """Yield the words of a command that its usage does not show."""
    shown = command.usage(lang).split(maxsplit=1)[0].lstrip("/")
    yield from (_code(f"/{word}") for word in command.words if word != shown)


def cli(lang: Lang) -> str:
    """Return the commands of the command line with their options."""
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    heads = Text("命令\n做什么", "Command\nWhat it does")(lang).split("\n")
    return table(
        heads,
        (
            (_code(_usage(name, one)), CLI[name] if lang == "zh" else (one.help or "").strip())
            for name, one in group.commands.items()
        ),
    )


def _usage(name: str, command: Any) -> str:
    words = ["loudou", name]
    for one in command.params:
        if one.param_type_name == "argument":
            word = (one.name or "").upper() + ("…" if one.nargs == -1 else "")
            words.append(word if one.required else f"[{word}]")
        elif one.name != "help":
            words.append(f"[{one.opts[0]}]")
    return " ".join(words)


def settings(lang: Lang) -> str:
    """Return every setting of the environment and .env."""
    heads = Text("变量\n默认\n说明", "Variable\nDefault\nMeaning")(lang).split("\n")
    return table(heads, _settings(lang))


def _settings(lang: Lang) -> Iterator[tuple[str, str, str]]:
    for name, field in Settings.model_fields.items():
        default = getattr(field.default, "get_secret_value", lambda value=field.default: value)()
        meaning = SETTINGS[name] if lang == "zh" else field.description or ""
        yield _code(name.upper()), _code(default), meaning


def channel(lang: Lang) -> str:
    """Return every setting of a [[channel]] in loudou.toml."""
    heads = Text("设置\n默认\n说明", "Setting\nDefault\nMeaning")(lang).split("\n")
    rows = (
        (
            _code(name),
            REQUIRED(lang) if field.is_required() else _code(_plain(field.default)),
            CHANNEL[name](lang),
        )
        for name, field in ChannelRow.model_fields.items()
    )
    return table(heads, rows)


def _plain(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case tuple():
            return f"[{', '.join(map(str, value))}]"
        case _:
            return str(value or "")


def exports(lang: Lang) -> str:
    """Return the kinds of files that are understood, with the headings that each must have."""
    heads = Text(
        "导出 · 英文名\n一份文件是\n讲的是\n必须有的列",
        "Export · Chinese name\nOne file is\nSpeaks of\nColumns it must have",
    )(lang).split("\n")
    raw = toml("headings.toml")
    other: Lang = "en" if lang == "zh" else "zh"
    rows = (
        (
            f"**{one.name(lang)}** · {one.name(other)}",
            DAYS[one.day](lang),
            Text("、", ", ")(lang).join(UNITS[unit.kind](lang) for unit in one.units),
            " · ".join(_either(raw[key]["columns"], keys, lang) for keys in one.required),
        )
        for key, one in kinds().items()
    )
    return table(heads, rows)


def _either(columns: Mapping[str, Any], keys: Iterable[str], lang: Lang) -> str:
    headings = ((columns[key].get(lang) or columns[key]["en"])[0] for key in keys)
    names = dict.fromkeys(heading.removesuffix(" ({cur})") for heading in headings)
    return Text(" 或 ", " or ")(lang).join(_code(name) for name in names)


def feishu_grants(lang: Lang) -> str:
    """Return the scopes, events and callbacks that the Feishu app is given in the console."""
    heads = Text("名称\n在哪里加\n需要吗\n用来做什么", "Name\nAdded under\nNeeded\nWhat for")
    rows = (
        (_code(one.key), place(lang), NEEDED[one.required](lang), getattr(one, lang))
        for place, grants in ((SCOPES, feishu.scopes()), (EVENTS, feishu.events()))
        for one in grants
    )
    return table(heads(lang).split("\n"), rows)


def metrics(lang: Lang) -> str:
    """Return every metric of the dictionary by stage, with the key under which it can be asked."""
    book = load()
    heads = Text("阶段\n指标", "Stage\nMetrics")(lang).split("\n")
    rows = (
        (
            stage.name(lang),
            Text("、", ", ")(lang).join(
                f"{one.name(lang)} {_code(one.key)}"
                for one in book.metrics.values()
                if one.stage == stage.key
            ),
        )
        for stage in book.stages.values()
    )
    return table(heads, (row for row in rows if row[1]))


def scenes(lang: Lang) -> str:
    """Return the scenes in one line; those that are told at once bear a bell."""
    rows = load().scenes.items()
    return " · ".join(f"{key} {one.name(lang)}{' 🔔' if one.alert else ''}" for key, one in rows)
