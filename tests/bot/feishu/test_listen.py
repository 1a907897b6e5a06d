"""The bot hears what people do, by long connection and by webhook, and finds a dead line."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from bot.chat import Refused
from bot.feishu.chat import FeishuChat
from bot.feishu.socket import Socket
from bot.http import Web
from tests.bot.feishu.cards import card
from tests.bot.feishu.conftest import settings
from tests.servers.feishu import FeishuServer, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.chat import Incoming
    from bot.feishu.settings import Mode


class Ear:
    """A chat that listens, in one of the two ways."""

    def __init__(self, server: FeishuServer, mode: Mode) -> None:
        self.heard: list[Incoming] = []
        self.server = server
        self.chat = FeishuChat(settings(server, mode), words=["funnel", "漏斗"])
        self.chat.listen(self.heard.append)
        self.web: Web | None = None
        if mode == "webhook":
            self.web = Web(0, {"/feishu/events": self.chat.wsgi}, self.chat.healthy)
            url = f"http://127.0.0.1:{self.web.port}/feishu/events"
            assert server.post.register(url, "key", "token")
        else:
            assert server.line.connected.wait(20)

    def stop(self) -> None:
        self.chat.stop()
        if self.web is not None:
            self.web.stop()


@pytest.fixture(params=["socket", "webhook"])
def ear(request: pytest.FixtureRequest, server: FeishuServer) -> Iterator[Ear]:
    listening = Ear(server, request.param)
    yield listening
    listening.stop()


def test_people_are_heard(ear: Ear, server: FeishuServer) -> None:
    mia = server.person("Mia")
    group = server.group(mia)
    server.say(group, mia, "@_user_1 /漏斗 live-0312", mentions=[server.world.bot])
    ref = ear.chat.post(group, card(), key="alert")
    reply = server.say(group, mia, "运费说明改过", root=ref.message)
    server.recall(reply)
    touched = server.press(ref.message, "ack", mia)
    sent = server.submit(ref.message, "answer", mia, {"problem": "加购低", "cause": "price"})
    server.menu(mia, "help")
    kinds = [(one.kind, one.text or one.action or one.message) for one in ear.heard]
    assert kinds == [
        ("command", "/漏斗 live-0312"),
        ("reply", "运费说明改过"),
        ("delete", reply),
        ("button", "ack"),
        ("form", "answer"),
        ("command", "/help"),
    ]
    assert ear.heard[4].answers == {"problem": "加购低", "cause": "price"}
    assert ear.heard[1].thread == ref.message
    assert all(one is not None and one.code == 200 for one in server.post.receipts)
    assert touched is not None
    assert sent is not None
    assert touched.answer["toast"]["i18n"] == {"zh_cn": "收到", "en_us": "Got it"}
    assert touched.seconds < 1


def test_unknown_event_is_acknowledged(ear: Ear, server: FeishuServer) -> None:
    receipt = server.post.send({"schema": "2.0", "header": {"event_type": "x", "token": "token"}})
    assert receipt is not None
    assert receipt.code == 200
    assert ear.heard == []


def test_same_message_under_new_event_ids_has_one_id(ear: Ear, server: FeishuServer) -> None:
    mia = server.person("Mia")
    group = server.group(mia)
    message = server.say(group, mia, "@_user_1 /funnel x", mentions=[server.world.bot])
    server.post.send(server.said_event(server.world.messages[message]))
    server.post.send(server.said_event(server.world.messages[message]))
    assert [one.id for one in ear.heard] == [message] * 3


def test_event_that_is_not_acknowledged_comes_again(ear: Ear, server: FeishuServer) -> None:
    mia = server.person("Mia")
    group = server.group(mia)
    broken = True

    def handler(incoming: Incoming) -> None:
        if broken:
            raise OSError("disk full")
        ear.heard.append(incoming)

    ear.chat._handler = handler
    server.say(group, mia, "@_user_1 /funnel x", mentions=[server.world.bot])
    assert ear.heard == []
    broken = False
    assert server.advance(15) == 1
    assert len(ear.heard) == 1


def test_without_the_scope_only_mentions_are_heard(ear: Ear, server: FeishuServer) -> None:
    server.world.scopes.discard("im:message.group_msg")
    mia = server.person("Mia")
    group = server.group(mia)
    ref = ear.chat.post(group, card(), key="alert")
    server.say(group, mia, "silence", root=ref.message)
    server.say(group, mia, "@_user_1 heard", root=ref.message, mentions=[server.world.bot])
    assert [one.text for one in ear.heard] == ["heard"]


def test_health(ear: Ear) -> None:
    wait_for(ear.chat.healthy)
    ear.chat.stop()
    assert not ear.chat.healthy()


def test_nobody_listens_before_the_bot_knows_itself(server: FeishuServer) -> None:
    server.fail("/bot/v3/info", kind="code", code=230006)
    chat = FeishuChat(settings(server))
    with pytest.raises(Refused, match="Add Features"):
        chat.listen(lambda _: None)


def test_split_event_is_joined(server: FeishuServer) -> None:
    ear = Ear(server, "socket")
    server.line.split = 3
    mia = server.person("Mia")
    server.say(server.private(mia), mia, "漏斗 " + "长" * 500)
    ear.stop()
    assert ear.heard[0].text == "/漏斗 " + "长" * 500


def test_line_that_was_hung_up_is_taken_up_again(server: FeishuServer) -> None:
    ear = Ear(server, "socket")
    server.line.hang_up()
    assert server.line.connected.wait(20)
    mia = server.person("Mia")
    server.say(server.private(mia), mia, "/funnel x")
    ear.stop()
    assert len(ear.heard) == 1


@pytest.fixture
def quick(server: FeishuServer) -> Iterator[Socket]:
    socket = Socket(settings(server), lambda _: {}, ping_every=1, deaf_after=1.5)
    yield socket
    socket.stop()


def test_deaf_line_is_built_anew(server: FeishuServer, quick: Socket) -> None:
    server.line.pongs = False
    quick.start()
    assert server.line.connected.wait(20)
    first = server.line.connections[0]
    server.line.connected.clear()
    assert server.line.connected.wait(20)
    assert server.line.connections[-1] is not first


def test_line_without_events_is_built_anew(server: FeishuServer) -> None:
    socket = Socket(settings(server), lambda _: {}, ping_every=1, quiet_after=1.0)
    socket.start()
    assert server.line.connected.wait(20)
    server.line.connected.clear()
    assert server.line.connected.wait(20)
    socket.stop()


def test_platform_that_is_busy_is_called_again(server: FeishuServer, quick: Socket) -> None:
    server.line.bootstrap_code = 1
    quick.start()
    wait_for(lambda: any(one.path.endswith("/ws/endpoint") for one in server.world.calls), 20)
    server.line.bootstrap_code = 0
    assert server.line.connected.wait(20)
    wait_for(quick.healthy)


def test_half_open_line_is_given_up(
    server: FeishuServer, quick: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.feishu.socket.TIMEOUT", 0.5)
    server.fail("/ws/endpoint", kind="hang_after")
    quick.start()
    assert server.line.connected.wait(20)


def test_pings_come_often_whatever_the_platform_proposes(
    server: FeishuServer, quick: Socket
) -> None:
    quick.start()
    wait_for(lambda: server.line.pings >= 3, 20)
    assert quick.healthy()


def test_nothing_is_left_running(server: FeishuServer) -> None:
    ear = Ear(server, "socket")
    ear.stop()
    assert not [one for one in threading.enumerate() if one.name == "feishu-socket"]
    wait_for(lambda: not server.line.connections)


def test_ticket_and_secret_are_not_logged(
    server: FeishuServer, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    ear = Ear(server, "socket")
    server.line.hang_up()
    assert server.line.connected.wait(20)
    ear.stop()
    out = capfd.readouterr()
    for secret in ("hidden-ticket", server.world.app_secret):
        assert secret not in caplog.text + out.out + out.err
