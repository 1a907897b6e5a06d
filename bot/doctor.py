"""Looks at everything that a bot needs before its first morning; each fault with its remedy."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from bot import clock, sourcing
from bot.chat import ChatError, Check
from bot.commandline import as_json as print_json
from bot.commandline import known_errors, settings_in, tell
from bot.settings import secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.desk import Desk
    from bot.settings import Settings
    from bot.team import Team

T = TypeVar("T")
AHEAD = timedelta(days=120)


def run(home: Path, *, as_json: bool = False) -> int:
    """Print every check; 0 when all is well, 1 when something is not."""
    checks = list(examine(home))
    if as_json:
        print_json(
            [
                {"name": one.name, "ok": one.ok, "detail": one.detail, "remedy": one.remedy}
                for one in checks
            ]
        )
    else:
        for one in checks:
            tell(f"{'✓' if one.ok else '✗'} {one.name}{f': {one.detail}' if one.detail else ''}")
            if not one.ok and one.remedy:
                tell(f"    → {one.remedy}")
        wrong = sum(not one.ok for one in checks)
        tell("All is well." if not wrong else f"{wrong} to mend.")
    return int(any(not one.ok for one in checks))


def examine(home: Path) -> Iterator[Check]:
    """Yield the checks in the order in which they should be mended."""
    from bot.team import read

    settings, fault = _try("settings", lambda: settings_in(home))
    yield fault or Check("settings", ok=True, detail=str(home / ".env"))
    if settings is None:
        return
    team, fault = _try("team", lambda: read(settings.loudou_team))
    yield fault or Check(
        "team",
        ok=True,
        detail=f"{settings.loudou_team}: {len(team.shop) if team else 0} shops, "
        f"{len(team.channel) if team else 0} channels, {len(team.person) if team else 0} people",
    )
    if team is None:
        return
    yield from _team(team)
    yield from sourcing.examine(team, settings, clock.now())
    open_ = tuple(
        row for row in team.source if row.kind == "sheet" or sourcing.address(row, settings)
    )
    yield from _desk(settings, team.model_copy(update={"source": open_}))
    yield from _chats(settings, team)


def _try(name: str, work: Callable[[], T]) -> tuple[T | None, Check | None]:
    try:
        return work(), None
    except known_errors() as error:
        return None, Check(name, ok=False, detail=str(error), remedy="mend the setting named above")


def _team(team: Team) -> Iterator[Check]:
    if not team.shop:
        yield Check("shops", ok=False, detail="none", remedy="add a [[shop]] to loudou.toml")
    if not team.channel:
        yield Check("channels", ok=False, detail="none", remedy="add a [[channel]] to loudou.toml")
    needed = {row.currency for row in team.shop} - {team.team.currency, *team.team.rates}
    yield Check(
        "currencies",
        ok=not needed,
        detail=", ".join(sorted(needed)) or f"all in {team.team.currency}",
        remedy=f"add them to [team.rates]: what one is worth in {team.team.currency}",
    )
    for row in team.channel:
        field = row.platform
        silent = [
            one.name for one in team.person if field != "console" and not getattr(one, field, "")
        ]
        yield Check(
            f"people in {row.key}",
            ok=not silent,
            detail=f"without an id: {', '.join(silent)}" if silent else "all can be mentioned",
            remedy=f"set `{field}` for them in loudou.toml, else alerts name them but do not ping",
        )


def _desk(settings: Settings, team: Team) -> Iterator[Check]:
    from bot.app import open_desk

    desk, fault = _try("database and rows", lambda: open_desk(settings, team))
    if fault or desk is None:
        yield fault or Check("database", ok=False)
        return
    kind = secret(settings.loudou_database_url).split(":", maxsplit=1)[0]
    yield Check("database", ok=True, detail=f"{kind}, tables up to date")
    yield Check(
        "rows", ok=True, detail=f"{len(desk.book.metrics)} metrics, {len(desk.book.ranges)} ranges"
    )
    yield from _calendar(desk)
    yield from _figures(desk)
    desk.store.close()


def _calendar(desk: Desk) -> Iterator[Check]:
    until = clock.now().date() + AHEAD
    for country in sorted({row.country for row in desk.team.shop}):
        known = max(
            (row.last for row in desk.book.calendar if country in row.countries), default=None
        )
        yield Check(
            f"calendar {country}",
            ok=known is not None and known >= until,
            detail=f"known until {known}" if known else "no row",
            remedy="add the coming holidays and campaigns to calendar.toml in LOUDOU_BOOK",
        )


def _figures(desk: Desk) -> Iterator[Check]:
    for shop in desk.team.shops():
        last = desk.store.latest_day((shop.key,))
        yield Check(
            f"figures of {shop.key}",
            ok=last is not None,
            detail=f"until {last}" if last else "none yet",
            remedy="loudou import FILE…, or put exports into the folder of a [[source]]",
        )


def _chats(settings: Settings, team: Team) -> Iterator[Check]:
    from bot.app import open_chats

    chats, fault = _try("chats", lambda: open_chats(settings, team))
    if fault or chats is None:
        yield fault or Check("chats", ok=False)
        return
    for platform, chat in chats.items():
        channels = tuple(row.id for row in team.channel if row.platform == platform)
        try:
            yield from chat.check(channels)
        except ChatError as error:
            yield Check(platform, ok=False, detail=str(error), remedy="see the reason above")
        chat.stop()
    if os.name == "posix" and (settings.loudou_team.parent / ".env").exists():
        mode = (settings.loudou_team.parent / ".env").stat().st_mode & 0o077
        yield Check(".env is private", ok=not mode, remedy="chmod 600 .env")
