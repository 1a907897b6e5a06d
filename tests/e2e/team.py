"""A team with one channel on a chat server, and the bot that serves it as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import tomlkit

from bot import clock
from bot.app import open_desk
from bot.commandline import settings_in
from bot.morning import compose
from storage.example import LAST_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.chat import Platform

ZONE = "Asia/Shanghai"
LATE = timedelta(minutes=20)
"""So late is a digest that it says so, and not so late that it is skipped."""
SHOPS = ("uk-beauty", "us-apparel")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OWN = ("SLACK_", "FEISHU_", "LOUDOU_")
"""How the settings begin that a machine's environment must not bring into a test."""


COMPILED = Path(tempfile.gettempdir()) / "loudou-compiled"


@dataclass
class BotProcess:
    """The bot in a folder of its own: its commands, its running, its log."""

    home: Path
    log: Path
    due: datetime
    """When today's digest was due, by the channel's clock."""
    process: subprocess.Popen[bytes] | None = None

    def command(self, *words: str) -> tuple[int, str]:
        """Run a command to its end; return its exit code and what it printed."""
        done = subprocess.run(
            self._words(*words),
            check=False,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        with self.log.open("a", encoding="utf-8") as log:
            log.write(done.stdout)
        return done.returncode, done.stdout

    def start(self) -> None:
        """Let it run in the background and wait until it listens."""
        before = self.said().count("running: ")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._words("run"), env=_environment(), stdout=log, stderr=log
            )
        end = time.monotonic() + 40
        while self.said().count("running: ") == before:
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def stop(self) -> tuple[int, float]:
        """End it as a supervisor does; return its exit code and the seconds that it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        self.process = None
        return code, time.monotonic() - began

    def said(self) -> str:
        """Return the log so far."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def _words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "bot", *words, "--home", str(self.home)]


def _environment() -> dict[str, str]:
    """Return the machine's environment without settings of the bot.

    What Python compiles is kept, so that each new process starts in half the time.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "PYTHONPYCACHEPREFIX": str(COMPILED)}


@contextmanager
def bot(
    home: Path,
    platform: Platform,
    channel: str,
    users: Mapping[str, str],
    settings: Mapping[str, str],
    *,
    lang: str = "en",
) -> Iterator[BotProcess]:
    """Give the bot of a team whose one channel is on a server; it is ended in any case.

    `users` are the platform's ids by the person's key, `settings` is what stands in .env.
    """
    due = clock.now().astimezone(ZoneInfo(ZONE)) - LATE
    write(home, platform, channel, users, lang, due)
    lines = [f"{name}={value}\n" for name, value in settings.items()]
    secrets = home / ".env"
    secrets.touch(mode=0o600)
    secrets.write_text("".join(lines), encoding="utf-8")
    running = BotProcess(home, home / "bot.log", due)
    try:
        yield running
    finally:
        running.kill()


def write(
    home: Path,
    platform: Platform,
    channel: str,
    users: Mapping[str, str],
    lang: str,
    due: datetime,
) -> None:
    """Bind the example's team in a folder to a channel whose digest was due at a moment."""
    path = home / "loudou.toml"
    team = tomlkit.parse(path.read_text(encoding="utf-8"))
    for person in team["person"]:
        if person["key"] in users:
            person[platform] = users[person["key"]]
    row = {
        "key": "standup",
        "platform": platform,
        "id": channel,
        "shops": list(SHOPS),
        "lang": lang,
        "zone": ZONE,
        "digest": f"{due:%H:%M}",
        "days": list(WEEK),
        "weekly": WEEK[(due.weekday() + 3) % 7],
        "quiet_from": "00:00",
        "quiet_to": "00:00",
    }
    rows = tomlkit.aot()
    rows.append(tomlkit.item(row))
    team["channel"] = rows
    path.write_text(tomlkit.dumps(team), encoding="utf-8")


def leave_example_unsent(home: Path) -> None:
    """Leave the example's last day judged and worded, as a bot does that ends before it is sent."""
    desk = open_desk(settings_in(home))
    with closing(desk.store):
        channel, now, posting = desk.team.channel[0], clock.now(), LAST_DAY + timedelta(1)
        run = desk.ledger.claim("digest", f"{channel.key}:{posting.isoformat()}", now)
        assert run is not None
        made = compose(desk, channel, posting, now, day=LAST_DAY)
        assert desk.ledger.finish(
            run, now, posts=made.posts, told=made.told, findings=made.findings
        )


def example_morning() -> tuple[str, ...]:
    """Return the command that tells the example's last day."""
    return "morning", "--day", LAST_DAY.isoformat(), "--channel", "standup"
