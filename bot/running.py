"""The running bot: what arrives is kept, worked on and answered; what is due is posted."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot import clock, inbox
from bot.answering import Answering
from bot.chat import ChatError, Refused
from bot.deliver import deliver
from bot.healing import heal
from bot.round import Round

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from apscheduler.schedulers.background import BackgroundScheduler

    from bot.chat import Chat, Incoming
    from bot.desk import Desk
    from bot.http import Door

log = logging.getLogger("loudou")

ROUND_SECONDS = 5
"""How often the clock is asked what is due; it is the database that knows what ran."""
LISTEN_SECONDS = 30
"""How long after a failure a chat is asked again to be listened to."""
HEAL_SECONDS = 600
PATIENCE = 10
"""Seconds that a loop has to come to its end."""


@dataclass
class Bot:
    """Loops over inbox, outbox and clock; the database holds everything that must not be lost."""

    desk: Desk
    chats: Mapping[str, Chat]
    doors: Mapping[str, Door]
    """Path → WSGI application; without any there is no web server."""
    port: int
    stopping: threading.Event = field(default_factory=threading.Event)
    _arrived: threading.Event = field(default_factory=threading.Event)
    _outgoing: threading.Event = field(default_factory=threading.Event)
    _deaf: dict[str, Chat] = field(default_factory=dict)

    def hear(self, incoming: Incoming) -> None:
        """Keep what arrived and return at once."""
        if inbox.keep(self.desk.ledger, incoming, clock.now()):
            self._arrived.set()

    def healthy(self) -> bool:
        """Say whether every chat can hear."""
        return not self._deaf and all(chat.healthy() for chat in self.chats.values())

    def run(self) -> None:
        """Run until `stopping` is set; raises Refused when no chat at all can be listened to."""
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415  slow to import

        ledger = self.desk.ledger
        answering = Answering(self.desk, self.chats, clock.now, self._outgoing.set)
        due = Round(self.desk, self._outgoing.set)
        with ExitStack() as ends:
            ends.callback(self._silence)
            self._loop(
                ends, "inbox", self._arrived, lambda: inbox.work(ledger, answering, clock.now)
            )
            self._loop(
                ends, "outbox", self._outgoing, lambda: deliver(ledger, self.chats, clock.now)
            )
            self._serve(ends)
            self._deaf = dict(self.chats)
            self._listen()
            alarm = BackgroundScheduler(timezone="UTC")
            self._every(alarm, ROUND_SECONDS, "round", lambda: due(clock.now()))
            self._every(alarm, LISTEN_SECONDS, "listen", self._listen)
            self._every(alarm, HEAL_SECONDS, "heal", self._heal)
            alarm.start()
            ends.callback(alarm.shutdown)
            log.info("running: %s", ", ".join(self.chats) or "no chat")
            self._heal()
            self.stopping.wait()

    def _serve(self, ends: ExitStack) -> None:
        if self.doors:
            from bot.http import Web  # noqa: PLC0415  only with HTTP mode

            web = Web(self.port, self.doors, self.healthy)
            ends.callback(web.stop)
            log.info("HTTP on port %d: %s", web.port, ", ".join(self.doors))

    def _listen(self) -> None:
        """Listen to every chat that is not listened to yet; one that refuses is told with its remedy."""
        refusals: list[Refused] = []
        for platform, chat in list(self._deaf.items()):
            try:
                chat.listen(self.hear)
                del self._deaf[platform]
            except Refused as refused:
                log.error("%s: %s", platform, refused)
                refusals.append(refused)
            except ChatError as error:
                log.warning("%s cannot be reached yet: %s", platform, error)
        if refusals and len(refusals) == len(self.chats):
            raise refusals[0]

    def _heal(self) -> None:
        if heal(
            self.desk,
            {key: one for key, one in self.chats.items() if key not in self._deaf},
            clock.now(),
        ):
            self._arrived.set()

    def _silence(self) -> None:
        for chat in self.chats.values():
            chat.stop()

    def _every(
        self, alarm: BackgroundScheduler, seconds: int, name: str, work: Callable[[], None]
    ) -> None:
        alarm.add_job(
            lambda: self._guard(name, work),
            "interval",
            seconds=seconds,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def _loop(
        self, ends: ExitStack, name: str, wake: threading.Event, work: Callable[[], int]
    ) -> None:
        """Start a loop that works until nothing is left, then sleeps until it is woken."""

        def loop() -> None:
            while not self.stopping.is_set():
                wake.clear()
                if not self._guard(name, work):
                    wake.wait(1)

        def end() -> None:
            self.stopping.set()
            wake.set()
            thread.join(PATIENCE)

        thread = threading.Thread(target=loop, name=name, daemon=True)
        thread.start()
        ends.callback(end)

    def _guard(self, name: str, work: Callable[[], int | None]) -> int:
        """Do one turn; an error is logged, and the next turn comes."""
        try:
            return work() or 0
        except ChatError as error:
            log.error("%s: %s", name, error)
        except Exception:
            log.exception("%s: this turn failed; the next one comes", name)
        self.stopping.wait(1)
        return 0
