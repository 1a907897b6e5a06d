"""One call to the platform: with a token, without a second try, and with its trouble named."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import TYPE_CHECKING, Any, Literal

from bot.feishu.errors import Trouble, judge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.feishu.settings import FeishuSettings

Method = Literal["GET", "POST", "PATCH", "PUT"]

TIMEOUT = 10.0
"""Seconds until an answer is given up; whether it was posted is then not known."""
TOKEN_MARGIN = 600.0
"""Seconds before its end at which a token is fetched anew."""
TOKEN_PATH = "/open-apis/auth/v3/tenant_access_token/internal"  # noqa: S105  an address
JSON_TYPE = "application/json; charset=utf-8"


def sdk() -> Any:
    """Return lark_oapi. It takes seconds to import, so only a connected bot asks for it."""
    import lark_oapi  # noqa: PLC0415  seconds and 160 MB, for those who use Feishu only
    from lark_oapi.ws import client  # noqa: PLC0415

    # The SDK takes an event loop at import; nobody runs it, so it would be left open at exit.
    if not client.loop.is_running() and not client.loop.is_closed():
        client.loop.close()
        asyncio.set_event_loop(None)
    return lark_oapi


class Wire:
    """The HTTP side of one app. Safe to use from several threads."""

    def __init__(self, settings: FeishuSettings) -> None:
        self._settings = settings
        self._lark = sdk()
        self._client = (
            self._lark.Client.builder()
            .app_id(settings.app_id)
            .app_secret(settings.app_secret)
            .domain(settings.domain.rstrip("/"))
            .timeout(TIMEOUT)
            .enable_set_token(enable_set_token=True)
            .log_level(self._lark.LogLevel.WARNING)
            .build()
        )
        self._lock = threading.Lock()
        self._token = ""
        self._token_end = 0.0

    def call(
        self,
        method: Method,
        path: str,
        *,
        paths: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the whole JSON answer of a successful call; raises Trouble.

        A token that was withdrawn is replaced once; that call was never carried out, so trying
        again cannot double anything.
        """
        token = self.token()
        try:
            return self._send(method, path, paths, query, body, token)
        except Trouble as trouble:
            if trouble.kind != "token":
                raise
        self._drop(token)
        return self._send(method, path, paths, query, body, self.token())

    def token(self) -> str:
        """Return a token that is good for some minutes; only one thread fetches at a time."""
        with self._lock:
            if not self._token or time.monotonic() >= self._token_end:
                self._token, seconds = self._fetch()
                self._token_end = time.monotonic() + max(seconds - TOKEN_MARGIN, 30.0)
            return self._token

    def _drop(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._token = ""

    def _fetch(self) -> tuple[str, float]:
        body = {"app_id": self._settings.app_id, "app_secret": self._settings.app_secret}
        try:
            answer = self._send("POST", TOKEN_PATH, None, None, body, "")
        except Trouble as trouble:
            if trouble.kind == "unsure":  # without a token nothing can have been posted
                raise Trouble("busy", trouble.code, trouble.detail, wait=5.0) from trouble
            raise
        return str(answer["tenant_access_token"]), float(answer.get("expire", 7200))

    def _send(
        self,
        method: Method,
        path: str,
        paths: Mapping[str, str] | None,
        query: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
        token: str,
    ) -> dict[str, Any]:
        kinds = {self._lark.AccessTokenType.TENANT} if token else set()
        request = (
            self._lark.BaseRequest.builder()
            .http_method(self._lark.HttpMethod[method])
            .uri(path)
            .paths(dict(paths or {}))
            .queries(list((query or {}).items()))
            .headers({"Content-Type": JSON_TYPE})
            .token_types(kinds)
            .body(None if body is None else dict(body))
            .build()
        )
        option = self._lark.RequestOption.builder().tenant_access_token(token).build()
        return _read(self._exchange(request, option))

    def _exchange(self, request: Any, option: Any) -> Any:
        import requests  # noqa: PLC0415  comes with lark_oapi and is needed no sooner

        try:
            return self._client.request(request, option).raw
        except requests.ConnectTimeout as error:
            raise _away(error) from None
        except requests.ConnectionError as error:
            if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
                raise _away(error) from None
            raise Trouble("unsure", "connection", type(error).__name__) from None
        except (requests.RequestException, ValueError) as error:
            raise Trouble("unsure", "no answer", type(error).__name__) from None


def _away(error: Exception) -> Trouble:
    return Trouble("busy", "no connection", type(error).__name__, wait=5.0)


def _read(raw: Any) -> dict[str, Any]:
    headers = {str(name).lower(): str(value) for name, value in raw.headers.items()}
    try:
        answer = json.loads(raw.content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise judge(raw.status_code, 0, "the answer is no JSON", headers)
    code = answer.get("code")
    if code == 0 and raw.status_code < 400:
        return answer
    number = code if isinstance(code, int) else 0
    raise judge(
        raw.status_code, number, str(answer.get("msg", "")), headers, headers.get("x-tt-logid", "")
    )
