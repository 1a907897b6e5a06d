"""What the doctor asks Slack: token, scopes, the way of receiving, membership of channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.chat import ChatError, Check, Refused
from bot.slack.errors import meaning
from bot.slack.manifest import scopes

if TYPE_CHECKING:
    from bot.slack.wire import Wire

INVITE = "write /invite @Loudou in the channel"


def _failed(name: str, error: ChatError) -> Check:
    if isinstance(error, Refused):
        return Check(name, ok=False, detail=error.code, remedy=error.remedy)
    return Check(name, ok=False, detail=str(error), remedy="check the network, then try again")


def check(wire: Wire, app_token: str, channels: tuple[str, ...]) -> tuple[Check, ...]:
    """Return one line per thing checked; without a good token the rest is not asked."""
    try:
        own, granted = wire.granted()
    except ChatError as error:
        return (_failed("Slack token", error),)
    who = f"{own.get('user', 'the bot')} in {own.get('team', 'the workspace')}"
    found = [Check("Slack token", ok=True, detail=who), _scopes(granted)]
    if app_token:
        found.append(_socket(wire, app_token))
    found += [_channel(wire, channel) for channel in channels]
    return tuple(found)


def _scopes(granted: frozenset[str]) -> Check:
    name = "Slack scopes"
    if not granted:
        return Check(name, ok=True, detail="the server does not tell them")
    missing = sorted(scopes() - granted)
    if not missing:
        return Check(name, ok=True, detail=f"{len(granted)} granted")
    return Check(
        name,
        ok=False,
        detail="missing: " + ", ".join(missing),
        remedy="add them in the app's settings (OAuth & Permissions) and reinstall the app",
    )


def _socket(wire: Wire, app_token: str) -> Check:
    """Ask for a Socket Mode address; it needs the app token, not the bot's."""
    client = WebClient(base_url=wire.client.base_url, retry_handlers=[], timeout=10)
    try:
        client.api_call("apps.connections.open", headers={"Authorization": f"Bearer {app_token}"})
    except SlackApiError as error:
        code = str(error.response.get("error"))
        return Check(
            "Slack Socket Mode",
            ok=False,
            detail=code,
            remedy="SLACK_APP_TOKEN must be an app-level token (xapp-…) with connections:write",
        )
    except Exception as error:  # noqa: BLE001  the doctor reports whatever is wrong
        return _failed("Slack Socket Mode", meaning(error))
    return Check("Slack Socket Mode", ok=True)


def _channel(wire: Wire, channel: str) -> Check:
    name = f"Slack channel {channel}"
    try:
        found = wire.read("conversations.info", channel=channel)["channel"]
    except ChatError as error:
        return _failed(name, error)
    label = f"#{found.get('name') or channel}"
    if found.get("is_archived"):
        return Check(name, ok=False, detail=f"{label} is archived", remedy="unarchive it")
    if found.get("is_member") is False:
        return Check(name, ok=False, detail=f"the bot is not in {label}", remedy=INVITE)
    return Check(name, ok=True, detail=label)
