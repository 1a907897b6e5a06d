"""The long connection to the platform: one thread, rebuilt when it falls silent."""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import threading
import time
import types
from typing import TYPE_CHECKING, Any

from bot.feishu.wire import TIMEOUT, sdk

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.feishu.settings import FeishuSettings

log = logging.getLogger("loudou.feishu")

PING_EVERY = 30
"""Seconds between pings at most, whatever the platform proposes; an answer proves the line."""
DEAF_AFTER = 90.0
"""Seconds without any sign of life after which the connection is built anew."""
QUIET_AFTER = 3600.0
"""Seconds without an event after which it is built anew too: lines with pongs and no events exist."""
LONGEST_WAIT = 30.0
LOOK_EVERY = 0.25


class Socket:
    """Receives events in the background. `receive` takes an event and returns the answer to it."""

    def __init__(
        self,
        settings: FeishuSettings,
        receive: Callable[[dict[str, Any]], dict[str, Any]],
        *,
        ping_every: int = PING_EVERY,
        deaf_after: float = DEAF_AFTER,
        quiet_after: float = QUIET_AFTER,
    ) -> None:
        self._settings = settings
        self._receive = receive
        self._ping_every = ping_every
        self._deaf_after = deaf_after
        self._quiet_after = quiet_after
        self._stopping = threading.Event()
        self._client: Any = None
        self._was_up = False
        self._last_sign = 0.0
        self._last_event = 0.0
        self._thread = threading.Thread(target=self._run, name="feishu-socket", daemon=True)

    def start(self) -> None:
        """Connect in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up; waits no longer than an attempt to connect may take."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(TIMEOUT + 2)

    def healthy(self) -> bool:
        """Say whether the line is up and gave a sign of life lately."""
        return self._up() and time.monotonic() - self._last_sign < self._deaf_after

    def _up(self) -> bool:
        client = self._client
        return client is not None and client._conn is not None  # noqa: SLF001  the SDK tells it nowhere else

    def _run(self) -> None:
        wait = 1.0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._connect()
            except Exception as error:  # noqa: BLE001  whatever the SDK throws, the line is rebuilt
                code = getattr(error, "code", "")
                log.warning("Feishu's long connection ended: %s %s", type(error).__name__, code)
                log.debug("%s", error)
            self._client = None
            wait = 1.0 if time.monotonic() - began > 60 else min(LONGEST_WAIT, wait * 2)
            self._stopping.wait(wait / 2)

    def _connect(self) -> None:
        """Hold one connection until it ends, falls silent, or is no longer wanted."""
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.set_exception_handler(lambda _loop, context: log.debug("%s", context.get("message")))
        try:
            client = self._new_client(loop)
            self._last_sign = self._last_event = time.monotonic()
            self._client, self._was_up = client, False
            loop.create_task(self._watch(loop))  # noqa: RUF006  the loop ends before it does
            client.start()
        except RuntimeError as error:
            if not loop.is_closed() and "Event loop stopped" not in str(error):
                raise
        finally:
            _empty(loop, self._client)
            asyncio.set_event_loop(None)
            loop.close()

    def _new_client(self, loop: asyncio.AbstractEventLoop) -> Any:
        lark = sdk()
        import requests  # noqa: PLC0415
        from lark_oapi.ws import client as module  # noqa: PLC0415  only with Feishu

        logging.getLogger("websockets").setLevel(logging.WARNING)  # it would log the ticket
        module.loop = loop  # the SDK keeps one loop per process, taken at import
        timed = functools.partial(requests.post, timeout=TIMEOUT)  # without it, deaf for days
        module.requests = types.SimpleNamespace(post=timed)
        return _client_class(module.Client, self)(
            self._settings.app_id,
            self._settings.app_secret,
            log_level=lark.LogLevel.CRITICAL,  # its lines hold tickets; ours say what matters
            event_handler=self,
            domain=self._settings.domain.rstrip("/"),
            auto_reconnect=False,
        )

    async def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            reason = self._reason()
            if reason:
                if not self._stopping.is_set():
                    log.warning("Feishu's long connection is built anew: %s", reason)
                loop.stop()
                return

    def _reason(self) -> str:
        now = time.monotonic()
        if self._stopping.is_set():
            return "stopping"
        if self._was_up and not self._up():
            return "it was closed"
        if now - self._last_sign > self._deaf_after:
            return "no sign of life"
        return "no event for long" if now - self._last_event > self._quiet_after else ""

    def _do_without_validation(self, payload: bytes) -> dict[str, Any]:
        """Take an event: what the SDK calls on its handler, and sends the answer of."""
        self.sign(event=True)
        return self._receive(json.loads(payload))

    def up(self) -> None:
        """Note that the line is up."""
        self._was_up = True
        self.sign()

    def sign(self, *, event: bool = False) -> None:
        """Note a sign of life."""
        self._last_sign = time.monotonic()
        if event:
            self._last_event = self._last_sign

    @property
    def ping_every(self) -> int:
        """Return the seconds between pings."""
        return self._ping_every


def _client_class(client: Any, socket: Socket) -> Any:
    """Return the SDK's client that tells of connecting and of pongs, and pings often enough."""

    class Client(client):  # type: ignore[misc]  # the SDK has no types
        async def _connect(self) -> None:
            await super()._connect()
            socket.up()

        async def _handle_control_frame(self, frame: Any) -> None:
            socket.sign()
            await super()._handle_control_frame(frame)

        def _configure(self, conf: Any) -> None:
            super()._configure(conf)
            self._ping_interval: int = min(conf.PingInterval, socket.ping_every)

    return Client


def _empty(loop: asyncio.AbstractEventLoop, client: Any) -> None:
    """Close the line and end every task, so that nothing is left behind."""
    connection = getattr(client, "_conn", None)
    if connection is not None:
        closing = asyncio.wait_for(connection.close(), 2)
        try:
            loop.run_until_complete(closing)
        except Exception as error:  # noqa: BLE001  a broken line need not be closed politely
            log.debug("%s", error)
    for _ in range(5):
        tasks = asyncio.all_tasks(loop)
        if not tasks:
            break
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
