"""Forms: a button that carries its questions, the modal that asks them, the answers that come.

A modal can only be opened by a click, and what the click needs to know travels in the button
itself, so that it works after a restart and on every replica.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.card import Field, Form
from bot.slack import limits
from bot.slack.text import raw
from bot.slack.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.book.rows import Lang

OPENS = "form/"
"""How the id of a button begins that opens a form."""
CALLBACK = "form"
ANSWER = "answer"
SHORT_LABEL = 40
FEWEST_LETTERS = 2
"""A required answer shorter than this says nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A form with its title and language, as it travels in a button's value."""

    form: Form
    title: str
    lang: Lang


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form was opened: the card's message and its thread."""

    channel: str
    message: str
    thread: str


def pack(asked: Asked) -> str:
    """Return a form as a button's value; hints go first when it is too long, then long labels."""
    plain = replace(asked.form, fields=tuple(replace(f, hint="") for f in asked.form.fields))
    short = replace(plain, fields=tuple(_shortened(field) for field in plain.fields))
    for form in (asked.form, plain, short):
        value = _dump(replace(asked, form=form))
        if len(value) <= limits.BUTTON_VALUE:
            return value
    raise ValueError(
        f"the form {asked.form.action!r} asks too much for one Slack button "
        f"({limits.BUTTON_VALUE} characters): ask fewer questions or offer fewer choices"
    )


def _shortened(field: Field) -> Field:
    options = tuple((value, label[:SHORT_LABEL]) for value, label in field.options)
    return replace(field, label=field.label[:SHORT_LABEL], options=options)


def _dump(asked: Asked) -> str:
    form = asked.form
    fields = [
        [f.name, f.label, f.hint, int(f.required), int(f.multiline), [list(o) for o in f.options]]
        for f in form.fields
    ]
    data = [form.action, form.value, form.submit, asked.title[:60], asked.lang, fields]
    packed = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return packed.replace("<", "\\u003c")  # still the same JSON, but nothing looks like a ping


def unpack(value: str) -> Asked:
    """Return the form that `pack` wrote; ValueError when it is none of ours."""
    try:
        action, subject, submit, title, lang, rows = json.loads(value)
        fields = tuple(
            Field(name, label, hint, tuple((v, t) for v, t in options), bool(required), bool(many))
            for name, label, hint, required, many, options in rows
        )
    except (TypeError, ValueError) as error:
        raise ValueError("the button carries no form") from error
    return Asked(Form(action, subject, fields, submit), title, _lang(lang))


def _lang(text: str) -> Lang:
    return "zh" if text == "zh" else "en"


def _plain(text: str, limit: int) -> dict[str, Any]:
    shown = raw(text) or "–"
    shown = shown if len(shown) <= limit else shown[: limit - 1] + "…"
    return {"type": "plain_text", "text": shown}


def _input(field: Field) -> dict[str, Any]:
    element: dict[str, Any]
    if field.options:
        options = [
            {"text": _plain(label, limits.OPTION_TEXT), "value": value[: limits.OPTION_VALUE]}
            for value, label in field.options[: limits.OPTIONS]
        ]
        element = {"type": "static_select", "action_id": ANSWER, "options": options}
    else:
        element = {
            "type": "plain_text_input",
            "action_id": ANSWER,
            "multiline": field.multiline,
            "max_length": limits.NOTE_LENGTH,
        }
        if field.hint:
            element["placeholder"] = _plain(field.hint, limits.PLACEHOLDER)
    return {
        "type": "input",
        "block_id": field.name,
        "optional": not field.required,
        "label": _plain(field.label, limits.LABEL),
        "element": element,
    }


def modal(asked: Asked, place: Place) -> dict[str, Any]:
    """Return the view that asks a form's questions."""
    form = asked.form
    notes = [f.name for f in form.fields if f.required and not f.options]
    state = [form.action, form.value, asked.lang, place.channel, place.message, place.thread, notes]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": json.dumps(state, ensure_ascii=False, separators=(",", ":")),
        "title": _plain(asked.title, limits.MODAL_TITLE),
        "submit": _plain(form.submit, limits.MODAL_TITLE),
        "close": _plain(word("cancel", asked.lang), limits.MODAL_TITLE),
        "blocks": [_input(field) for field in form.fields[: limits.MODAL_BLOCKS]],
    }


@dataclass(frozen=True, slots=True)
class Submitted:
    """What somebody wrote into a form; `faults` holds a sentence per field that is too short."""

    action: str
    value: str
    place: Place
    answers: Mapping[str, str]
    faults: Mapping[str, str]


def submitted(view: Mapping[str, Any]) -> Submitted:
    """Read a submitted view; ValueError when it is none of ours."""
    try:
        state = json.loads(view["private_metadata"])
        action, value, lang, channel, message, thread, notes = state
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("the view carries no form") from error
    answers = {
        name: _answer(next(iter(inputs.values()), {}))
        for name, inputs in view.get("state", {}).get("values", {}).items()
    }
    faults = {
        name: word("too_short", _lang(lang))
        for name in notes
        if len(answers.get(name, "")) < FEWEST_LETTERS
    }
    return Submitted(action, value, Place(channel, message, thread), answers, faults)


def _answer(given: Mapping[str, Any]) -> str:
    chosen: Mapping[str, Any] | None = given.get("selected_option")
    text = chosen.get("value") if chosen else given.get("value")
    return str(text or "").strip()
