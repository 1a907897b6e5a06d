"""The door for events that the platform pushes over HTTP: opened for sealed and fresh ones only."""

from __future__ import annotations

import hmac
import json
import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.clock import now
from bot.feishu.seal import Forged, opened, signed, token_fits, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from bot.feishu.settings import FeishuSettings

log = logging.getLogger("loudou.feishu")

REMEMBERED = 10_000
"""Seals of requests that were taken; each is worthless after the time of freshness anyway."""
LARGEST = 1_000_000
"""Bytes of a body; real events have a few thousand."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: str
    body: bytes


def _answer(status: str, data: Mapping[str, Any]) -> Answer:
    return Answer(status, json.dumps(data, ensure_ascii=False).encode())


DENIED = _answer("401 Unauthorized", {"msg": "denied"})
FAILED = _answer("500 Internal Server Error", {"msg": "try again"})
TOO_LARGE = _answer("413 Content Too Large", {"msg": "too large"})


class Webhook:
    """A WSGI application. `receive` takes an event and returns what the platform is told.

    A request that is sent again word for word is answered as before, but not received again.
    """

    def __init__(
        self,
        settings: FeishuSettings,
        receive: Callable[[dict[str, Any]], dict[str, Any]],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._settings = settings
        self._receive = receive
        self._clock = clock
        self._seen: OrderedDict[str, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request of a WSGI server."""
        headers = {
            name[5:].replace("_", "-"): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        size = str(environ.get("CONTENT_LENGTH") or "0")
        if not size.isdigit() or int(size) > LARGEST:
            answer = TOO_LARGE
        else:
            answer = self.handle(headers, environ["wsgi.input"].read(int(size)))
        start(
            answer.status,
            [
                ("Content-Type", "application/json; charset=utf-8"),
                ("Content-Length", str(len(answer.body))),
            ],
        )
        return [answer.body]

    def handle(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a request; every error text is constant."""
        try:
            if not signed(headers):
                return self._challenge(body)
            seal, payload = self._genuine(headers, body)
            if payload.get("type") == "url_verification":
                return self._challenge(body)
        except Forged:
            log.warning("a request to the Feishu webhook was refused: not genuine or not fresh")
            return DENIED
        return self._once(seal, payload)

    def _genuine(self, headers: Mapping[str, str], body: bytes) -> tuple[str, dict[str, Any]]:
        seal = verify(headers, body, self._settings.encrypt_key, self._clock().timestamp())
        payload, sealed = opened(body, self._settings.encrypt_key)
        if not sealed or not token_fits(payload, self._settings.verification_token):
            raise Forged
        return seal, payload

    def _once(self, seal: str, payload: dict[str, Any]) -> Answer:
        with self._lock:
            known = self._seen.get(seal)
        if known is not None:
            return known
        try:
            answer = _answer("200 OK", self._receive(payload))
        except Exception:
            log.exception("an event of Feishu could not be taken; it will be pushed again")
            return FAILED
        with self._lock:
            self._seen[seal] = answer
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return answer

    def _challenge(self, body: bytes) -> Answer:
        """Answer the only request that the platform does not sign."""
        payload, _ = opened(body, self._settings.encrypt_key)
        token = str(payload.get("token") or "")
        fits = hmac.compare_digest(token.encode(), self._settings.verification_token.encode())
        if payload.get("type") != "url_verification" or not fits:
            raise Forged
        return _answer("200 OK", {"challenge": str(payload.get("challenge", ""))})
