"""Whether a pushed event is truly from the platform and fresh, and what it says once opened."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FRESH = 300
"""Seconds by which the timestamp of an event may differ from our clock."""
TIMESTAMP, NONCE, SIGNATURE = (
    "x-lark-request-timestamp",
    "x-lark-request-nonce",
    "x-lark-signature",
)
BLOCK = 16


class Forged(Exception):
    """Not from the platform, not fresh, or not to be opened; never says why to the sender."""


def signature(timestamp: str, nonce: str, encrypt_key: str, body: bytes) -> str:
    """Return the platform's signature of a raw body: SHA-256 over all four, in hex."""
    return hashlib.sha256(f"{timestamp}{nonce}{encrypt_key}".encode() + body).hexdigest()


def verify(headers: Mapping[str, str], body: bytes, encrypt_key: str, now: float) -> str:
    """Return the seal of a genuine and fresh request, which is never the same twice.

    Header names may be written in any case. Raises Forged.
    """
    found = {name.lower(): value for name, value in headers.items()}
    stamp, nonce, claimed = (found.get(name, "") for name in (TIMESTAMP, NONCE, SIGNATURE))
    if not (stamp.isascii() and stamp.isdigit() and nonce and claimed):
        raise Forged
    if abs(now - int(stamp)) > FRESH:
        raise Forged
    expected = signature(stamp, nonce, encrypt_key, body)
    if not hmac.compare_digest(expected.encode(), claimed.encode()):
        raise Forged
    return claimed


def signed(headers: Mapping[str, str]) -> bool:
    """Say whether a request claims to be signed."""
    return any(name.lower() == SIGNATURE for name in headers)


def opened(body: bytes, encrypt_key: str) -> tuple[dict[str, Any], bool]:
    """Return what a body says and whether it was encrypted. Raises Forged."""
    outer = _object(body)
    sealed = outer.get("encrypt")
    if sealed is None:
        return outer, False
    return _object(decrypt(str(sealed), encrypt_key)), True


def decrypt(text: str, encrypt_key: str) -> bytes:
    """Return the plain bytes of AES-256-CBC text with the IV in front. Raises Forged."""
    from Crypto.Cipher import AES  # noqa: PLC0415  comes with lark_oapi; the webhook alone needs it

    try:
        raw = base64.b64decode(text, validate=True)
        if len(raw) < 2 * BLOCK or len(raw) % BLOCK:
            raise Forged
        key = hashlib.sha256(encrypt_key.encode()).digest()
        padded = AES.new(key, AES.MODE_CBC, raw[:BLOCK]).decrypt(raw[BLOCK:])
    except ValueError:
        raise Forged from None
    pad = padded[-1]
    if not 1 <= pad <= BLOCK or padded[-pad:] != bytes([pad]) * pad:
        raise Forged
    return padded[:-pad]


def token_fits(payload: Mapping[str, Any], verification_token: str) -> bool:
    """Say whether a payload carries the app's verification token, in the header or outside."""
    header = payload.get("header")
    inside = header.get("token") if isinstance(header, dict) else None
    claimed = str(inside or payload.get("token") or "")
    return hmac.compare_digest(claimed.encode(), verification_token.encode())


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        raise Forged from None
    if not isinstance(found, dict):
        raise Forged
    return found
