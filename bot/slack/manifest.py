"""The app as Slack is told of it: what to click, which scopes and events, for either mode."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlsplit

EVENTS_PATH = "/slack/events"


def _read() -> dict[str, Any]:
    text = files("bot.slack").joinpath("manifest.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def scopes() -> frozenset[str]:
    """Return the bot scopes that the app asks for."""
    return frozenset(_read()["oauth_config"]["scopes"]["bot"])


def manifest(base_url: str = "") -> dict[str, Any]:
    """Return the manifest: for Socket Mode, or for HTTP at a public https address.

    Raises ValueError for an address that Slack would not take.
    """
    found = _read()
    if not base_url:
        return found
    parts = urlsplit(base_url)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError(f"{base_url!r} is no https address; Slack sends events to https only")
    url = base_url.rstrip("/").removesuffix(EVENTS_PATH) + EVENTS_PATH
    settings = found["settings"]
    settings["socket_mode_enabled"] = False
    settings["event_subscriptions"]["request_url"] = url
    settings["interactivity"]["request_url"] = url
    for command in found["features"]["slash_commands"]:
        command["url"] = url
    return found


def link(base_url: str = "") -> str:
    """Return the address that opens Slack with the app filled in, ready to be created."""
    packed = json.dumps(manifest(base_url), ensure_ascii=False, separators=(",", ":"))
    return f"https://api.slack.com/apps?new_app=1&manifest_json={quote(packed)}"
