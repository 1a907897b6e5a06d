"""A card as a line of JSON and back, exactly: what the outbox keeps until it is posted."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any

from bot import card
from bot.card import Card

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        card.Words,
        card.Mention,
        card.When,
        card.Paragraph,
        card.Section,
        card.Fact,
        card.Facts,
        card.Table,
        card.Series,
        card.Chart,
        card.Note,
        card.Divider,
        card.Fold,
        card.Button,
        card.Buttons,
        card.Field,
        card.Form,
        card.Card,
    )
}


class CardError(ValueError):
    """A stored card that cannot be read, or a card that cannot be stored; says which part."""


def dumps(message: Card) -> str:
    """Return a card as JSON: one line, the same for equal cards. Raises CardError on NaN."""
    try:
        return json.dumps(
            _data(message),
            ensure_ascii=False,
            allow_nan=False,
            sort_keys=True,
            separators=(",", ":"),
        )
    except ValueError as error:
        raise CardError(f"the card holds a number that is none: {error}") from error


def loads(text: str) -> Card:
    """Return the card that `dumps` wrote. Raises CardError naming the part it does not know."""
    try:
        found = _value(json.loads(text))
    except json.JSONDecodeError as error:
        raise CardError(f"the card is not JSON: {error}") from error
    if not isinstance(found, Card):
        raise CardError(f"this is no card but {type(found).__name__}")
    return found


def _data(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        parts = {part.name: _data(getattr(value, part.name)) for part in fields(value)}
        return {"is": type(value).__name__, **parts}
    if isinstance(value, tuple):
        return [_data(part) for part in value]
    return value


def _value(data: Any) -> Any:
    if isinstance(data, list):
        return tuple(_value(part) for part in data)
    if not isinstance(data, dict):
        return data
    name = data.get("is", "")
    kind = _KINDS.get(name)
    if kind is None:
        raise CardError(f"the card has a part of an unknown kind: {name!r}")
    parts = {key: _value(part) for key, part in data.items() if key != "is"}
    try:
        return kind(**parts)
    except TypeError as error:
        raise CardError(f"the part {name!r} of the card does not fit: {error}") from error
