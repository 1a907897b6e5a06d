"""The whole bot as a process on a local Feishu: a morning, questions, clicks, a review, a power cut."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from storage.example import people
from tests.e2e.team import BotProcess, bot, example_morning, leave_example_unsent
from tests.servers.feishu import FeishuServer, texts, wait_for
from tests.servers.slack import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.feishu.settings import Mode
    from tests.servers.feishu_world import Message

pytestmark = pytest.mark.e2e

APP, SECRET, KEY, TOKEN = "cli_e2e00000002", "e2e-secret-of-the-app", "e2e-key", "e2e-token"
FUNNEL = "漏斗 uk-beauty/live-0312"
PROMISE, BATCH = "视频里说厚实", "先停发这一批"
PHOTO, THIN = "补一张透光实拍", "面料偏透"


@dataclass(frozen=True)
class Group:
    """A group on a Feishu, the bot in it, and what is seen there."""

    server: FeishuServer
    bot: BotProcess
    chat: str
    mia: str
    hao: str
    webhook: str
    """Where events are pushed to; empty with a long connection."""

    def start(self) -> None:
        """Start the bot and wait until events can reach it."""
        wait_for(lambda: not self.server.line.connections, 30)
        self.bot.start()
        if self.webhook:
            assert self.server.post.register(self.webhook, KEY, TOKEN)
        else:
            wait_for(lambda: bool(self.server.line.connections), 30)

    def one(self, text: str, fits: Callable[[Message], bool] = lambda _: True) -> Message:
        """Return the bot's only message in which a text stands, as soon as it is there."""

        def look() -> list[Message]:
            return [one for one in self.posts() if text in texts(one) and fits(one)]

        wait_for(lambda: bool(look()), 30)
        found = look()
        assert len(found) == 1, [texts(one) for one in found]
        return found[0]

    def new(self, before: list[Message]) -> Message:
        """Return the one message that the bot has posted since, as soon as it is there."""
        known = [one.id for one in before]

        def look() -> list[Message]:
            return [one for one in self.posts() if one.id not in known]

        wait_for(lambda: bool(look()), 30)
        assert len(look()) == 1, [texts(one) for one in look()]
        return look()[0]

    def posts(self) -> list[Message]:
        return self.server.sent(self.chat)

    def ask(self, text: str) -> str:
        """Let Mia ask the bot; return her message."""
        bot_id = self.server.world.bot
        return self.server.say(self.chat, self.mia, f"@_user_1 {text}", mentions=[bot_id])


@contextmanager
def group(mode: Mode, home: Path) -> Iterator[Group]:
    """Run a Feishu, and prepare a bot for it."""
    port = free_port()
    own = {"FEISHU_ENCRYPT_KEY": KEY, "FEISHU_VERIFICATION_TOKEN": TOKEN}
    with FeishuServer(APP, SECRET) as server:
        mia, hao = server.person("Mia"), server.person("Hao")
        chat = server.group(mia, hao)
        settings = {
            **(own if mode == "webhook" else {}),
            "FEISHU_APP_ID": APP,
            "FEISHU_APP_SECRET": SECRET,
            "FEISHU_DOMAIN": server.url,
            "LOUDOU_HTTP_PORT": str(port),
        }
        webhook = f"http://127.0.0.1:{port}/feishu/events" if mode == "webhook" else ""
        users = {person.key: mia for person in people()} | {"hao": hao}
        with bot(home, "feishu", chat, users, settings, lang="zh") as running:
            yield Group(server, running, chat, mia, hao, webhook)


