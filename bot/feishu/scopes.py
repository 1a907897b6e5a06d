"""What the Feishu app has to be given in the developer console, as rows with their reason."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

THREAD_SCOPE = "im:message.group_msg"
"""Without it, replies in a group's thread arrive only when they @ the bot."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A scope or an event: its key, whether the bot works without it, and what it is for."""

    key: str
    required: bool
    zh: str
    en: str


@cache
def scopes() -> tuple[Grant, ...]:
    """Return the scopes, the required ones first."""
    return _grants("scope")


@cache
def events() -> tuple[Grant, ...]:
    """Return the events and callbacks to subscribe to."""
    return _grants("event")


def _grants(kind: str) -> tuple[Grant, ...]:
    text = files("bot.feishu").joinpath("scopes.toml").read_text(encoding="utf-8")
    rows: Iterable[dict[str, Any]] = tomllib.loads(text)[kind]
    return tuple(Grant(**row) for row in rows)
