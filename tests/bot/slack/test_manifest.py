"""The manifest is what Slack takes, and asks for what the code uses and nothing more.

`manifest.schema.json` is Slack's own schema of manifests (MIT, see manifest.schema.LICENSE).
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest

import bot.slack
from bot.slack.manifest import link, manifest, scopes

SCHEMA = json.loads((Path(__file__).parent / "manifest.schema.json").read_text(encoding="utf-8"))
CODE = Path(bot.slack.__file__).parent
METHOD = re.compile(r"(?:chat|conversations|users|views|auth|apps|files|reactions)\.[a-zA-Z.]+")

NEEDED_BY_METHOD: dict[str, set[str]] = {
    "apps.connections.open": set(),
    "auth.test": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "users.info": {"users:read"},
    "views.open": set(),
}
NEEDED_BY_EVENT = {
    "app_mention": {"app_mentions:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
}
COMMANDS = ["funnel", "kpi", "trend", "metric", "why", "review", "snooze", "loudou"]


def texts() -> set[str]:
    """Return every string constant of the Slack code."""
    found = set()
    for file in CODE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


@pytest.mark.parametrize("base", ["", "https://bot.example.com"])
def test_slack_takes_the_manifest(base: str) -> None:
    jsonschema.validate(manifest(base), SCHEMA)


def test_the_schema_would_refuse_a_wrong_one() -> None:
    wrong = manifest()
    wrong["features"]["slash_commands"][0]["command"] = "funnel"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)


def test_each_scope_is_needed_and_each_needed_one_is_there() -> None:
    methods = {text for text in texts() if METHOD.fullmatch(text)}
    assert methods == set(NEEDED_BY_METHOD)
    needed = set().union(*NEEDED_BY_METHOD.values(), *NEEDED_BY_EVENT.values())
    assert scopes() == needed | {"commands", "metadata.message:read"}
    assert "include_all_metadata" in texts()


def test_each_event_is_read_and_each_read_one_is_sent() -> None:
    events = manifest()["settings"]["event_subscriptions"]["bot_events"]
    assert set(events) == set(NEEDED_BY_EVENT)
    assert {event.partition(".")[0] for event in events} <= texts()


def commands() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = manifest()["features"]["slash_commands"]
    return found


def test_every_command_can_be_typed() -> None:
    names = [command["command"] for command in commands()]
    assert names == [f"/{word}" for word in COMMANDS]
    assert all(re.fullmatch(r"/[a-z0-9_-]{1,31}", name) for name in names)


def test_http_mode_has_one_address_and_socket_mode_none() -> None:
    url = "https://bot.example.com/slack/events"
    for base in ("https://bot.example.com/", url):
        found = manifest(base)
        assert found["settings"]["socket_mode_enabled"] is False
        assert found["settings"]["event_subscriptions"]["request_url"] == url
        assert found["settings"]["interactivity"]["request_url"] == url
        assert {one["url"] for one in found["features"]["slash_commands"]} == {url}
    assert "url" not in json.dumps(manifest())


@pytest.mark.parametrize("base", ["http://bot.example.com", "bot.example.com", "https://"])
def test_an_address_that_slack_would_not_take_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match="https"):
        manifest(base)


def test_one_click_brings_the_whole_manifest() -> None:
    parts = urlsplit(link("https://bot.example.com"))
    assert parts.netloc == "api.slack.com"
    given = parse_qs(parts.query)["manifest_json"][0]
    assert json.loads(given) == manifest("https://bot.example.com")
