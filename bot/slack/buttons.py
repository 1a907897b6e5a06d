"""Buttons: three in sight, the rest behind the overflow, each with the ids that it acts on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.slack import limits
from bot.slack.forms import OPENS, Asked, pack
from bot.slack.text import raw
from bot.slack.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.card import Button, Form
    from diagnostics.book.rows import Lang

Json = dict[str, Any]

OVERFLOW = "overflow"
AGAIN = "#"
"""Stands before the number of an id that occurs more than once in a message."""


@dataclass(slots=True)
class Press:
    """Gives every button of a message an id of its own."""

    used: Counter[str] = field(default_factory=Counter)

    def id(self, action: str) -> str:
        """Return `action`, numbered from the second time on."""
        self.used[action] += 1
        number = self.used[action]
        return action if number == 1 else f"{action}{AGAIN}{number}"


def pressed(action_id: str) -> str:
    """Return the action that `Press.id` numbered."""
    return action_id.partition(AGAIN)[0]


def _plain(text: str, limit: int) -> Json:
    shown = raw(text).strip() or "–"
    shown = shown if len(shown) <= limit else shown[: limit - 1] + "…"
    return {"type": "plain_text", "text": shown, "emoji": True}


def _button(button: Button, press: Press, lang: Lang) -> Json:
    made: Json = {
        "type": "button",
        "action_id": press.id(button.action),
        "text": _plain(button.label, limits.BUTTON_TEXT),
        "value": button.value[: limits.BUTTON_VALUE],
    }
    if not button.value:
        del made["value"]
    if button.style != "default":
        made["style"] = button.style
    if button.confirm:
        made["confirm"] = {
            "title": _plain(button.label, limits.CONFIRM_TITLE),
            "text": _plain(button.confirm, limits.CONFIRM_TEXT),
            "confirm": _plain(word("yes", lang), limits.CONFIRM_WORD),
            "deny": _plain(word("cancel", lang), limits.CONFIRM_WORD),
        }
    return made


def choice(button: Button) -> str:
    """Return a button as the value of an overflow's option."""
    return f"{button.action} {button.value}".rstrip()


def chosen(value: str) -> tuple[str, str]:
    """Return the action and the value that `choice` put together."""
    action, _, rest = value.partition(" ")
    return action, rest


def _in_sight(items: Sequence[Button]) -> list[int]:
    """Return the places of the buttons in sight.

    The first three, but one that asks back, or whose ids are too long for the overflow, can
    only be in sight, and takes the place of one that need not be.
    """
    must = [
        place
        for place, button in enumerate(items)
        if button.confirm or len(choice(button)) > limits.OPTION_VALUE
    ]
    free = [place for place in range(len(items)) if place not in must]
    fewest = max(limits.VISIBLE_BUTTONS - len(must), len(free) - limits.OVERFLOW, 0)
    return sorted([*must, *free[:fewest]])


def row(items: Sequence[Button], press: Press, lang: Lang) -> list[Json]:
    """Return the block with a card's buttons; nothing when there are none."""
    if not items:
        return []
    in_sight = _in_sight(items)
    elements = [_button(items[place], press, lang) for place in in_sight]
    hidden = [button for place, button in enumerate(items) if place not in in_sight]
    if hidden:
        options = [
            {"text": _plain(button.label, limits.OPTION_TEXT), "value": choice(button)}
            for button in hidden
        ]
        elements.append({"type": "overflow", "action_id": press.id(OVERFLOW), "options": options})
    return [
        {"type": "actions", "elements": elements[start : start + limits.BUTTONS]}
        for start in range(0, len(elements), limits.BUTTONS)
    ]


def opener(form: Form, title: str, press: Press, lang: Lang) -> list[Json]:
    """Return the button that opens a form."""
    button = {
        "type": "button",
        "action_id": press.id(f"{OPENS}{form.action}"),
        "text": _plain(form.submit, limits.BUTTON_TEXT),
        "value": pack(Asked(form, title, lang)),
        "style": "primary",
    }
    return [{"type": "actions", "elements": [button]}]
