"""How words get into a Feishu card: the one place where text is escaped and people are pinged."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, assert_never

from bot.card import DOTS, Line, Mention, Span, When, Words
from bot.feishu.limits import SPAN

if TYPE_CHECKING:
    from collections.abc import Callable

    Who = Callable[[Mention], str]
    """Gives a person's open_id, empty when it is not known."""

OPEN_ID = re.compile(r"ou_[A-Za-z0-9_-]{1,64}")
ALWAYS = re.compile(r"[&<>*_~`\[\]\\#|$^{}]")
"""Characters that the platform's Markdown could read as a mark wherever they stand."""
EMOJI_WORD = re.compile(r":(?=[A-Za-z0-9_+-]+:)")
LIST_START = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)]))")
PRIVATE = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\d-])(?!\d{4}-\d\d-\d\d)\+?\d[\d\s()-]{7,}\d"
)
"""E-mail addresses and what looks like a phone number; a date does not."""
THIN = "\u200a"
"""Set around bold words, so that the marks are read beside Chinese punctuation too."""


def clean(text: str) -> str:
    """Return text without control, zero-width and direction marks, as one line, composed (NFC)."""
    spaced = re.sub(r"\s+", " ", text)
    kept = "".join(char for char in spaced if unicodedata.category(char) not in {"Cc", "Cf", "Cs"})
    return unicodedata.normalize("NFC", kept)


def clip(text: str, longest: int) -> str:
    """Return clean text that is not longer than `longest` characters."""
    kept = clean(text)
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def escape(text: str, *, at_start: bool = False) -> str:
    """Return text that Feishu's Markdown shows as it is; the only way for words into a card."""
    safe = ALWAYS.sub(lambda found: f"&#{ord(found[0])};", clip(text, SPAN))
    safe = EMOJI_WORD.sub("&#58;", safe)
    return LIST_START.sub(_plain_start, safe, count=1) if at_start else safe


def _plain_start(found: re.Match[str]) -> str:
    if found[2]:
        return f"{found[1]}&#{ord(found[2])};"
    return f"{found[1]}{found[3]}&#{ord(found[4])};"


def markdown(spans: Line, who: Who) -> str:
    """Return a line as Feishu Markdown; bold spans next to each other share one pair of marks."""
    runs: list[tuple[bool, str]] = []
    for span in spans:
        bold, text = _span(span, who, at_start=not runs)
        if runs and runs[-1][0] == bold:
            runs[-1] = (bold, runs[-1][1] + text)
        else:
            runs.append((bold, text))
    shown = ""
    for place, (bold, text) in enumerate(runs):
        after = runs[place + 1][1] if place + 1 < len(runs) else ""
        shown += _bold(text, shown[-1:], after[:1]) if bold else text
    return shown


def _span(span: Span, who: Who, *, at_start: bool) -> tuple[bool, str]:
    match span:
        case Words(text=text, bold=bold, light=light):
            dot = f"{DOTS[light]} " if light else ""
            return bold, dot + escape(text, at_start=at_start and not (dot or bold))
        case Mention(name=name):
            person = who(span)
            return False, f"<at id={person}></at>" if OPEN_ID.fullmatch(
                person
            ) else f"@{escape(name)}"
        case When(epoch=epoch):
            moment = (
                f'<local_datetime millisecond="{epoch * 1000}" format_type="{{}}"></local_datetime>'
            )
            return False, f"{moment.format('date_num')} {moment.format('time')}"
        case _:
            assert_never(span)


def _bold(text: str, before: str, after: str) -> str:
    """Return text in bold; a mark between a letter and punctuation is only read with a space."""
    inner = text.strip()
    if not inner:
        return text
    head, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    left = THIN if not head and before.isalnum() and not inner[0].isalnum() else head
    right = THIN if not tail and after.isalnum() and not inner[-1].isalnum() else tail
    return f"{left}**{inner}**{right}"


def mask(text: str) -> str:
    """Return text with e-mail addresses and phone numbers blacked out."""
    return PRIVATE.sub("***", text)
