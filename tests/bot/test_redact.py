"""No secret reaches the log, not even through an error of a library."""

from __future__ import annotations

import logging

import pytest

from bot.redact import Redact
from bot.settings import Settings


@pytest.fixture
def redact(monkeypatch: pytest.MonkeyPatch) -> Redact:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-canary-1")
    monkeypatch.setenv("FEISHU_APP_SECRET", "canary-feishu-secret")
    return Redact(Settings(_env_file=None))


@pytest.mark.parametrize(
    "text",
    [
        "token xoxb-canary-1 refused",
        "secret canary-feishu-secret",
        "other tokens too: xapp-1-canary",
        "postgresql://me:canary@host/base",
        "wss://x/?access_key=canary&ticket=canary",
        "Bearer t-canarycanarycanarycanary",
    ],
)
def test_secrets_are_hidden(redact: Redact, text: str) -> None:
    assert "canary" not in redact.clean(text)


def test_a_stack_trace_is_cleaned_too(redact: Redact) -> None:
    def breaks() -> None:
        raise RuntimeError("xoxb-canary-1")

    try:
        breaks()
    except RuntimeError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "x", 1, "failed with %s", ("xoxb-canary-1",),
            (type(error), error, error.__traceback__),
        )  # fmt: skip
    assert redact.filter(record)
    assert "canary" not in logging.Formatter().format(record)


def test_ordinary_text_is_left_alone(redact: Redact) -> None:
    assert redact.clean("live-0312: GMV 8,412") == "live-0312: GMV 8,412"
