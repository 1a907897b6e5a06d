"""The few words that only Slack's own furniture needs: what was left out, modals, dialogs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.book.rows import Lang

_WORDS: dict[str, dict[Lang, str]] = {
    "more_rows": {"zh": "另有 {n} 行未列出", "en": "{n} more rows not shown"},
    "more_parts": {"zh": "另有 {n} 段放不下", "en": "{n} more parts did not fit"},
    "no_data": {"zh": "没有数据", "en": "no data"},
    "not_drawn": {"zh": "图中未画", "en": "not drawn"},
    "earlier": {"zh": "更早的 {n} 个", "en": "{n} earlier ones"},
    "further": {"zh": "其余 {n} 个", "en": "{n} further ones"},
    "colon": {"zh": "：", "en": ": "},
    "yes": {"zh": "确定", "en": "Yes"},
    "cancel": {"zh": "取消", "en": "Cancel"},
    "too_short": {"zh": "请写一两句话（至少两个字）。", "en": "Please write a few words."},
}


def word(key: str, lang: Lang, **values: object) -> str:
    """Return one of Slack's own words in a language."""
    return _WORDS[key][lang].format(**values)
