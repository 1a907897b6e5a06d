"""What the commands of the command line share: where things lie, how an answer is printed."""

from __future__ import annotations

import json
import logging
import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr, ValidationError

from bot.settings import Settings, secret
from bot.team import TeamError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from bot.card import Card
    from bot.desk import Desk
    from bot.team import Team
    from storage.sources import Note, Shop

SQLITE = "sqlite:///"


def known_errors() -> tuple[type[Exception], ...]:
    """Return the errors whose text is a sentence for people."""
    from bot.chat import Refused
    from diagnostics.book.rows import BookError
    from storage.engine import StoreError
    from storage.sources import SourceError

    return (TeamError, BookError, StoreError, SourceError, Refused)


def settings_in(home: Path) -> Settings:
    """Return the settings with .env, team file and SQLite file looked for in a folder."""
    try:
        settings = Settings(_env_file=home / ".env")
    except ValidationError as error:
        raise TeamError(
            tuple(
                f"{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()
            )
        ) from None
    url = secret(settings.loudou_database_url)
    path = url.removeprefix(SQLITE)
    if url.startswith(SQLITE) and path and not path.startswith("/"):
        url = f"{SQLITE}{(home / path).absolute()}"
    return settings.model_copy(
        update={
            "loudou_team": home / settings.loudou_team,
            "loudou_database_url": SecretStr(url),
        }
    )


def open_home(home: Path) -> tuple[Settings, Desk]:
    """Return settings and desk of a folder."""
    from bot.app import open_desk

    settings = settings_in(home)
    quiet(settings)
    return settings, open_desk(settings)


def quiet(settings: Settings) -> None:
    """Set up the log: ours as wanted, the libraries' from warnings on, and no secret in it."""
    from bot.redact import Redact

    level = settings.loudou_log.upper()
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(Redact(settings))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("loudou").setLevel(
        level if level in logging.getLevelNamesMapping() else "INFO"
    )


def show(card: Card, *, as_json: bool = False) -> None:
    """Print a card as the channel would show it, or as JSON."""
    if as_json:
        from bot.cardjson import dumps

        sys.stdout.write(dumps(card) + "\n")
        return
    from bot.console.render import render

    sys.stdout.write(render(card, width(), color=sys.stdout.isatty()) + "\n")


def width() -> int:
    """Return how wide the terminal is, within what is pleasant to read."""
    return max(48, min(100, shutil.get_terminal_size((100, 24)).columns))


def tell(rows: Iterable[str] | str) -> None:
    """Print lines."""
    for row in [rows] if isinstance(rows, str) else rows:
        sys.stdout.write(row + "\n")


def as_json(value: Any) -> None:
    """Print a value as JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def noted(note: Note, lang: str) -> str:
    """Return a note as a line: where, then what."""
    text = note.text_zh if lang == "zh" else note.text_en
    row = f":{note.row}" if note.row is not None else ""
    column = f" [{note.column}]" if note.column else ""
    mark = {"info": "·", "warning": "!", "error": "✗"}[note.level]
    where = "" if note.file in text and not row else f"{note.file}{row}{column}: "
    return f"{mark} {where}{text}"


def note_json(note: Note) -> Mapping[str, Any]:
    """Return a note for programs."""
    return {
        "level": note.level,
        "file": note.file,
        "row": note.row,
        "column": note.column,
        "en": note.text_en,
        "zh": note.text_zh,
    }


def only(team: Team, channel: str) -> Team:
    """Return a team with one channel only; raises TeamError when there is no such channel."""
    rows = tuple(row for row in team.channel if row.key == channel)
    if not rows:
        keys = ", ".join(row.key for row in team.channel) or "none"
        raise TeamError((f"there is no channel {channel!r}; the channels are {keys}",))
    return team.model_copy(update={"channel": rows})


def only_shop(team: Team, key: str) -> Shop:
    """Return one of the team's shops; raises TeamError when there is no such shop."""
    for shop in team.shops():
        if shop.key == key:
            return shop
    keys = ", ".join(row.key for row in team.shop) or "none"
    raise TeamError((f"--shop: there is no shop {key!r}; the shops are {keys}",))


def with_channel(desk: Desk, channel: str) -> Desk:
    """Return a desk that serves one channel only; all without a name."""
    return replace(desk, team=only(desk.team, channel)) if channel else desk
