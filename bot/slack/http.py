"""The door for signed requests: only what Slack itself sent, lately and once, gets in."""

from __future__ import annotations

import hashlib
import hmac
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING

from slack_bolt.request import BoltRequest

from bot.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from slack_bolt.response import BoltResponse

FRESH = 300
"""Seconds by which a request's time stamp may be off."""
REMEMBERED = 600
"""Seconds for which a request is known, so that a copy of it is dropped."""
LARGEST_BODY = 1_000_000
"""Bytes; Slack's payloads are far smaller."""


def genuine(secret: str, timestamp: str, signature: str, body: bytes, at: datetime) -> bool:
    """Whether a body was signed with the secret, and its time stamp is fresh at a moment."""
    if not (timestamp.isascii() and timestamp.isdigit()) or not secret:
        return False
    if abs(at.timestamp() - int(timestamp)) > FRESH:
        return False
    signed = b"v0:" + timestamp.encode() + b":" + body
    expected = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


class Seen:
    """Which requests have been answered in the last ten minutes."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def first(self, key: tuple[str, str], at: datetime) -> bool:
        """Say whether this is the first time, and remember it."""
        moment = at.timestamp()
        with self._lock:
            self._seen = {k: t for k, t in self._seen.items() if moment - t < REMEMBERED}
            if key in self._seen:
                return False
            self._seen[key] = moment
            return True

    def forget(self, key: tuple[str, str]) -> None:
        """Let a request come again, since it could not be handled."""
        with self._lock:
            self._seen.pop(key, None)


class Door:
    """A WSGI application that hands genuine requests to Bolt; the rest never reaches a handler."""

    def __init__(
        self,
        secret: str,
        dispatch: Callable[[BoltRequest], BoltResponse],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._secret = secret
        self._dispatch = dispatch
        self._clock = clock
        self._seen = Seen()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("REQUEST_METHOD") != "POST":
            return _answer(start, HTTPStatus.METHOD_NOT_ALLOWED)
        size = str(environ.get("CONTENT_LENGTH") or "0")
        if not size.isdigit() or int(size) > LARGEST_BODY:
            return _answer(start, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body: bytes = environ["wsgi.input"].read(int(size))
        key = (_header(environ, "X_SLACK_REQUEST_TIMESTAMP"), _header(environ, "X_SLACK_SIGNATURE"))
        at = self._clock()
        if not genuine(self._secret, *key, body, at):
            return _answer(start, HTTPStatus.UNAUTHORIZED)
        if not self._seen.first(key, at):
            return _answer(start, HTTPStatus.OK)
        return self._handle(environ, body, key, start)

    def _handle(
        self, environ: WSGIEnvironment, body: bytes, key: tuple[str, str], start: StartResponse
    ) -> Iterable[bytes]:
        headers = {
            name[len("HTTP_") :].lower().replace("_", "-"): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        headers["content-type"] = str(environ.get("CONTENT_TYPE") or "")
        request = BoltRequest(body=body.decode("utf-8", "replace"), headers=dict(headers))
        response = self._dispatch(request)
        if response.status != HTTPStatus.OK:
            self._seen.forget(key)
        kind = response.headers.get("content-type", ["text/plain; charset=utf-8"])[0]
        return _answer(start, HTTPStatus(response.status), response.body or "", kind)


def _header(environ: WSGIEnvironment, name: str) -> str:
    return str(environ.get(f"HTTP_{name}") or "")


def _answer(
    start: StartResponse,
    status: HTTPStatus,
    text: str = "",
    kind: str = "text/plain; charset=utf-8",
) -> Iterable[bytes]:
    body = text.encode()
    start(
        f"{status.value} {status.phrase}",
        [("Content-Type", kind), ("Content-Length", str(len(body)))],
    )
    return [body]