def test_a_team_by_long_connection(home: Path) -> None:
    with group("socket", home) as here:
        code, said = here.bot.command(*example_morning())
        assert code == 0, said
        root, form = the_example_is_seen(here)
        told = here.posts()
        here.start()
        today = here.new(told)
        assert not today.root
        assert f"原定 {here.bot.due:%H:%M} 发出" in texts(today)
        questions_are_answered(here)
        an_alert_is_taken_on_once(here, root)
        first, second = replies_are_gathered(here, root, form)

        told = here.posts()
        here.bot.kill()
        missed = here.server.say(here.chat, here.hao, f"动作：{BATCH}", root=root.id)
        here.server.edit(first, f"3. {THIN}")
        here.start()
        healed = here.one(BATCH, lambda one: THIN in texts(one))
        assert healed.id == form.id
        assert PROMISE not in texts(healed)
        here.server.recall(second)
        wait_for(lambda: PHOTO not in texts(form))
        assert here.server.advance(20) == 1
        events_that_come_again_change_nothing(here, form, missed, second)

        assert [one.id for one in here.posts()][:-1] == [one.id for one in told]
        it_ends_well(here)


def test_a_team_by_sealed_webhook(home: Path) -> None:
    with group("webhook", home) as here:
        leave_example_unsent(home)
        here.start()
        root, form = the_example_is_seen(here)
        here.one(f"原定 {here.bot.due:%H:%M} 发出")
        questions_are_answered(here)
        an_alert_is_taken_on_once(here, root)
        first, second = replies_are_gathered(here, root, form)
        here.server.recall(second)
        wait_for(lambda: PHOTO not in texts(form))
        events_that_come_again_change_nothing(here, form, first, second)
        it_ends_well(here)


def the_example_is_seen(here: Group) -> tuple[Message, Message]:
    """Look at the example's digest; return an alert and its review's form."""
    form = here.one("复盘 #1")
    assert "US apparel" in texts(form)
    root = here.server.world.messages[form.root]
    assert '"template":"red"' in root.content
    assert "<at id=ou_" in texts(root)
    digest = here.posts()[0]
    assert "UK beauty" in texts(digest)
    assert not digest.root
    return root, form


def questions_are_answered(here: Group) -> None:
    before = here.posts()
    asked = here.ask(FUNNEL)
    answer = here.new(before)
    assert answer.root == asked
    assert "live-0312" in texts(answer)
    assert "加购" in texts(answer)

    before = here.posts()
    asked = here.ask("／漏斗\u3000live-9999")
    unknown = here.new(before)
    assert unknown.root == asked
    assert "live-9999" in texts(unknown)
    assert texts(unknown).count("live-") >= 4


def an_alert_is_taken_on_once(here: Group, root: Message) -> None:
    server = here.server
    card = root.content
    server.press(root.id, "ack", here.hao)
    changed = here.one("郝 Hao 已认领")
    assert changed.id == root.id
    assert '"template":"orange"' in changed.content
    shown, root.content = root.content, card
    server.press(root.id, "ack", here.mia)
    root.content = shown
    here.one("郝 Hao 已经认领了", lambda one: one.root == root.id)


def replies_are_gathered(here: Group, root: Message, form: Message) -> tuple[str, str]:
    """Let two people answer; return their messages."""
    first = here.server.say(here.chat, here.mia, f"3. {PROMISE}", root=root.id)
    here.one(PROMISE, lambda one: one.id == form.id)
    second = here.server.say(here.chat, here.hao, f"动作：{PHOTO}", root=root.id)
    gathered = here.one(PHOTO)
    assert gathered.id == form.id
    assert PROMISE in texts(gathered)
    assert "郝 Hao" in texts(gathered)
    return first, second


def events_that_come_again_change_nothing(here: Group, form: Message, *messages: str) -> None:
    """Push what was said once more, then wait for the answer to a question asked after it."""
    server, shown, number = here.server, form.content, len(here.posts())
    for message in messages:
        server.post.send(server.said_event(server.world.messages[message]))
    asked = here.ask("帮助")
    here.one("", lambda one: one.root == asked)
    assert len(here.posts()) == number + 1
    assert form.content == shown


def it_ends_well(here: Group) -> None:
    """Stop the bot: quickly, in order, and with nothing in the log that must not be there."""
    code, seconds = here.bot.stop()
    assert code == 0, here.bot.said()
    assert seconds < 10
    log = here.bot.said()
    assert "Traceback" not in log, log
    for secret in (SECRET, KEY, TOKEN, "hidden-ticket", PROMISE, BATCH, "live-0312"):
        assert secret not in log.partition("running: ")[2]
