"""How questions that are answered together look in Feishu: a form with a button to send it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.feishu import limits
from bot.feishu.parts import plain_text
from bot.feishu.text import escape

if TYPE_CHECKING:
    from bot.card import Field, Form


def form_element(form: Form, place: int) -> dict[str, Any]:
    """Return the form; each answer comes back under its field's name."""
    elements = [part for one in form.fields for part in _field(one)]
    send = {
        "tag": "button",
        "name": f"send{place}",
        "text": plain_text(form.submit),
        "type": "primary_filled",
        "form_action_type": "submit",
        "behaviors": [{"type": "callback", "value": {"action": form.action, "value": form.value}}],
    }
    return {"tag": "form", "name": f"form{place}", "elements": [*elements, send]}


def _field(field: Field) -> list[dict[str, Any]]:
    label = {"tag": "markdown", "content": f"**{escape(field.label)}**"}
    return [label, _choice(field) if field.options else _text(field)]


def _text(field: Field) -> dict[str, Any]:
    element: dict[str, Any] = {
        "tag": "input",
        "name": field.name,
        "required": field.required,
        "input_type": "multiline_text" if field.multiline else "text",
        "max_length": limits.ANSWER,
        "width": "fill",
    }
    if field.multiline:
        element["rows"] = 2
    if field.hint:
        element["placeholder"] = plain_text(field.hint)
    return element


def _choice(field: Field) -> dict[str, Any]:
    return {
        "tag": "select_static",
        "name": field.name,
        "required": field.required,
        "width": "fill",
        "placeholder": plain_text(field.hint or field.label),
        "options": [{"text": plain_text(label), "value": value} for value, label in field.options],
    }
