"""What an error of Slack means for the sender: wait, look it up first, or give up and say why."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import urllib.error
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.chat import Busy, ChatError, Refused, Unsure

UNREACHED_PAUSE = 5.0
"""Seconds to wait when Slack could not even be reached."""
DEFAULT_PAUSE = 1.0
"""Seconds to wait when Slack says "too many" without saying for how long."""
BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
"""Slack will not show these blocks; the same words in plainer blocks may pass."""


EXPIRED = "expired_url"


class BadBlocks(ChatError):
    """Slack finds fault with a message's blocks: nothing was posted, plainer ones may pass."""

    def __init__(self, code: str, where: str) -> None:
        self.code = code
        self.where = where
        super().__init__(f"{code} at {where}")


_UNSURE = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)
_BUSY = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_REINSTALL = "reinstall the app (OAuth & Permissions) and put the new token into SLACK_BOT_TOKEN"
_REMEDIES: dict[str, str] = {
    "not_in_channel": "invite the bot: write /invite @Loudou in the channel",
    "channel_not_found": "check the channel's id in loudou.toml; a private one needs /invite @Loudou",
    "is_archived": "the channel is archived: unarchive it or set another one in loudou.toml",
    "missing_scope": f"add the scope {{needed}} in the app's settings, then {_REINSTALL}",
    "token_revoked": _REINSTALL,
    "token_expired": _REINSTALL,
    "account_inactive": _REINSTALL,
    "invalid_auth": "check SLACK_BOT_TOKEN (xoxb-…): Slack does not know it",
    "not_authed": "set SLACK_BOT_TOKEN (xoxb-…)",
    "not_allowed_token_type": "SLACK_BOT_TOKEN must be a bot token (xoxb-…), "
    "SLACK_APP_TOKEN an app token (xapp-…)",
    "restricted_action": "an admin must let the bot post in this channel",
    "restricted_action_read_only_channel": "an admin must let the bot post in this channel",
    "restricted_action_thread_only_channel": "this channel takes replies only: choose another one",
    "ekm_access_denied": "an admin has suspended the app's access: ask for it",
    "org_login_required": "the workspace is being moved to an organisation: wait and try again",
    "message_not_found": "the message is gone: somebody deleted it",
    "cant_update_message": "the message is not the bot's own, so it cannot be changed",
    "edit_window_closed": "the workspace no longer allows this message to be changed",
    "msg_too_long": "the message is too long even in plain words: narrow what is asked for",
    "metadata_too_large": "the message's key is too long",
    EXPIRED: "the time to answer is over (half an hour, five answers): ask again",
    "thread_not_found": "the thread's first message is gone",
}


def refused(code: str, **facts: str) -> Refused:
    """Return a refusal with the remedy for a Slack error code."""
    remedy = _REMEDIES.get(code, "see the error's name in Slack's documentation of the method")
    return Refused(code, remedy.format(**facts) if facts else remedy)


def meaning(error: Exception) -> ChatError:
    """Return what an exception of a call means; nothing in it repeats what was to be posted."""
    if isinstance(error, ChatError):
        return error
    if isinstance(error, SlackApiError):
        return _said_no(error)
    if _unreached(error):
        return Busy(UNREACHED_PAUSE, f"Slack cannot be reached ({_reason(error)})")
    if isinstance(
        error, OSError | http.client.HTTPException | SlackClientError | json.JSONDecodeError
    ):
        return Unsure(f"no answer from Slack ({_reason(error)})")
    raise error


def _said_no(error: SlackApiError) -> ChatError:
    response: Any = error.response
    status = int(getattr(response, "status_code", 200) or 200)
    code = str(response.get("error") or "unknown_error")
    if status == http.HTTPStatus.TOO_MANY_REQUESTS or code in _BUSY:
        return Busy(_pause(getattr(response, "headers", {})), "Slack asks to wait")
    if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR or code in _UNSURE:
        return Unsure(f"Slack answered {status}")
    if code.startswith("Received a response in a non-JSON format"):
        return Unsure(f"Slack answered {status} with something else than JSON")
    return refused(code, needed=str(response.get("needed") or "that Slack names"))


def _pause(headers: Any) -> float:
    found = {str(name).lower(): value for name, value in dict(headers).items()}.get("retry-after")
    text = found[0] if isinstance(found, list) and found else found
    try:
        return max(0.0, float(str(text)))
    except ValueError:
        return DEFAULT_PAUSE


def _unreached(error: Exception) -> bool:
    """Whether the request certainly never left: no address, no connection, no handshake."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return isinstance(
        cause, ConnectionRefusedError | socket.gaierror | ssl.SSLCertVerificationError
    )


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return type(cause).__name__ if isinstance(cause, Exception) else "unknown"


def pointers(error: SlackApiError) -> str:
    """Return where Slack found fault with blocks, such as "/blocks/3/text"; never their words."""
    response: Any = error.response
    found = []
    for message in (response.get("response_metadata") or {}).get("messages") or ():
        start = str(message).find("json-pointer:")
        if start >= 0:
            found.append(str(message)[start + len("json-pointer:") :].split("]")[0].strip())
    return ", ".join(found) or "not told"
