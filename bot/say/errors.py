"""What could not be answered, and what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.card import Block, Card, Paragraph, Words
from bot.say.voice import slug
from bot.say.width import clip
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.say.voice import Voice
    from diagnostics.book.rows import Metric
    from diagnostics.panel import Unit

_UNKNOWN_UNIT = Text("没有找到「{word}」", "“{word}” was not found")
_WHICH_UNIT = Text("「{word}」有好几个", "“{word}” could be several")
_NO_UNIT = Text("要看哪一个？", "Which one?")
_UNKNOWN_METRIC = Text("没有「{word}」这个指标", "There is no metric “{word}”")
_NO_METRIC = Text("要看哪个指标？", "Which metric?")
_FOR_EXAMPLE = Text("例如 GMV、退款率、ctr", "For example gmv, refund rate, ctr")
_NEAREST = Text("最接近的：{names}", "Nearest: {names}")
_ONE_OF = Text("请写明是哪一个：{names}", "Say which one: {names}")
_CHECK = Text("看看名字有没有写对；/help 有例子", "Check the spelling; /help has examples")
_UNIT = Text("{slug}（{name}）", "{slug} ({name})")
_NO_DAY = Text("{place} · {day}：没有数据", "{place} · {day}: no data")
_IMPORT = Text(
    "导入当天的文件，或等来源更新后再问",
    "Import that day's files, or ask again when the sources are in",
)
_WINDOW = Text("时间没看懂：「{text}」", "The dates are not clear: “{text}”")
_WINDOW_HOW = Text(
    "可以写 7d、30d、2026-03-12 或 2026-03-01..2026-03-12",
    "Write 7d, 30d, 2026-03-12 or 2026-03-01..2026-03-12",
)
_FAILED = Text("这次没成功，编号 {id}", "That did not work, reference {id}")
_FAILED_HOW = Text(
    "再试一次；还不行就把编号发给管理员",
    "Try again; if it fails again, give the reference to your admin",
)
_EXPIRED = Text("这个按钮已经过期", "This button has expired")
_EXPIRED_HOW = Text("用命令再问一次，会得到新的消息", "Ask again by command for a fresh message")


def problem(what: str, remedy: str, voice: Voice) -> Card:
    """Return a card of one sentence on what is wrong and one on what to do."""
    blocks: tuple[Block, ...] = (Paragraph(((Words(remedy),),)),) if remedy else ()
    return Card("grey", (Words(what, bold=True),), what, blocks, voice.lang)


def unknown_unit(word: str, nearest: Sequence[Unit], voice: Voice) -> Card:
    """Return that there is no such unit, with the nearest three."""
    voice = voice.knowing({unit.key: unit for unit in nearest})
    what = voice(_UNKNOWN_UNIT, word=clip(word, 40)) if word else voice(_NO_UNIT)
    names = voice.joined(_named(unit, voice) for unit in nearest[:3])
    return problem(what, voice(_NEAREST, names=names) if names else voice(_CHECK), voice)


def several_units(word: str, units: Sequence[Unit], voice: Voice) -> Card:
    """Return that a word names several units, each by the full key that would name it alone."""
    voice = voice.knowing({unit.key: unit for unit in units})
    names = voice.joined(
        voice(_UNIT, slug=unit.key, name=voice.name(unit.shop or unit.key)) for unit in units[:5]
    )
    return problem(voice(_WHICH_UNIT, word=clip(word, 40)), voice(_ONE_OF, names=names), voice)


def unknown_metric(word: str, nearest: Sequence[Metric], voice: Voice) -> Card:
    """Return that there is no such metric, with the nearest three; without a word, which one."""
    if not word:
        return problem(voice(_NO_METRIC), voice(_FOR_EXAMPLE), voice)
    names = voice.joined(
        voice(_UNIT, slug=row.key, name=row.name(voice.lang)) for row in nearest[:3]
    )
    remedy = voice(_NEAREST, names=names) if names else voice(_CHECK)
    return problem(voice(_UNKNOWN_METRIC, word=clip(word, 40)), remedy, voice)


def no_data(unit: str, day: date, voice: Voice, nearest: Sequence[date] = ()) -> Card:
    """Return that a unit has no figures on a day, with the nearest days that have."""
    what = voice(_NO_DAY, place=voice.place(unit), day=day.isoformat())
    names = voice.joined(one.isoformat() for one in nearest[:3])
    return problem(what, voice(_NEAREST, names=names) if names else voice(_IMPORT), voice)


def bad_window(text: str, voice: Voice) -> Card:
    """Return that a span of days was not understood."""
    return problem(voice(_WINDOW, text=clip(text, 40)), voice(_WINDOW_HOW), voice)


def failed(reference: str, voice: Voice) -> Card:
    """Return that something broke, with an id that can be quoted."""
    return problem(voice(_FAILED, id=reference), voice(_FAILED_HOW), voice)


def expired(voice: Voice) -> Card:
    """Return that a button or command is too old to work."""
    return problem(voice(_EXPIRED), voice(_EXPIRED_HOW), voice)


def _named(unit: Unit, voice: Voice) -> str:
    name = voice.name(unit.shop if unit.kind == "live" and unit.shop else unit.key)
    return voice(_UNIT, slug=slug(unit.key), name=name)
