"""The open line of Socket Mode, and a watch on it: a line that has gone deaf is dialled anew."""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from websocket import WebSocketException

if TYPE_CHECKING:
    from slack_bolt import App
    from websocket import WebSocketApp

log = logging.getLogger("loudou.slack")

PING_EVERY = 10.0
HELLO_WITHIN = 5.0
"""Seconds to wait for the first sign of life; after that it is waited for in the background."""
GOODBYE = 1.0
"""Seconds to wait for Slack to hang up."""
DEAF_AFTER = 60.0
"""Seconds without hello, event or pong after which a line counts as deaf."""


class Line:
    """A Socket Mode connection that is watched."""

    def __init__(
        self,
        app: App,
        app_token: str,
        ping_every: float = PING_EVERY,
        deaf_after: float = DEAF_AFTER,
    ) -> None:
        self._handler = SocketModeHandler(
            app,
            app_token,
            logger=logging.getLogger("slack_bolt"),
            ping_interval=ping_every,
            concurrency=4,
        )
        self._deaf_after = deaf_after
        self._alive = monotonic()
        self._pong = 0.0
        self._stop = threading.Event()
        self._hello = threading.Event()
        self._watch = threading.Thread(target=self._watching, name="slack-watch", daemon=True)
        self._tick = min(ping_every, deaf_after / 4)
        self._handler.client.on_message_listeners.append(self._heard)

    def open(self) -> None:
        """Connect and wait a moment for Slack's hello; a line that breaks is dialled again."""
        self._handler.client.connect()
        self._watch.start()
        self._hello.wait(HELLO_WITHIN)

    def close(self) -> None:
        """Hang up."""
        self._stop.set()
        client = self._handler.client
        client.default_auto_reconnect_enabled = client.auto_reconnect_enabled = False
        self._say_goodbye()
        closing = threading.Thread(target=client.close, name="slack-close", daemon=True)
        closing.start()
        while closing.is_alive():
            # A line that was just being dialled would be read for ten seconds more.
            _break(self._raw())
            closing.join(0.1)
        if self._watch.ident is not None:
            self._watch.join(5)

    def _raw(self) -> socket.socket | None:
        session = self._handler.client.current_session
        line = session.sock if session else None
        return line.sock if line else None

    def _say_goodbye(self) -> None:
        """Let Slack hang up; a line that is just dropped keeps its reader waiting for long."""
        session = self._handler.client.current_session
        line = session.sock if session else None
        if session is None or line is None:
            return
        raw = line.sock
        session.keep_running = False
        with suppress(OSError, WebSocketException):
            line.send_close()
        if not _until_read(session):
            _break(raw)
            _until_read(session)
        if raw:
            raw.close()

    def alive(self) -> bool:
        """Whether something was heard lately."""
        connected = self._hello.is_set() and self._handler.client.is_connected()
        return connected and self._silence() < self._deaf_after

    def _heard(self, *_: Any) -> None:
        self._alive = monotonic()
        self._hello.set()

    def _silence(self) -> float:
        pong = float(getattr(self._handler.client.current_session, "last_pong_tm", 0) or 0)
        if pong != self._pong:
            self._pong = pong
            self._heard()
        return monotonic() - self._alive

    def _watching(self) -> None:
        while not self._stop.wait(self._tick):
            silence = self._silence()
            if silence < self._deaf_after:
                continue
            log.warning("no sign of life from Slack for %.0f s: connecting anew", silence)
            self._alive = monotonic()
            _break(self._raw())


def _until_read(session: WebSocketApp) -> bool:
    """Wait until the reader of a line has let go of it; False when it does not."""
    end = monotonic() + GOODBYE
    while session.sock and monotonic() < end:
        sleep(0.02)
    return session.sock is None


def _break(raw: socket.socket | None) -> None:
    """Cut a line so that its reader notices at once; the library then dials by itself."""
    with suppress(OSError):
        if raw:
            raw.shutdown(socket.SHUT_RDWR)
