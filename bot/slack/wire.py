"""Calls to Slack's Web API, each made once: what went wrong comes out as what to do about it."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.chat import Unsure
from bot.slack.errors import BAD_BLOCKS, EXPIRED, BadBlocks, meaning, pointers, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

TIMEOUT = 10
"""Seconds that a call may take; after that nobody knows what became of it."""
PAGE = 200
MOST_PAGES = 20
ANSWER_HOST = "hooks.slack.com"
"""Where Slack's response URLs lead."""

for _name in ("slack_bolt", "slack_sdk", "websocket"):
    # Below WARNING the libraries repeat what people write, and some of their requests.
    logging.getLogger(_name).setLevel(logging.WARNING)


class Wire:
    """The line to one workspace; safe to use from several threads, never retries by itself."""

    def __init__(self, token: str, api_url: str) -> None:
        self._api = urlsplit(api_url)
        self.client = WebClient(
            token=token, base_url=api_url.rstrip("/") + "/", timeout=TIMEOUT, retry_handlers=[]
        )

    def write(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that does something. Raises BadBlocks, Busy, Unsure or Refused."""
        given = {name: value for name, value in arguments.items() if value is not None}
        return self._call(method, json=given)[0]

    def read(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that only looks; Slack takes its arguments as a form, not as JSON."""
        return self._call(method, params=arguments)[0]

    def granted(self) -> tuple[Mapping[str, Any], frozenset[str]]:
        """Return who the bot is (auth.test) and the scopes that its token has."""
        data, headers = self._call("auth.test", params={})
        told = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes", "")
        return data, frozenset(scope.strip() for scope in told.split(",") if scope.strip())

    def _call(self, method: str, **how: Any) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        try:
            response = self.client.api_call(method, **how)
        except SlackApiError as error:
            code = error.response.get("error")
            if code in BAD_BLOCKS:
                raise BadBlocks(str(code), pointers(error)) from error
            raise meaning(error) from error
        except Exception as error:
            raise meaning(error) from error
        if not isinstance(response.data, dict):
            raise Unsure(f"{method} answered with something else than JSON")
        return response.data, response.headers

    def messages(self, channel: str, thread: str, since: datetime) -> Iterator[Mapping[str, Any]]:
        """Return the messages of a channel, or of one thread in it, since a moment."""
        method = "conversations.replies" if thread else "conversations.history"
        arguments: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{since.timestamp():.6f}",
            "inclusive": True,
            "limit": PAGE,
            "include_all_metadata": True,
        }
        if thread:
            arguments["ts"] = thread
        for _ in range(MOST_PAGES):
            page = self.read(method, **arguments)
            yield from page.get("messages") or ()
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            arguments["cursor"] = cursor
        raise Unsure(f"more than {PAGE * MOST_PAGES} messages since then: not all were looked at")

    def trusted(self, url: str) -> bool:
        """Whether a response URL leads to Slack, or to the local server that stands in for it."""
        there = urlsplit(url)
        if there.scheme == "https" and there.hostname == ANSWER_HOST:
            return True
        local = self._api.hostname not in {None, "slack.com"}
        return local and (there.hostname, there.port) == (self._api.hostname, self._api.port)

    def respond(self, url: str, **payload: Any) -> None:
        """Post to a response URL. Slack takes five answers within half an hour."""
        client = WebhookClient(url, timeout=TIMEOUT, retry_handlers=[])
        try:
            response = client.send(**payload)
        except Exception as error:
            raise meaning(error) from error
        status, said = response.status_code, response.body.strip()
        if status == HTTPStatus.OK:
            return
        if said in BAD_BLOCKS:
            raise BadBlocks(said, "not told")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unsure(f"Slack answered {status}")
        raise refused(EXPIRED)
