"""Each error of the platform is told to the sender as what it is."""

from __future__ import annotations

import pytest

from bot.chat import Busy, Refused, Unsure
from bot.feishu.errors import Kind, judge, table


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 230020, "busy"),
        (429, 99991400, "busy"),
        (400, 99991400, "busy"),
        (429, 0, "busy"),
        (400, 230049, "unsure"),
        (500, 0, "unsure"),
        (502, 55001, "unsure"),
        (400, 0, "unsure"),
        (400, 99991663, "token"),
        (400, 230099, "degrade"),
        (400, 230025, "degrade"),
        (400, 230028, "mask"),
        (400, 230071, "outside"),
        (400, 230002, "refused"),
        (200, 10014, "refused"),
        (400, 123456, "refused"),
    ],
)
def test_kind(status: int, code: int, kind: Kind) -> None:
    assert judge(status, code, "message", {}).kind == kind


def test_rate_limit_honours_the_header() -> None:
    error = judge(429, 99991400, "slow down", {"X-Ogw-Ratelimit-Reset": "7"}).error()
    assert isinstance(error, Busy)
    assert error.after == 7


def test_locked_card_is_tried_again() -> None:
    message = "Failed to update, ext=ErrCode: 11310; ErrMsg: card action is lock;"
    assert isinstance(judge(400, 230099, message, {}).error(), Busy)


def test_inner_code_and_log_id_are_told() -> None:
    trouble = judge(400, 230099, "ext=ErrCode: 11310; ErrMsg: table number over limit", {}, "log7")
    assert trouble.code == "230099/11310"
    assert "log7" in trouble.detail


def test_every_refusal_has_a_remedy() -> None:
    for code, row in table().items():
        if row.kind == "refused":
            error = judge(400, code, "no", {}).error()
            assert isinstance(error, Refused)
            assert error.remedy.endswith(".")


def test_unknown_code_is_named() -> None:
    error = judge(400, 123456, "odd", {}).error()
    assert isinstance(error, Refused)
    assert error.code == "123456"
    assert "odd" in error.remedy


def test_server_error_is_unsure() -> None:
    assert isinstance(judge(503, 0, "x", {}).error(), Unsure)
