"""The running bot: what a person types is answered, and it ends when it is told to."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING

from bot.console.chat import ConsoleChat
from bot.running import Bot
from tests.servers.slack import wait_for

if TYPE_CHECKING:
    import pytest

    from bot.desk import Desk


def test_a_question_is_answered_and_the_end_is_orderly(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    chat = ConsoleChat(out, io.StringIO("/metric ctr\n"), channel="standup", width=80)
    bot = Bot(desk, {"console": chat}, {}, 0)
    thread = threading.Thread(target=bot.run)
    thread.start()
    try:
        wait_for(lambda: "CTR" in out.getvalue().upper(), "an answer", 30)
    finally:
        bot.stopping.set()
        thread.join(30)
    assert not thread.is_alive()
    assert not [one for one in threading.enumerate() if one.name in {"inbox", "outbox"}]
