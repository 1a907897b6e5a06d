"""What the app has to be given is told with its reason, and the SDK is asked for late."""

from __future__ import annotations

import subprocess
import sys

from bot.feishu.doctor import ADD_SCOPE
from bot.feishu.parse import CALLBACK, MENU, MESSAGE, RECALLED
from bot.feishu.scopes import THREAD_SCOPE, events, scopes


def test_every_grant_has_its_reason() -> None:
    for grant in (*scopes(), *events()):
        assert grant.key
        assert grant.zh
        assert grant.en


def test_every_event_that_is_read_is_listed() -> None:
    assert {grant.key for grant in events()} == {MESSAGE, RECALLED, CALLBACK, MENU}


def test_the_scope_for_threads_is_optional_and_explained() -> None:
    (grant,) = (grant for grant in scopes() if grant.key == THREAD_SCOPE)
    assert not grant.required
    assert THREAD_SCOPE in ADD_SCOPE


def test_importing_the_chat_does_not_import_the_sdk() -> None:
    code = "import sys, bot.feishu.chat; sys.exit('lark_oapi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
