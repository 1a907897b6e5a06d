"""The webhook takes genuine and fresh events only, each once, and tells attackers nothing."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from bot.feishu.seal import Forged, decrypt
from bot.feishu.settings import FeishuSettings, FeishuSettingsError
from bot.feishu.webhook import LARGEST, Answer, Webhook
from tests.servers.feishu_push import encrypted, sealed_headers

KEY, TOKEN = "encrypt-key", "verification-token"
NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
STAMP = str(int(NOON.timestamp()))
SETTINGS = FeishuSettings("cli_1", "secret", KEY, TOKEN, mode="webhook")
EVENT = {
    "schema": "2.0",
    "header": {"event_id": "ev", "token": TOKEN, "event_type": "x"},
    "event": {},
}


class Taken:
    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.broken = False
        self.webhook = Webhook(SETTINGS, self.take, lambda: NOON)

    def take(self, payload: dict[str, Any]) -> dict[str, Any]:
        if self.broken:
            raise RuntimeError("the database is away, its password is hunter2")
        self.events.append(payload)
        return {}

    def push(self, payload: Any = EVENT, *, key: str = KEY, **seal: str) -> Answer:
        body = encrypted(payload, key)
        return self.webhook.handle(sealed_headers(body, key, **({"stamp": STAMP} | seal)), body)


@pytest.mark.parametrize(
    ("key", "text", "plain"),
    [("test key", "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=", b"hello world")],
)
def test_the_platforms_own_example_is_opened(key: str, text: str, plain: bytes) -> None:
    assert decrypt(text, key) == plain


@pytest.mark.parametrize(
    "text", ["", "no base64!", "AAAA", "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghg="]
)
def test_broken_text_is_forged(text: str) -> None:
    with pytest.raises(Forged):
        decrypt(text, "test key")


def test_genuine_event() -> None:
    taken = Taken()
    assert taken.push().status == "200 OK"
    assert taken.events == [EVENT]


@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_header_names_in_any_case(case: Any) -> None:
    taken, body = Taken(), encrypted(EVENT, KEY)
    headers = {case(name): value for name, value in sealed_headers(body, KEY, stamp=STAMP).items()}
    assert taken.webhook.handle(headers, body).status == "200 OK"


@pytest.mark.parametrize(
    "seconds",
    [-301, 301, -30 * 86400, -int(NOON.timestamp())],
    ids=["old", "future", "month", "zero"],
)
def test_stale_event_is_denied(seconds: int) -> None:
    taken = Taken()
    stamp = str(int((NOON + timedelta(seconds=seconds)).timestamp()))
    assert taken.push(stamp=stamp).status.startswith("401")
    assert not taken.events


@pytest.mark.parametrize("stamp", ["abc", "-5", "٣", "1e9"])
def test_odd_timestamp_is_denied(stamp: str) -> None:
    assert Taken().push(stamp=stamp).status.startswith("401")


@pytest.mark.parametrize(
    "missing", ["X-Lark-Request-Timestamp", "X-Lark-Request-Nonce", "X-Lark-Signature"]
)
def test_missing_header_is_denied(missing: str) -> None:
    taken, body = Taken(), encrypted(EVENT, KEY)
    headers = sealed_headers(body, KEY, stamp=STAMP)
    del headers[missing]
    assert taken.webhook.handle(headers, body).status.startswith("401")
    assert not taken.events


def test_changed_body_is_denied() -> None:
    taken, body = Taken(), encrypted(EVENT, KEY)
    headers = sealed_headers(body, KEY, stamp=STAMP)
    assert taken.webhook.handle(headers, body + b" ").status.startswith("401")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        json.dumps(EVENT).encode(),
        b'{"encrypt": 5}',
        b'{"encrypt": "AAAA"}',
    ],
)
def test_unsigned_is_denied(body: bytes) -> None:
    taken = Taken()
    assert taken.webhook.handle({}, body).status.startswith("401")
    assert not taken.events


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x"])
def test_wrong_token_is_denied_although_signed(token: str) -> None:
    taken = Taken()
    payload = {**EVENT, "header": {"event_type": "x", "token": token}}
    assert taken.push(payload).status.startswith("401")
    assert not taken.events


def test_plain_body_is_denied_although_signed() -> None:
    taken, body = Taken(), json.dumps(EVENT).encode()
    headers = sealed_headers(body, KEY, stamp=STAMP)
    assert taken.webhook.handle(headers, body).status.startswith("401")


def test_wrong_key_is_denied() -> None:
    assert Taken().push(key="other").status.startswith("401")


def test_replay_is_answered_but_not_taken_again() -> None:
    taken, body = Taken(), encrypted(EVENT, KEY)
    headers = sealed_headers(body, KEY, stamp=STAMP)
    answers = {taken.webhook.handle(headers, body) for _ in range(3)}
    assert {answer.status for answer in answers} == {"200 OK"}
    assert len(taken.events) == 1


def test_event_that_could_not_be_taken_may_come_again() -> None:
    taken, body = Taken(), encrypted(EVENT, KEY)
    headers = sealed_headers(body, KEY, stamp=STAMP)
    taken.broken = True
    failed = taken.webhook.handle(headers, body)
    assert failed.status.startswith("500")
    assert b"hunter2" not in failed.body
    taken.broken = False
    assert taken.webhook.handle(headers, body).status == "200 OK"
    assert len(taken.events) == 1


def challenge(token: str = TOKEN) -> dict[str, str]:
    return {"challenge": "c-1", "token": token, "type": "url_verification"}


@pytest.mark.parametrize("sealed", [True, False])
def test_challenge_is_echoed(sealed: bool) -> None:
    body = encrypted(challenge(), KEY) if sealed else json.dumps(challenge()).encode()
    assert json.loads(Taken().webhook.handle({}, body).body) == {"challenge": "c-1"}


def test_signed_challenge_is_echoed() -> None:
    assert json.loads(Taken().push(challenge()).body) == {"challenge": "c-1"}


def test_challenge_with_a_wrong_token_is_denied() -> None:
    body = encrypted(challenge("wrong"), KEY)
    assert Taken().webhook.handle({}, body).status.startswith("401")


def test_errors_are_constant() -> None:
    taken = Taken()
    bodies = {taken.push(key="x").body, taken.webhook.handle({}, b"{").body}
    assert bodies == {b'{"msg": "denied"}'}


@pytest.mark.parametrize("missing", ["encrypt_key", "verification_token"])
def test_webhook_without_its_secrets_is_refused_at_start(missing: str) -> None:
    given = {"encrypt_key": KEY, "verification_token": TOKEN, missing: ""}
    with pytest.raises(FeishuSettingsError, match="FEISHU_ENCRYPT_KEY"):
        FeishuSettings("cli_1", "secret", mode="webhook", **given)


def test_app_without_credentials_is_refused() -> None:
    with pytest.raises(FeishuSettingsError, match="FEISHU_APP_ID"):
        FeishuSettings("", "")


def test_secrets_are_not_shown() -> None:
    shown = repr(FeishuSettings("cli_1", "s3cret", KEY, TOKEN))
    assert not any(one in shown for one in ("s3cret", KEY, TOKEN))


def wsgi(
    taken: Taken, headers: dict[str, str], body: bytes, length: str = ""
) -> tuple[list[str], bytes]:
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = length or str(len(body))
    for name, value in headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    statuses: list[str] = []

    def start(status: str, _headers: Any, _error: Any = None) -> Any:
        statuses.append(status)

    return statuses, b"".join(taken.webhook(environ, start))


def test_as_a_wsgi_application() -> None:
    taken, body = Taken(), encrypted(EVENT, KEY)
    statuses, answer = wsgi(taken, sealed_headers(body, KEY, stamp=STAMP), body)
    assert (statuses, answer) == (["200 OK"], b"{}")
    assert taken.events == [EVENT]


@pytest.mark.parametrize("length", [str(LARGEST + 1), "many"])
def test_too_large_is_not_read(length: str) -> None:
    statuses, _ = wsgi(Taken(), {}, b"", length)
    assert statuses[0].startswith("413")
