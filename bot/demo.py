"""A whole morning in the terminal: files in, digest and alerts out, a question, a review."""

from __future__ import annotations

import shutil
import sys
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot import clock
from bot.answering import Answering
from bot.app import open_desk
from bot.chat import Incoming
from bot.commandline import quiet, settings_in, tell, width
from bot.console.chat import ConsoleChat
from bot.deliver import deliver
from bot.importing import take
from bot.init import write_demo
from bot.morning import run
from bot.schedule import Occurrence, wall_clock
from bot.team import TeamError, clock_time
from storage import example

if TYPE_CHECKING:
    from pathlib import Path

    from bot.desk import Desk
    from bot.team import ChannelRow
    from diagnostics.book.rows import Lang

MARK = ".loudou-demo"
"""Only a folder that bears this file is ever emptied."""
LIVE = "live-0312"

WORDS = {
    "zh": {
        "files": "写了 {n} 个导出文件（真实表头），走和你一样的导入：{folder}",
        "rows": "导入 {n} 行，{seconds:.1f} 秒",
        "channel": "—— 群「{name}」，{at} ——",
        "ask": "—— {who} 问：/funnel live-0312 ——",
        "answers": "—— 复盘：两个人在告警下面回复 ——",
        "says": "{who}：{text}",
        "base": "数据库：{path}",
        "next": "接着试：",
        "none": "这一天没有告警，所以没有复盘可看。",
        "first": (
            "假设：视频里说「厚实」，实物偏透",
            "动作：详情页补面料克重和透光实拍，只改这一处",
        ),
    },
    "en": {
        "files": "{n} export files with the real headings, taken in as yours would be: {folder}",
        "rows": "{n} rows imported in {seconds:.1f} s",
        "channel": "—— channel “{name}”, {at} ——",
        "ask": "—— {who} asks: /funnel live-0312 ——",
        "answers": "—— the review: two people reply under the alert ——",
        "says": "{who}: {text}",
        "base": "Database: {path}",
        "next": "Go on with:",
        "none": "No alert that day, so there is no review to show.",
        "first": (
            "Hypothesis: the video promises thick linen, the fabric is see-through",
            "Action: fabric weight and a photo against the light on the page, nothing else",
        ),
    },
}


def show(lang: Lang, day: date | None, home: Path) -> None:
    """Run the morning after `day` (default: the example's last) in a folder of its own."""
    day = day or example.LAST_DAY
    words = WORDS[lang]
    _empty(home)
    write_demo(home, lang)
    desk = _open(home)
    try:
        began = clock.now()
        files = example.write(home / "exports", last_day=day)
        tell(str(words["files"]).format(n=len(files), folder=home / "exports"))
        stage = _Stage(desk, lang, day)
        rows = sum(stage.take(path) for path in files)
        seconds = (clock.now() - began).total_seconds()
        tell(str(words["rows"]).format(n=f"{rows:,}", seconds=seconds))
        stage.play()
        tell(["", str(words["base"]).format(path=home / "loudou.db"), str(words["next"])])
        for command in (
            f'uv run loudou ask "/why {LIVE}" --home {home}',
            f'uv run loudou ask "/trend gmv uk-beauty 30d" --home {home}',
            "uv run loudou init --home my-team",
        ):
            tell(f"  {command}")
    finally:
        desk.store.close()


def _empty(home: Path) -> None:
    if home.exists() and any(home.iterdir()):
        if not (home / MARK).exists():
            raise TeamError((f"{home} is not empty and not a demo; name another with --home",))
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / MARK).touch()


def _open(home: Path) -> Desk:
    settings = settings_in(home)
    quiet(settings)
    return open_desk(settings)


class _Stage:
    """The channel of the example, its people, and the time that stands still there."""

    def __init__(self, desk: Desk, lang: Lang, day: date) -> None:
        self.desk = desk
        self.words = WORDS[lang]
        self.day = day
        self.channel: ChannelRow = desk.team.channel[0]
        posting = day + timedelta(1)
        self.now = wall_clock(posting, clock_time(self.channel.digest), self.channel.zone)
        self.chat = ConsoleChat(
            sys.stdout, sys.stdin, width=width(), color=sys.stdout.isatty(), now=lambda: self.now
        )
        self.answering = Answering(desk, {"console": self.chat}, lambda: self.now, lambda: None)
        self.occurrence = Occurrence("digest", self.channel.key, posting, self.now)

    def take(self, path: Path) -> int:
        """Take a file of the example in, just before the morning; return the new rows."""
        shop = next(one for one in self.desk.team.shops() if one.key == path.parent.name)
        return take(self.desk, path, shop, None, now=self.now).new

    def play(self) -> None:
        """Play the morning."""
        self._head("channel", name=self.channel.key, at=self._at())
        run(self.desk, self.channel, self.occurrence, self.now)
        self._deliver()
        self._head("ask", who=self.desk.team.person[0].name)
        self._say("command", f"/funnel {LIVE}", self.desk.team.person[0].key)
        self._review()

    def _review(self) -> None:
        reviews = self.desk.reviews.list(1, channel=self.channel.id)
        if not reviews:
            tell(["", str(self.words["none"])])
            return
        root = self.desk.ledger.posted(reviews[0].root_key)
        self._head("answers")
        people = list(reviews[0].owners) or [row.key for row in self.desk.team.person]
        names = {row.key: row.name for row in self.desk.team.person}
        for person, text in zip((*people, *names), self.words["first"], strict=False):
            tell(str(self.words["says"]).format(who=names[person], text=text))
            self._say("reply", text, person, thread=root.message if root else "")
        self._deliver()

    def _say(self, kind: str, text: str, user: str, thread: str = "") -> None:
        self.now += timedelta(minutes=4)
        number = f"{kind}-{self.now.isoformat()}"
        self.answering(
            Incoming(
                kind="reply" if kind == "reply" else "command",
                id=number,
                platform="console",
                channel=self.channel.id,
                user=user,
                at=self.now,
                text=text,
                message=number,
                thread=thread,
            )
        )

    def _deliver(self) -> None:
        while deliver(self.desk.ledger, {"console": self.chat}, lambda: self.now):
            pass

    def _head(self, key: str, **values: str) -> None:
        tell(["", str(self.words[key]).format(**values), ""])

    def _at(self) -> str:
        local: datetime = self.now.astimezone(ZoneInfo(self.channel.zone))
        return f"{local:%Y-%m-%d %H:%M}"
