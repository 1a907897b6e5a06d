"""What is heard from Slack: every payload is read, handed on, and only then acknowledged.

What the handler has not taken is not acknowledged, so Slack sends it again: nothing that people
did is lost between the platform and the inbox. The handler only stores, so this takes
milliseconds of the three seconds that Slack waits.
"""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from slack_bolt import App, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.chat import ChatError
from bot.slack import parse
from bot.slack.forms import Place, modal, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from slack_bolt import Ack

    from bot.chat import Incoming
    from bot.slack.wire import Wire

log = logging.getLogger("loudou.slack")
library = logging.getLogger("slack_bolt")

ALL = re.compile(".*")
THREADS = 4


class Ears:
    """Bolt's app with one listener per kind of payload; both modes dispatch into it."""

    def __init__(
        self,
        wire: Wire,
        own: Mapping[str, Any],
        words: Collection[str],
        handler: Callable[[Incoming], None],
        now: Callable[[], datetime],
    ) -> None:
        self._wire = wire
        self._bot = str(own["user_id"])
        self._words = words
        self._handler = handler
        self._now = now
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="slack")
        self.app = App(
            name="loudou",
            client=WebClient(base_url=wire.client.base_url, retry_handlers=[]),
            authorize=_as(own, wire.client.token),
            request_verification_enabled=False,  # bot/slack/http.py does it, by the given clock
            process_before_response=True,
            listener_executor=self._threads,
            logger=library,
        )
        self.app.command(ALL)(self._command)
        self.app.event(ALL)(self._event)
        self.app.action(ALL)(ack=self._click, lazy=[self._open_form])
        self.app.view(ALL)(self._form)
        self.app.error(self._failed)

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _command(self, ack: Ack, body: dict[str, Any]) -> None:
        self._handler(parse.slash(body, self._now()))
        ack()

    def _event(self, event: dict[str, Any]) -> None:
        incoming = parse.event(event, self._words, self._bot)
        if incoming:
            self._handler(incoming)

    def _click(self, ack: Ack, body: dict[str, Any]) -> None:
        if not parse.opens_form(body):
            self._handler(parse.click(body))
        ack()

    def _open_form(self, body: dict[str, Any]) -> None:
        if not parse.opens_form(body):
            return
        asked = unpack(str(body["actions"][0].get("value") or ""))
        view = modal(asked, Place(*parse.where(body)))
        try:
            self._wire.write("views.open", trigger_id=body["trigger_id"], view=view)
        except ChatError as error:
            log.warning("a form could not be opened: %s", error)

    def _form(self, ack: Ack, body: dict[str, Any]) -> None:
        incoming, faults = parse.form(body, self._now())
        if faults:
            ack(response_action="errors", errors=dict(faults))
            return
        self._handler(incoming)
        ack()

    def _failed(self, error: Exception) -> BoltResponse:
        log.error("could not take what arrived, Slack will send it again: %s", type(error).__name__)
        return BoltResponse(status=500)


def _as(own: Mapping[str, Any], token: str | None) -> Callable[[], AuthorizeResult]:
    """Return what tells Bolt who the bot is: known from the start, so no event waits for it."""

    def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=str(own.get("team_id") or ""),
            bot_id=str(own.get("bot_id") or ""),
            bot_user_id=str(own["user_id"]),
            bot_token=token,
        )

    return authorize
