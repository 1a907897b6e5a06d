"""Events on their way to the bot: by webhook or long connection, again when not acknowledged."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
from Crypto.Cipher import AES

from bot.clock import now
from tests.servers.feishu_line import LONGEST, Line, Receipt

if TYPE_CHECKING:
    from tests.servers.feishu_world import World

WAITS = (15.0, 300.0, 3600.0, 21600.0)
"""Seconds until an unacknowledged event is pushed again, four times at most."""


def encrypted(payload: dict[str, Any], key: str) -> bytes:
    """Return the body that is pushed: AES-256-CBC, the IV in front, PKCS7."""
    plain = json.dumps(payload, ensure_ascii=False).encode()
    pad = 16 - len(plain) % 16
    iv = os.urandom(16)
    cipher = AES.new(hashlib.sha256(key.encode()).digest(), AES.MODE_CBC, iv)
    text = base64.b64encode(iv + cipher.encrypt(plain + bytes([pad]) * pad)).decode()
    return json.dumps({"encrypt": text}).encode()


def sealed_headers(body: bytes, key: str, *, stamp: str = "", nonce: str = "") -> dict[str, str]:
    """Return the headers of a genuine push."""
    stamp = stamp or str(int(now().timestamp()))
    nonce = nonce or os.urandom(8).hex()
    seal = hashlib.sha256(f"{stamp}{nonce}{key}".encode() + body).hexdigest()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "X-Lark-Request-Timestamp": stamp,
        "X-Lark-Request-Nonce": nonce,
        "X-Lark-Signature": seal,
    }


@dataclass
class Waiting:
    """An event to be pushed again."""

    due: float
    payload: dict[str, Any]
    attempt: int


class Post:
    """Carries events. With a webhook registered they go there, else over the line."""

    def __init__(self, world: World, line: Line) -> None:
        self._world = world
        self._line = line
        self._lock = threading.Lock()
        self.url = ""
        self.key = ""
        self.token = ""
        self.sent: list[dict[str, Any]] = []
        self.receipts: list[Receipt | None] = []
        self.waiting: list[Waiting] = []

    def register(self, url: str, key: str, token: str, *, sealed: bool = True) -> bool:
        """Challenge a webhook as the console does on saving; remember it when it answers right."""
        challenge = {"challenge": "c-4711", "token": token, "type": "url_verification"}
        body = encrypted(challenge, key) if sealed else json.dumps(challenge).encode()
        answer = requests.post(url, data=body, timeout=1)
        if answer.status_code != 200 or answer.json() != {"challenge": "c-4711"}:
            return False
        self.url, self.key, self.token = url, key, token
        return True

    def send(self, payload: dict[str, Any], attempt: int = 0) -> Receipt | None:
        """Push an event; one that is not acknowledged in 3 s is kept to be pushed again."""
        if attempt == 0:
            self.sent.append(payload)
        receipt = self._hook(payload) if self.url else self._line.push(payload)
        with self._lock:
            self.receipts.append(receipt)
            if (receipt is None or receipt.code != 200) and attempt < len(WAITS):
                due = self._world.time() + WAITS[attempt]
                self.waiting.append(Waiting(due, payload, attempt + 1))
        return receipt

    def again(self) -> int:
        """Push what is due again; return how many were."""
        with self._lock:
            due = [one for one in self.waiting if one.due <= self._world.time()]
            self.waiting = [one for one in self.waiting if one not in due]
        for one in due:
            self.send(one.payload, one.attempt)
        return len(due)

    def _hook(self, payload: dict[str, Any]) -> Receipt | None:
        body = encrypted(payload, self.key)
        began = time.monotonic()
        try:
            answer = requests.post(
                self.url, data=body, headers=sealed_headers(body, self.key), timeout=LONGEST
            )
        except requests.RequestException:
            return None
        seconds = time.monotonic() - began
        data = answer.json() if answer.status_code == 200 else {}
        return Receipt(answer.status_code, data, seconds)
