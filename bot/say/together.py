"""Who moved together, or who moved alone: how the comparable shops did, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.say import figures, words
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from bot.card import Line
    from bot.say.voice import Voice
    from diagnostics.book.rows import Kind
    from diagnostics.reading import Compared, Finding

NAMED = 6
"""How many members of a group are named."""

_SHOPS = Text("{place} {n} 家店", "{n} shops in {place}")
_ALL_SHOPS = Text("全部 {n} 家店", "all {n} shops")
_SOME_SHOPS = Text("{place} {all} 家店里 {n} 家", "{n} of {all} shops in {place}")
_SO_FAR = Text("{n} 家店", "{n} shops")
_SOME_OF_ALL = Text("{all} 家店里 {n} 家", "{n} of all {all} shops")
_SOME_SO_FAR = Text("{all} 家店里 {n} 家", "{n} of {all} shops")
_UNITS = Text("{shop} {n} {kind}", "{n} {kind} of {shop}")
_SOME_UNITS = Text("{shop} {n}/{all} {kind}", "{n} of {all} {kind} of {shop}")
_KINDS: dict[Kind, Text] = {
    "live": Text("场直播", "LIVEs"),
    "video": Text("条视频", "videos"),
    "product": Text("个商品", "products"),
    "creator": Text("位达人", "creators"),
    "account": Text("个账号", "accounts"),
}
_TOGETHER = Text("{who}一起：{figure}", "{who} together: {figure}")
_MEMBER = Text("{name} {change}", "{name} {change}")
_MEMBERS = Text("各自：{members}", "Each: {members}")
_AND_MORE = Text("{members} 等", "{members} and others")
_SHARED = Text(
    "一起动，多半不是哪一家店的事：先查共同的（平台流量、广告账户、物流、节日）",
    "Moving as one is hardly a single shop's doing: look first at what they share "
    "(platform traffic, ad account, freight, a holiday)",
)
_SHARED_UNITS = Text(
    "一起动，多半不是哪一{kind}的事：先查店铺共同的（流量、账号状态、价格、库存）",
    "Moving as one is hardly the doing of a single one: look first at what they share "
    "(traffic, the account's standing, price, stock)",
)
_ALONE = Text("只有这家店，其他 {n} 家", "only this shop; the other {n}:")
_TOO = Text("其他 {n} 家也", "so did the other {n} shops:")
_OTHERS = Text("其他 {n} 家", "the other {n} shops:")
_OTHER = Text("另一家", "the other shop:")
_EVEN = Text("没动", "unmoved")
STILL = 0.015
"""A change below this is none."""


def who(finding: Finding, voice: Voice) -> str:
    """Return of whom a group's finding speaks: 泰国 6 家店; 5 of 6 shops in Thailand."""
    n, every = len(finding.others), finding.asked
    counts = {"n": str(n), "all": str(every)}
    unit = voice.unit(finding.unit)
    match finding.scope:
        case "country":
            place = words.country(unit.country, voice.lang)
            return voice(_SHOPS if n == every else _SOME_SHOPS, place=place, **counts)
        case "company":
            whole = every >= sum(one.kind == "shop" for one in voice.units.values())
            some = _SOME_OF_ALL if whole else _SOME_SO_FAR
            alike = _ALL_SHOPS if whole else _SO_FAR
            return voice(alike if n == every else some, **counts)
        case "kind":
            text = _UNITS if n == every else _SOME_UNITS
            return voice(text, shop=voice.name(finding.unit), kind=_kind(finding, voice), **counts)
        case _:
            return voice.name(finding.unit)


def _kind(finding: Finding, voice: Voice) -> str:
    kinds = [voice.unit(one.unit).kind for one in finding.others]
    text = _KINDS.get(kinds[0]) if kinds else None
    return voice(text) if text else ""


def headed(finding: Finding, figure: str, voice: Voice) -> str:
    """Return a group and its figure: "6 shops in Thailand together: GMV ฿1.2m ▼"."""
    return voice(_TOGETHER, who=who(finding, voice), figure=figure)


def members(finding: Finding, voice: Voice) -> tuple[Line, ...]:
    """Return who moved how far, and where to look first; nothing for a single unit's finding."""
    if not finding.scope:
        return ()
    named = voice.joined(
        voice(_MEMBER, name=voice.name(one.unit), change=figures.percent(one.change))
        for one in finding.others[:NAMED]
    )
    if len(finding.others) > NAMED:
        named = voice(_AND_MORE, members=named)
    shared = _SHARED_UNITS if finding.scope == "kind" else _SHARED
    kind = _kind(finding, voice)[:1] if finding.scope == "kind" else ""
    return (voice.line(_MEMBERS, members=named), voice.line(shared, kind=kind))


def beside(finding: Finding, voice: Voice) -> str:
    """Return how the comparable shops did beside a shop's finding; empty where there are none."""
    found = finding.compared
    if found is None:
        return ""
    change = voice(_EVEN) if abs(found.others) < STILL else figures.percent(found.others)
    return voice.beside(voice(_text(found), n=str(found.count)), change)


def _text(found: Compared) -> Text:
    if found.count == 1:
        return _OTHER
    return {"alone": _ALONE, "together": _TOO, "unclear": _OTHERS}[found.verdict]
