"""The chat against a local Feishu: posts once, degrades, waits, and says what is to be mended."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.card import Mention, Paragraph, line
from bot.chat import Busy, Incoming, Ref, Refused, Unsure
from bot.clock import now
from bot.feishu.chat import FeishuChat
from tests.bot.feishu.cards import card, simple
from tests.bot.feishu.conftest import settings
from tests.servers.feishu import FeishuServer, texts

if TYPE_CHECKING:
    from bot.chat import Chat

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MESSAGES = "/im/v1/messages"


@pytest.fixture
def group(server: FeishuServer) -> str:
    return server.group(server.person("林"))


def test_posts_a_card_once_per_key(server: FeishuServer, chat: FeishuChat, group: str) -> None:
    port: Chat = chat
    refs = {port.post(group, simple(), key="digest:2026-03-12") for _ in range(3)}
    (message,) = server.sent(group)
    assert refs == {Ref("feishu", group, message.id)}
    assert message.kind == "interactive"
    assert json.loads(message.content)["schema"] == "2.0"


def test_replies_stand_in_one_thread(server: FeishuServer, chat: FeishuChat, group: str) -> None:
    root = chat.post(group, simple(), key="root")
    first = chat.post(group, simple("1"), key="a", thread=root.message)
    second = chat.post(group, simple("2"), key="b", thread=root.message)
    assert first.thread == second.thread == root.message
    threads = {one.thread for one in server.sent(group)}
    assert len(threads) == 1
    assert [one.root for one in server.sent(group)] == ["", root.message, root.message]


def test_group_without_threads_gets_a_plain_reply(server: FeishuServer, chat: FeishuChat) -> None:
    group = server.group(threads=False)
    root = chat.post(group, simple(), key="root")
    chat.post(group, simple("1"), key="a", thread=root.message)
    assert [one.root for one in server.sent(group)] == ["", root.message]


def test_posts_to_a_person(server: FeishuServer, chat: FeishuChat) -> None:
    person = server.person("Mia")
    chat.post(person, simple(), key="hello")
    assert len(server.sent(server.private(person))) == 1


def test_mentions_by_open_id(server: FeishuServer) -> None:
    person = server.person("林")
    chat = FeishuChat(settings(server), users={"lin": person})
    group = server.group(person)
    chat.post(group, card(Paragraph((line(Mention("lin", "林")),))), key="a")
    assert f"<at id={person}></at>" in texts(server.sent(group)[0])


def test_unknown_open_id_is_named_without_a_ping(server: FeishuServer) -> None:
    chat = FeishuChat(settings(server), users={"lin": "ou_of_another_app"})
    group = server.group()
    chat.post(group, card(Paragraph((line(Mention("lin", "林")),))), key="a")
    (message,) = server.sent(group)
    assert message.kind == "interactive"
    assert "@林" in texts(message)


def test_change_replaces_the_card(server: FeishuServer, chat: FeishuChat, group: str) -> None:
    ref = chat.post(group, card(state="red"), key="a")
    chat.change(ref, card(state="green"))
    (message,) = server.sent(group)
    assert json.loads(message.content)["header"]["template"] == "green"


@pytest.mark.parametrize("inner", ["11310", "200550", "200621", "200861", "200914", "200915"])
def test_refused_card_is_said_without_tables_and_charts(
    server: FeishuServer, chat: FeishuChat, group: str, inner: str
) -> None:
    server.refuse("interactive", 230099, f"Failed, ext=ErrCode: {inner}; ErrMsg: no;")
    chat.post(group, card(), key="a")
    (message,) = server.sent(group)
    assert message.kind == "interactive"
    assert '"table"' not in message.content
    assert "Rp 182 jt" in message.content


def test_card_refused_twice_is_a_post(server: FeishuServer, chat: FeishuChat, group: str) -> None:
    server.refuse("interactive", 230025, "too long", times=2)
    ref = chat.post(group, card(), key="a")
    (message,) = server.sent(group)
    assert message.kind == "post"
    assert "Rp 182 jt" in message.content
    chat.change(ref, simple("recovered"))
    assert "recovered" in server.sent(group)[0].content


def test_everything_refused_is_told(server: FeishuServer, chat: FeishuChat, group: str) -> None:
    server.refuse("", 230099, "Failed, ext=ErrCode: 200621; ErrMsg: no;", times=3)
    with pytest.raises(Refused, match="230099/200621"):
        chat.post(group, card(), key="a")
    assert server.sent(group) == []


def test_each_look_has_its_own_uuid(server: FeishuServer, chat: FeishuChat, group: str) -> None:
    server.refuse("interactive", 230099, "no", times=2)
    chat.post(group, card(), key="a")
    uuids = [one.body["uuid"] for one in server.world.calls if one.path.endswith(MESSAGES)]
    assert len(set(uuids)) == 3
    assert all(len(one) == 32 for one in uuids)


def test_private_data_is_masked_when_refused(
    server: FeishuServer, chat: FeishuChat, group: str
) -> None:
    server.refuse("interactive", 230028, "DLP")
    chat.post(group, simple("call 13800138000 · GMV £8,412"), key="a")
    shown = texts(server.sent(group)[0])
    assert "13800138000" not in shown
    assert "£8,412" in shown


def test_rate_limit_of_a_group_is_busy(server: FeishuServer, chat: FeishuChat, group: str) -> None:
    other = server.group()
    for number in range(5):
        chat.post(group, simple(), key=f"a{number}")
    with pytest.raises(Busy):
        chat.post(group, simple(), key="a5")
    assert len(server.sent(group)) == 5
    chat.post(other, simple(), key="other")


@pytest.mark.parametrize("status", [400, 429])
def test_rate_limit_of_the_app_says_how_long(
    server: FeishuServer, chat: FeishuChat, group: str, status: int
) -> None:
    headers = {"x-ogw-ratelimit-reset": "7"}
    server.fail(MESSAGES, kind="code", code=99991400, status=status, headers=headers)
    with pytest.raises(Busy) as told:
        chat.post(group, simple(), key="a")
    assert told.value.after == 7


@pytest.mark.parametrize("kind", ["500_before", "500_after", "html", "reset_after"])
def test_what_nobody_knows_is_unsure_and_a_retry_never_doubles(
    server: FeishuServer, chat: FeishuChat, group: str, kind: str
) -> None:
    server.fail(MESSAGES, kind=kind)
    with pytest.raises(Unsure):
        chat.post(group, simple(), key="a")
    assert chat.find(group, "a", now()) is None
    chat.post(group, simple(), key="a")
    assert len(server.sent(group)) == 1


def test_no_answer_in_time_is_unsure(
    server: FeishuServer, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.feishu.wire.TIMEOUT", 0.3)
    chat = FeishuChat(settings(server))
    server.fail(MESSAGES, kind="hang_after")
    with pytest.raises(Unsure):
        chat.post(group, simple(), key="a")
    chat.post(group, simple(), key="a")
    assert len(server.sent(group)) == 1


def test_after_an_hour_nobody_posts_again_on_his_own(chat: FeishuChat, group: str) -> None:
    with pytest.raises(Refused, match="by hand"):
        chat.find(group, "a", now() - timedelta(hours=1))


def test_platform_away_is_busy_for_nothing_was_posted(server: FeishuServer) -> None:
    chat = FeishuChat(settings(server))
    server.stop()
    with pytest.raises(Busy):
        chat.post("oc_1", simple(), key="a")


def test_withdrawn_token_is_fetched_once_for_all(server: FeishuServer, chat: FeishuChat) -> None:
    groups = [server.group() for _ in range(20)]
    chat.post(groups[0], simple(), key="warm")
    server.world.tokens.clear()
    fetches = server.world.token_fetches
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda one: chat.post(one, simple(), key=one), groups))
    assert server.world.token_fetches == fetches + 1
    assert all(server.sent(one) for one in groups)


def test_cold_start_fetches_one_token(server: FeishuServer, chat: FeishuChat) -> None:
    groups = [server.group() for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda one: chat.post(one, simple(), key=one), groups))
    assert server.world.token_fetches == 1


@pytest.mark.parametrize(
    ("change", "code", "remedy"),
    [
        ({"bot_inside": False}, "230002", "add it"),
        ({"muted": True}, "230018", "owner"),
        ({"dissolved": True}, "232009", "loudou.toml"),
    ],
)
def test_what_the_group_refuses_has_a_remedy(
    server: FeishuServer,
    chat: FeishuChat,
    group: str,
    change: dict[str, bool],
    code: str,
    remedy: str,
) -> None:
    for name, value in change.items():
        setattr(server.world.chats[group], name, value)
    with pytest.raises(Refused, match=remedy) as told:
        chat.post(group, simple(), key="a")
    assert told.value.code == code


def test_recalled_root_is_never_answered_in_the_group(
    server: FeishuServer, chat: FeishuChat, group: str
) -> None:
    root = chat.post(group, simple(), key="root")
    server.world.messages[root.message].deleted = True
    with pytest.raises(Refused, match="recalled"):
        chat.post(group, simple(), key="a", thread=root.message)
    assert len(server.sent(group)) == 1


def test_rate_limited_reply_is_never_a_message_of_its_own(
    server: FeishuServer, chat: FeishuChat, group: str
) -> None:
    root = chat.post(group, simple(), key="root")
    server.fail("/reply", kind="code", code=230020, message="ext=chat rate limit")
    with pytest.raises(Busy):
        chat.post(group, simple(), key="a", thread=root.message)
    assert len(server.sent(group)) == 1


def test_old_card_is_not_changed(server: FeishuServer, chat: FeishuChat, group: str) -> None:
    ref = chat.post(group, simple(), key="a")
    server.advance(15 * 86400)
    with pytest.raises(Refused, match="14 days"):
        chat.change(ref, simple("new"))


def incoming(channel: str, message: str = "") -> Incoming:
    private = channel.startswith("ou_")
    return Incoming(
        "command", "om_x", "feishu", channel, "ou_p", EPOCH, message=message, private=private
    )


def test_answers_in_the_thread_of_the_question(
    server: FeishuServer, chat: FeishuChat, group: str
) -> None:
    question = server.say(group, "ou_p", "@_user_1 /help", mentions=[server.world.bot])
    chat.answer(incoming(group, message=question), simple(), key="a")
    assert server.sent(group)[0].root == question


def test_answers_a_menu_in_private(server: FeishuServer, chat: FeishuChat) -> None:
    person = server.person("Mia")
    chat.answer(incoming(person), simple(), key="a")
    (message,) = server.sent(server.private(person))
    assert message.root == ""


def test_thread_is_read_again_after_a_time_of_being_down(
    server: FeishuServer, chat: FeishuChat, group: str
) -> None:
    person = next(iter(server.world.people))
    root = chat.post(group, simple(), key="root").message
    chat.post(group, simple("questions"), key="q", thread=root)
    said = [server.say(group, person, f"answer {one}", root=root) for one in range(60)]
    server.edit(said[1], "better")
    server.world.messages[said[2]].deleted = True
    heard = chat.replies(group, root, EPOCH)
    assert [one.message for one in heard] == said
    assert [one.kind for one in heard[:4]] == ["reply", "edit", "delete", "reply"]
    assert heard[1].text == "better"
    assert {one.thread for one in heard} == {root}
    assert heard[0].user == person
    assert chat.replies(group, root, now() + timedelta(hours=1)) == ()


def test_mentions_of_the_bot_are_no_part_of_an_answer(
    server: FeishuServer, chat: FeishuChat, group: str
) -> None:
    chat.listen(lambda _: None)
    person = next(iter(server.world.people))
    root = chat.post(group, simple(), key="root").message
    bot = [server.world.bot, person]
    server.say(group, person, "@_user_1 ask @_user_2", root=root, mentions=bot)
    server.say(group, person, "@_user_1 /funnel x", root=root, mentions=bot)
    heard = chat.replies(group, root, EPOCH)
    assert [(one.kind, one.text) for one in heard] == [
        ("reply", "ask @林"),
        ("command", "/funnel x"),
    ]


def test_message_without_a_thread_has_no_replies(chat: FeishuChat, group: str) -> None:
    root = chat.post(group, simple(), key="root").message
    assert chat.replies(group, root, EPOCH) == ()


def test_replies_that_may_not_be_read_have_a_remedy(
    server: FeishuServer, chat: FeishuChat, group: str
) -> None:
    root = chat.post(group, simple(), key="root").message
    chat.post(group, simple("q"), key="q", thread=root)
    server.world.scopes.discard("im:message.group_msg")
    with pytest.raises(Refused, match=r"im:message\.group_msg"):
        chat.replies(group, root, EPOCH)


def test_name(server: FeishuServer, chat: FeishuChat) -> None:
    person = server.person("林")
    assert chat.name(person) == "林"
    assert chat.name("ou_unknown") == "ou_unknown"


def test_doctor_is_content(server: FeishuServer, chat: FeishuChat, group: str) -> None:
    lines = chat.check((group,))
    assert all(one.ok for one in lines), lines
    assert {"Feishu credentials", "Feishu bot", f"Feishu group {group}"} <= {
        one.name for one in lines
    }


def test_doctor_finds_what_is_missing(server: FeishuServer, chat: FeishuChat, group: str) -> None:
    server.world.chats[group].bot_inside = False
    server.world.scopes.discard("im:message.group_msg")
    bad = {one.name: one.remedy for one in chat.check((group,)) if not one.ok}
    assert "Add Bot" in bad[f"Feishu group {group}"]
    assert "im:message.group_msg" in bad["Feishu replies in threads without @"]


def test_doctor_tells_a_wrong_secret(server: FeishuServer) -> None:
    server.world.app_secret = "another"
    wrong = settings(server)
    server.world.app_secret = "real"
    (only,) = FeishuChat(wrong).check(())
    assert not only.ok
    assert "FEISHU_APP_SECRET" in only.remedy
    assert "another" not in repr(only)
