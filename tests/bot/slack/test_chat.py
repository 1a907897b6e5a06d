"""Posting, looking up and answering against a Slack that fails on demand."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.card import Mention
from bot.chat import Busy, ChatError, Incoming, Refused, Unsure
from bot.slack.chat import SlackChat, SlackSettings
from bot.slack.manifest import scopes
from tests.bot.slack.conftest import GREY, RICH
from tests.servers.slack import (
    ALICE,
    BOT_TOKEN,
    CHANNEL,
    SECRET,
    Fault,
    StubSlack,
    deaf_socket,
    stub_slack,
    wait_for,
)

BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
AT = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)


def asked(**fields: Any) -> Incoming:
    given: dict[str, Any] = {"kind": "command", "id": "1", "platform": "slack", "channel": CHANNEL,
                             "user": ALICE, "at": AT, **fields}  # fmt: skip
    return Incoming(**given)


def test_a_post_carries_its_key_and_nothing_unfolds(chat: SlackChat, stub: StubSlack) -> None:
    ref = chat.post(CHANNEL, RICH, key="digest:2026-03-12", thread="1.1")
    (sent,) = stub.of("chat.postMessage")
    assert (ref.channel, ref.thread, ref.message) == (CHANNEL, "1.1", stub.posted[0]["ts"])
    assert sent["metadata"]["event_payload"] == {"key": "digest:2026-03-12"}
    assert sent["text"] == RICH.summary
    assert (sent["unfurl_links"], sent["unfurl_media"], sent["thread_ts"]) == (False, False, "1.1")


def test_a_message_is_found_by_its_key_on_any_page(chat: SlackChat, stub: StubSlack) -> None:
    stub.page = 3
    refs = [chat.post(CHANNEL, RICH, key=f"k{n}") for n in range(8)]
    inside = chat.post(CHANNEL, RICH, key="reply", thread=refs[0].message)
    assert chat.find(CHANNEL, "k7", BEFORE) == refs[7]
    assert chat.find(CHANNEL, "k8", BEFORE) is None
    assert chat.find(CHANNEL, "reply", BEFORE) is None
    assert chat.find(CHANNEL, "reply", BEFORE, thread=refs[0].message) == inside
    later = datetime.fromtimestamp(float(refs[3].message), UTC) + timedelta(seconds=0.5)
    assert chat.find(CHANNEL, "k2", later) is None
    assert chat.find(CHANNEL, "k5", later) == refs[5]


def test_what_slack_accepted_before_the_line_broke_is_unsure_once_and_found(
    chat: SlackChat, stub: StubSlack
) -> None:
    stub.fail("chat.postMessage", Fault(reset=True, carried_out=True))
    with pytest.raises(Unsure):
        chat.post(CHANNEL, RICH, key="k1")
    assert len(stub.posted) == 1
    assert chat.find(CHANNEL, "k1", BEFORE) is not None


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(reset=True), Unsure),
        (Fault(status=500, body="<html>oops</html>"), Unsure),
        (Fault(status=503), Unsure),
        (Fault(body="<html>fine</html>"), Unsure),
        (Fault(error="internal_error"), Unsure),
        (Fault(error="ratelimited", status=429, headers=(("Retry-After", "7"),)), Busy),
        (Fault(error="not_in_channel"), Refused),
        (Fault(error="something_new"), Refused),
    ],
)
def test_each_failure_says_what_to_do_and_is_tried_once(
    chat: SlackChat, stub: StubSlack, fault: Fault, kind: type[ChatError]
) -> None:
    stub.fail("chat.postMessage", fault)
    with pytest.raises(kind):
        chat.post(CHANNEL, RICH, key="k1")
    assert len(stub.of("chat.postMessage")) == 1


def test_the_wait_that_slack_asks_for_is_told(chat: SlackChat, stub: StubSlack) -> None:
    stub.fail(
        "chat.postMessage",
        Fault("ratelimited", 429, (("Retry-After", "7"),)),
        Fault("ratelimited", 429),
    )
    with pytest.raises(Busy) as told:
        chat.post(CHANNEL, RICH, key="k1")
    assert told.value.after == 7
    with pytest.raises(Busy) as untold:
        chat.post(CHANNEL, RICH, key="k1")
    assert untold.value.after == 1


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("not_in_channel", "/invite @Loudou"),
        ("channel_not_found", "loudou.toml"),
        ("is_archived", "unarchive"),
        ("token_revoked", "reinstall"),
        ("invalid_auth", "SLACK_BOT_TOKEN"),
    ],
)
def test_a_refusal_comes_with_one_line_of_remedy(
    chat: SlackChat, stub: StubSlack, code: str, remedy: str
) -> None:
    stub.fail("chat.update", Fault(code))
    with pytest.raises(Refused, match=code) as told:
        chat.change(chat.post(CHANNEL, RICH, key="k"), RICH)
    assert remedy in told.value.remedy
    assert "\n" not in told.value.remedy


def test_a_missing_scope_is_named(chat: SlackChat, stub: StubSlack) -> None:
    stub.fail("chat.postMessage", Fault("missing_scope", extra=(("needed", "chat:write"),)))
    with pytest.raises(Refused, match="add the scope chat:write"):
        chat.post(CHANNEL, RICH, key="k1")


def test_without_a_connection_nothing_was_posted() -> None:
    with stub_slack() as gone:
        address = gone.api_url
    chat = SlackChat(SlackSettings(BOT_TOKEN, api_url=address))
    with pytest.raises(Busy, match="cannot be reached"):
        chat.post(CHANNEL, RICH, key="k1")


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
def test_refused_blocks_are_sent_plainer_with_the_same_key(
    chat: SlackChat, stub: StubSlack, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    where = {"messages": ["[ERROR] no such type [json-pointer:/blocks/2/type]"]}
    stub.fail("chat.postMessage", Fault(code, extra=(("response_metadata", where),)), Fault(code))
    chat.post(CHANNEL, RICH, key="k1")
    rich, sections, text = stub.of("chat.postMessage")
    assert {block["type"] for block in rich["blocks"]} >= {"data_visualization", "table"}
    assert {block["type"] for block in sections["blocks"]} == {"header", "section"}
    assert text["blocks"] == []
    assert "UK GMV £8,412" in text["text"].replace("*", "")
    assert {call["metadata"]["event_payload"]["key"] for call in (rich, sections, text)} == {"k1"}
    assert "/blocks/2/type" in caplog.text
    assert "Refund" not in caplog.text


def test_a_slash_command_is_answered_where_it_was_asked(chat: SlackChat, stub: StubSlack) -> None:
    url = stub.api_url + "response"
    stub.fail("response", *[Fault(status=200, body="ok")] * 2)
    assert chat.answer(asked(token=url), RICH, key="k") is None
    assert chat.answer(asked(token=url), GREY, key="k") is None
    team, alone = stub.of("response")
    assert (team["response_type"], alone["response_type"]) == ("in_channel", "ephemeral")


def test_an_answer_too_late_for_its_address_is_posted(chat: SlackChat, stub: StubSlack) -> None:
    url = stub.api_url + "response"
    stub.fail("response", *[Fault(status=404, body="expired_url")] * 2)
    assert chat.answer(asked(token=url), RICH, key="k") is not None
    assert chat.answer(asked(token=url), GREY, key="k") is None
    assert stub.of("chat.postEphemeral")[0]["user"] == ALICE


def test_no_answer_goes_to_a_foreign_address(chat: SlackChat, stub: StubSlack) -> None:
    ref = chat.answer(asked(token="http://169.254.169.254/", message="1.2"), RICH, key="k")
    assert ref is not None
    assert ref.thread == "1.2"


def test_a_mention_is_answered_in_its_thread_and_a_private_one_without(
    chat: SlackChat, stub: StubSlack
) -> None:
    chat.answer(asked(message="1.2"), GREY, key="k1")
    chat.answer(asked(message="1.3", thread="1.1"), RICH, key="k2")
    chat.answer(asked(message="1.4", private=True), RICH, key="k3")
    threads = [call.get("thread_ts") for call in stub.of("chat.postMessage")]
    assert threads == ["1.2", "1.1", None]


def test_only_the_one_who_pressed_sees_what_went_wrong(chat: SlackChat, stub: StubSlack) -> None:
    pressed = asked(kind="button", message="1.2", thread="1.1")
    assert chat.answer(pressed, GREY, key="k") is None
    assert stub.of("chat.postEphemeral")[0]["thread_ts"] == "1.1"


def test_names_and_languages_are_asked_once_and_never_break(
    chat: SlackChat, stub: StubSlack
) -> None:
    stub.users[ALICE] = {"locale": "zh-CN", "profile": {"display_name": "林"}}
    assert [chat.name(ALICE), chat.name(ALICE), chat.locale(ALICE)] == ["林", "林", "zh"]
    assert len(stub.of("users.info")) == 1
    assert (chat.name("U9"), chat.locale("U9")) == ("U9", None)
    stub.users["U8"] = {"locale": "en-GB", "real_name": "Mia"}
    assert (chat.name("U8"), chat.locale("U8")) == ("Mia", "en")


def test_only_people_of_the_team_are_pinged(chat: SlackChat) -> None:
    assert chat.mention(Mention("alice", "Alice")) == f"<@{ALICE}>"
    assert chat.mention(Mention("nobody", "Nobody")) == "@Nobody"


def test_the_doctor_names_each_remedy(chat: SlackChat, stub: StubSlack) -> None:
    stub.channels = {"C1": {"name": "a", "is_member": True}, "C2": {"name": "b", "is_member": False},
                     "C3": {"name": "c", "is_archived": True}}  # fmt: skip
    stub.scopes = ",".join(sorted(scopes() - {"users:read"}))
    token, scope, first, second, third, fourth = chat.check(("C1", "C2", "C3", "C4"))
    assert (token.ok, first.ok) == (True, True)
    assert scope.detail == "missing: users:read"
    assert "/invite" in second.remedy
    assert "unarchive" in third.remedy
    assert "loudou.toml" in fourth.remedy
    stub.fail("auth.test", Fault("invalid_auth"))
    (only,) = chat.check(("C1",))
    assert not only.ok
    assert "SLACK_BOT_TOKEN" in only.remedy


def test_the_doctor_tries_the_app_token(stub: StubSlack, socket_settings: SlackSettings) -> None:
    chat = SlackChat(socket_settings)
    assert [check.name for check in chat.check(()) if check.ok][-1] == "Slack Socket Mode"
    stub.fail("apps.connections.open", Fault("invalid_auth"))
    assert "SLACK_APP_TOKEN" in chat.check(())[-1].remedy


def test_a_start_that_cannot_work_says_so(stub: StubSlack) -> None:
    with pytest.raises(Refused, match="SLACK_APP_TOKEN"):
        SlackChat(SlackSettings(BOT_TOKEN, api_url=stub.api_url)).listen(print)
    stub.fail("auth.test", Fault("account_inactive"))
    with pytest.raises(Refused, match="reinstall"):
        SlackChat(SlackSettings(BOT_TOKEN, signing_secret=SECRET, api_url=stub.api_url)).listen(
            print
        )


def test_a_deaf_line_is_dialled_anew(
    stub: StubSlack, socket_settings: SlackSettings, caplog: pytest.LogCaptureFixture
) -> None:
    with deaf_socket() as (url, taken):
        stub.socket_url = url
        chat = SlackChat(socket_settings)
        chat.listen(print)
        try:
            wait_for(lambda: len(taken) >= 2, "the second connection", 15)
        finally:
            chat.stop()
    assert "no sign of life" in caplog.text


def test_settings_show_no_secret() -> None:
    shown = repr(SlackSettings("xoxb-canary", "xapp-canary", "sign-canary"))
    assert "canary" not in shown


def test_the_libraries_stay_silent_below_warning(chat: SlackChat) -> None:
    for name in ("slack_bolt", "slack_sdk.web.base_client", "websocket"):
        assert logging.getLogger(name).getEffectiveLevel() >= logging.WARNING
