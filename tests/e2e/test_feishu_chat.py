"""A bot as a process of its own on a local Feishu, by long connection and by webhook."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.servers.feishu import FeishuServer, texts, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e

SECRET = "e2e-secret-of-the-app"


class Bot:
    """A bot that runs, the group it is in, and a person there."""

    def __init__(self, server: FeishuServer, mode: str) -> None:
        self.server = server
        self.mia = server.person("Mia")
        self.group = server.group(self.mia)
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.e2e.feishu_bot",
                server.url,
                server.world.app_id,
                mode,
                self.group,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "FEISHU_APP_SECRET": SECRET},
        )
        assert self.process.stdout is not None
        port = self.process.stdout.readline().strip()
        assert port, self.process.communicate()[1]
        if mode == "webhook":
            assert server.post.register(f"http://127.0.0.1:{port}/feishu/events", "key", "token")
        else:
            assert server.line.connected.wait(30)
        self.root = server.wait_sent(self.group, 1)[0].id

    def stop(self) -> tuple[int, str]:
        self.process.terminate()
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out + err


@pytest.fixture(params=["socket", "webhook"])
def bot(request: pytest.FixtureRequest) -> Iterator[Bot]:
    with FeishuServer("cli_e2e00000001", SECRET) as server:
        running = Bot(server, request.param)
        yield running
        running.process.kill()
        running.process.communicate()


def test_a_morning(bot: Bot) -> None:
    server, group, mia = bot.server, bot.group, bot.mia
    assert "少赚约 £1,120" in texts(server.sent(group)[0])

    question = server.say(group, mia, "@_user_1／漏斗\u3000live-0312", mentions=[server.world.bot])
    answer = server.wait_sent(group, 2)[1]
    assert "command /漏斗 live-0312" in texts(answer)
    assert answer.root == question

    for _ in range(3):
        server.post.send(server.said_event(server.world.messages[question]))

    server.press(bot.root, "ack", mia)
    wait_for(lambda: '"template":"orange"' in server.world.messages[bot.root].content)

    server.submit(bot.root, "answer", mia, {"problem": "加购低", "cause": "price"})
    assert "form problem=加购低, cause=price" in texts(server.wait_sent(group, 3)[2])

    reply = server.say(group, mia, "运费说明改过", root=bot.root)
    assert "reply 运费说明改过" in texts(server.wait_sent(group, 4)[3])
    server.recall(reply)
    assert f"delete {reply}".replace("_", "&#95;") in texts(server.wait_sent(group, 5)[4])

    in_thread = server.sent(group)[2:]
    assert {one.root for one in in_thread} == {bot.root}
    assert len({one.thread for one in in_thread}) == 1
    assert all(
        one is not None and one.code == 200 and one.seconds < 1 for one in server.post.receipts
    )

    code, told = bot.stop()
    assert code == 0, told
    assert "Traceback" not in told
    assert SECRET not in told
    assert len(server.sent(group)) == 5
