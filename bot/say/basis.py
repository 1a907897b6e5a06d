"""What an expectation was learnt from, how sure that is, and what the calendar does to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.say import days, words
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from bot.say.voice import Voice
    from diagnostics.reading import Expected, Learnt, Reading

FEW = 14
"""With fewer days of its own a unit says on how many its expectation stands."""
SURE = 0.5
"""From which weight on a unit's own days lead."""
_NAMED = 2
"""So many of the days that taught an effect are named."""

_OWN = Text("参照它自己 {own} 天，天数还少", "learnt from only {own} of its own")
_MIXED = Text(
    "参照它自己 {own} 天和 {peers} 个同类{kind}{lean}",
    "learnt from {own} of its own and {peers} similar {kind}{lean}",
)
_LEAN_PEERS = Text("，以同类为主，只能作参考", ", mostly the others: rough")
_AGES = Text(
    "和{whose}之前 {peers} 个同龄{kind}比",
    "against {peers} earlier {kind} of {whose} at the same age",
)
_AGES_OWN = Text("{said}，也看它自己前 {own} 天", "{said}, and its own {own} before")
_SESSIONS = Text("和{whose} {peers} 场{like}直播比", "against {peers} sessions of {whose}{like}")
_LIKE = {
    "": Text("", ""),
    "weekday": Text("{weekday} {hour} 前后的", ", {weekday}s around {hour}"),
    "daytype": Text("{daytype} {hour} 前后的", ", {daytype} around {hour}"),
    "hour": Text("{hour} 前后的", ", around {hour}"),
}
_LIKE_DAY = {
    "weekday": Text("{weekday}的", ", {weekday}s"),
    "daytype": Text("{daytype}的", ", {daytype}"),
}
_DAYTYPES = (Text("工作日", "weekdays"), Text("周末", "weekends"))
_WHOSE = {
    "account": Text("本账号", "this account"),
    "shop": Text("本店", "this shop"),
    "peers": Text("同类店铺", "similar shops"),
    "": Text("本店", "this shop"),
}
_SAME_AGE = Text("按同龄比较（第 {age} 天）", "compared at the same age (day {age})")
_KINDS = {
    "live": "LIVE sessions", "video": "videos", "product": "products", "creator": "creators",
    "shop": "shops", "account": "accounts", "category": "categories", "country": "countries",
    "company": "companies",
}  # fmt: skip
_EFFECT = Text("{name}：预期 ×{effect}（{from_}）", "{name}: ×{effect} expected, {from_}")
_TAUGHT_DAYS = Text("参照之前类似的 {n} 天", "learnt from {n} like it")
_ROUGH = Text("系统粗估，还没有自己的数据", "from the book, rough")
_AND = Text("和", " and ")


def line(reading: Reading, voice: Voice) -> str:
    """Return in one clause what the expectation stands on; empty for a long past of its own."""
    told = reading.expected.learnt if reading.expected else None
    if reading.expected is None or told is None:
        return ""
    said = _said(reading, reading.expected, told, voice)
    aged = voice(_SAME_AGE, age=str(told.age)) if told.age is not None else ""
    return voice.clauses((said, aged))


def whole(reading: Reading, voice: Voice) -> str:
    """Return what the expectation stands on and what the calendar does to it; empty for neither."""
    return voice.clauses(part for part in (line(reading, voice), season(reading, voice)) if part)


def _said(reading: Reading, expected: Expected, told: Learnt, voice: Voice) -> str:
    own, peers = _days(told.own, voice), f"{told.peers:,}"
    match expected.basis:
        case "mixed":
            lean = voice(_LEAN_PEERS) if told.weight < SURE else ""
            kind = _kind(reading, voice)
            return voice(_MIXED, own=own, peers=peers, kind=kind, lean=lean)
        case "ages" | "peers" if voice.unit(reading.unit).kind != "live":
            whose, kind = voice(_WHOSE[_whose(reading, told, voice)]), _kind(reading, voice)
            said = voice(_AGES, whose=whose, peers=peers, kind=kind)
            return voice(_AGES_OWN, said=said, own=own) if told.own else said
        case "sessions" | "peers":
            whose = voice(_WHOSE[_whose(reading, told, voice)])
            return voice(_SESSIONS, whose=whose, peers=peers, like=_like(reading, told, voice))
        case "weekday" | "recent" | "calendar" if told.own < FEW:
            return voice(_OWN, own=own)
        case _:
            return ""


def _days(number: int, voice: Voice) -> str:
    return str(number) if voice.lang == "zh" else days.many(number, "day", "days")


def _kind(reading: Reading, voice: Voice) -> str:
    kind = voice.unit(reading.unit).kind
    return words.KINDS[kind]("zh") if voice.lang == "zh" else _KINDS[kind]


def _whose(reading: Reading, told: Learnt, voice: Voice) -> str:
    """Return whose they are; where no account is told, the parent is the shop."""
    unit = voice.unit(reading.unit)
    return "shop" if told.whose == "account" and unit.parent == unit.shop else told.whose


def _like(reading: Reading, told: Learnt, voice: Voice) -> str:
    start = voice.unit(reading.unit).started
    weekday = days.weekday(reading.day, voice.lang)
    daytype = voice(_DAYTYPES[reading.day.weekday() >= 5])
    if start is None:
        text = _LIKE_DAY.get(told.like)
        return voice(text, weekday=weekday, daytype=daytype) if text else ""
    return voice(_LIKE[told.like], weekday=weekday, daytype=daytype, hour=f"{start:%H}:00")


def season(reading: Reading, voice: Voice) -> str:
    """Return what the calendar does to such a day, and whether that is learnt; empty without."""
    expected = reading.expected
    told = expected.learnt if expected else None
    if expected is None or told is None or not expected.calendar:
        return ""
    rows = {row.key: row for row in voice.book.calendar}
    here = [rows[key] for key in expected.calendar if key in rows]
    if not here:
        return ""
    name = voice.joined(dict.fromkeys(row.name(voice.lang) for row in here))
    near = voice.beside("临近", name) if voice.lang == "zh" else f"around {name}"
    on_day = any(row.first <= reading.day <= row.last for row in here)
    if told.effect is None:
        return name if on_day else near
    effect = f"{told.effect:.2g}" if told.effect >= 0.1 else f"{told.effect:.2f}"
    return voice(_EFFECT, name=name if on_day else near, effect=effect, from_=_taught(told, voice))


def guessed(reading: Reading, voice: Voice) -> bool:
    """Say whether it is a campaign's or holiday's own day whose effect is the book's alone."""
    expected = reading.expected
    told = expected.learnt if expected else None
    if expected is None or told is None or told.effect is None or told.effect_days:
        return False
    return any(
        row.first <= reading.day <= row.last
        for row in voice.book.calendar
        if row.key in expected.calendar
    )


def _taught(told: Learnt, voice: Voice) -> str:
    """Return from which days an effect was learnt, or that it is the book's."""
    if not told.effect_days:
        return voice(_ROUGH)
    rows = {row.key: row for row in voice.book.calendar}
    names = [rows[key].name(voice.lang) for key in told.taught if key in rows]
    shown = list(dict.fromkeys(names))[:_NAMED]
    if not shown:
        return voice(_TAUGHT_DAYS, n=_days(told.effect_days, voice))
    said = voice(_AND).join(shown)
    return voice.beside("参照", said) if voice.lang == "zh" else f"learnt from {said}"
