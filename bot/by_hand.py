"""What can be run by hand: a morning now, and a question as the chat would answer it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import clock
from bot.asking import answer
from bot.cardjson import dumps, loads
from bot.commandline import as_json as print_json
from bot.commandline import open_home, show, tell, with_channel
from bot.commands import Ask
from bot.deliver import deliver
from bot.morning import compose, gather
from bot.team import TeamError

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from bot.desk import Desk
    from bot.morning import Morning
    from bot.settings import Settings
    from bot.team import ChannelRow
    from diagnostics.book.rows import Lang


def morning(
    home: Path, channel: str, day: date | None, *, dry_run: bool = False, as_json: bool = False
) -> int:
    """Run the morning of one channel or all, once for each business day."""
    settings, desk = open_home(home)
    desk = with_channel(desk, channel)
    if not desk.team.channel:
        raise TeamError((f"{settings.loudou_team}: there is no [[channel]] yet",))
    now = clock.now()
    gather(desk, day, now)
    done = [_one(desk, row, day, now, dry_run=dry_run) for row in desk.team.channel]
    if as_json:
        print_json([_json(row, made) for row, made in zip(desk.team.channel, done, strict=True)])
    elif dry_run:
        for made in done:
            for post in made.posts if made else ():
                show(loads(post.card))
    if not dry_run:
        _send(desk, settings)
        if not as_json:
            _tell(desk, done)
    desk.store.close()
    return 0


def _one(
    desk: Desk, row: ChannelRow, day: date | None, now: datetime, *, dry_run: bool
) -> Morning | None:
    """Compose a channel's morning and hand it over; None when it was told before."""
    judged = day or max(desk.closed_days(row.shops, now))
    posting = judged + timedelta(1)
    if dry_run:
        return compose(desk, row, posting, now, day=day, dry=True)
    claimed = desk.ledger.claim("digest", f"{row.key}:{posting.isoformat()}", now)
    if claimed is None:
        return None
    made = compose(desk, row, posting, now, day=day)
    desk.ledger.finish(
        claimed,
        now,
        snapshot=dumps(made.digest),
        posts=made.posts,
        outcome="by_hand",
        told=made.told,
        findings=made.findings,
    )
    return made


def _send(desk: Desk, settings: Settings) -> None:
    from bot.app import open_chats

    chats = open_chats(settings, desk.team)
    while deliver(desk.ledger, chats, clock.now):
        pass
    for chat in chats.values():
        chat.stop()


def _tell(desk: Desk, done: list[Morning | None]) -> None:
    for row, made in zip(desk.team.channel, done, strict=True):
        if made is None:
            tell(f"{row.key}: told before; nothing is posted twice (see it with --dry-run)")
        else:
            tell(f"{row.key}: {made.digest.summary}")


def _json(row: ChannelRow, made: Morning | None) -> dict[str, object]:
    return {
        "channel": row.key,
        "told_before": made is None,
        "summary": made.digest.summary if made else None,
        "posts": [post.key for post in made.posts] if made else [],
        "findings": [asdict(one) for one in made.findings] if made else [],
    }


def ask(home: Path, text: str, channel: str, lang: Lang | None, *, as_json: bool = False) -> int:
    """Answer a command; 1 when it was not understood."""
    _settings, desk = open_home(home)
    rows = with_channel(desk, channel).team.channel if channel else ()
    shops = rows[0].shops if rows else tuple(row.key for row in desk.team.shop)
    voice = desk.voice(lang or (rows[0].lang if rows else None))
    card = answer(Ask(desk, voice, shops, (), clock.now(), channel), text)
    show(card, as_json=as_json)
    desk.store.close()
    return int(card.state == "grey" and not card.blocks)
