"""Names of kinds, countries, categories and stages, as people call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.book.rows import Kind, Lang, Scope

KINDS: Mapping[Kind, Text] = {
    "company": Text("公司", "company"),
    "country": Text("国家", "country"),
    "category": Text("类目", "category"),
    "shop": Text("店铺", "shop"),
    "account": Text("账号", "account"),
    "live": Text("直播", "LIVE"),
    "video": Text("视频", "video"),
    "product": Text("商品", "product"),
    "creator": Text("达人", "creator"),
}
_COUNTRIES = {
    "UK": Text("英国", "UK"),
    "GB": Text("英国", "UK"),
    "US": Text("美国", "US"),
    "ID": Text("印尼", "Indonesia"),
    "TH": Text("泰国", "Thailand"),
    "VN": Text("越南", "Vietnam"),
    "MY": Text("马来西亚", "Malaysia"),
    "PH": Text("菲律宾", "Philippines"),
    "SG": Text("新加坡", "Singapore"),
    "JP": Text("日本", "Japan"),
    "BR": Text("巴西", "Brazil"),
    "MX": Text("墨西哥", "Mexico"),
    "DE": Text("德国", "Germany"),
    "FR": Text("法国", "France"),
    "ES": Text("西班牙", "Spain"),
    "IT": Text("意大利", "Italy"),
}
_CATEGORIES = {
    "beauty": Text("美妆", "beauty"),
    "apparel": Text("服装", "apparel"),
    "home": Text("家居", "home"),
    "3c": Text("3C 配件", "3C accessories"),
    "electronics": Text("3C 配件", "electronics"),
    "food": Text("食品", "food"),
    "toys": Text("玩具", "toys"),
}
_STAGES = {
    "test": Text("测试期", "test stage"),
    "growth": Text("成长期", "growth stage"),
    "mature": Text("成熟期", "mature stage"),
    "shop": Text("店铺级", "shop level"),
    "store": Text("店铺级", "shop level"),
    "team": Text("团队级", "team level"),
    "person": Text("个人级", "person level"),
}


def _known(words: Mapping[str, Text], key: str, lang: Lang) -> str:
    text = words.get(key) or words.get(key.upper()) or words.get(key.lower())
    return text(lang) if text else key


def country(key: str, lang: Lang) -> str:
    """Return a country's name by its code; the code itself where we have no name."""
    return _known(_COUNTRIES, key, lang)


def category(key: str, lang: Lang) -> str:
    """Return a category's name; the word of the settings where we have no other."""
    return _known(_CATEGORIES, key, lang)


def stage(key: str, lang: Lang) -> str:
    """Return a stage's or a level's name; the word of the settings where we have no other."""
    return _known(_STAGES, key, lang)


def scope(of: Scope, unit_name: str, lang: Lang) -> str:
    """Return whose range it is: "UK beauty, growth stage"; empty for everybody's."""
    if of.unit:
        return unit_name
    joint = "" if lang == "zh" else " "
    place = joint.join(
        name for name in (country(of.country, lang), category(of.category, lang)) if name
    )
    rest = [_known(_STAGES, key, lang) for key in (of.stage, of.level) if key]
    return ("" if lang == "zh" else ", ").join(part for part in (place, *rest) if part)
