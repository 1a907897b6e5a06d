"""What can be run by hand: a morning now, and a question as the chat would answer it."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import clock
from bot.asking import REGISTRY, answer
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
    from typing import TextIO

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
    with closing(desk.store):
        desk = with_channel(desk, channel)
        if not desk.team.channel:
            raise TeamError((f"{settings.loudou_team}: there is no [[channel]] yet",))
        now = clock.now()
        shops = [key for row in desk.team.channel for key in row.shops]
        gather(desk, [day] if day else desk.closed_days(shops, now), now)
        done = [_one(desk, row, day, now, dry_run=dry_run) for row in desk.team.channel]
        if as_json:
            rows = zip(desk.team.channel, done, strict=True)
            print_json([_json(row, made) for row, made in rows])
        if dry_run:
            if not as_json:
                _show(done)
            return 0
        _send(desk, settings, sys.stderr if as_json else sys.stdout)
        if not as_json:
            _tell(desk, done)
        lost = [post for made in done if made for post in made.posts if not _over(desk, post.key)]
    if lost:
        sys.stderr.write(f"{len(lost)} messages are not posted; the reasons stand above\n")
    return int(bool(lost))


def _show(done: list[Morning | None]) -> None:
    for made in done:
        for post in made.posts if made else ():
            show(loads(post.card))


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
    finished = desk.ledger.finish(
        claimed,
        now,
        snapshot=dumps(made.digest),
        posts=made.posts,
        outcome="by_hand",
        told=made.told,
        findings=made.findings,
    )
    return made if finished else None


def _send(desk: Desk, settings: Settings, out: TextIO) -> None:
    from bot.app import open_chats

    chats = open_chats(settings, desk.team, out)
    while deliver(desk.ledger, chats, clock.now):
        pass
    for chat in chats.values():
        chat.stop()


def _over(desk: Desk, key: str) -> bool:
    """Say whether a message is posted, or will be when its time comes."""
    posted = desk.ledger.posted(key)
    return posted is None or posted.state in {"sent", "ready"}


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
    settings, desk = open_home(home)
    with closing(desk.store):
        rows = with_channel(desk, channel).team.channel if channel else ()
        shops = rows[0].shops if rows else tuple(row.key for row in desk.team.shop)
        if not shops:
            raise TeamError((f"{settings.loudou_team}: there is no [[shop]] yet",))
        voice = desk.voice(lang or (rows[0].lang if rows else None))
        card = answer(Ask(desk, voice, shops, (), clock.now(), channel), text)
        show(card, as_json=as_json)
    return int(REGISTRY.find(text)[0] is None)
