"""The HTTP side of the local Feishu: tokens, paths, envelopes, and faults on demand."""

from __future__ import annotations

import json
import re
import socket
import struct
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.servers import feishu_messages as messages
from tests.servers.feishu_world import ApiError, Call, Fault, World

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "/open-apis/auth/v3/tenant_access_token/internal"
BOOTSTRAP = "/callback/ws/endpoint"
PATHS: tuple[tuple[str, str], ...] = (
    (r"/open-apis/im/v1/messages", "messages"),
    (r"/open-apis/im/v1/messages/([^/]+)/reply", "reply"),
    (r"/open-apis/im/v1/messages/([^/]+)", "message"),
    (r"/open-apis/im/v1/chats/([^/]+)/members/is_in_chat", "inside"),
    (r"/open-apis/contact/v3/users/([^/]+)", "user"),
    (r"/open-apis/bot/v3/info", "bot"),
)


class Handler(BaseHTTPRequestHandler):
    """Answers one request; `world` and `bootstrap` are set by the server."""

    protocol_version = "HTTP/1.1"
    world: World
    bootstrap: Callable[[dict[str, Any]], dict[str, Any]]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def do_PUT(self) -> None:
        self._take()

    def do_PATCH(self) -> None:
        self._take()

    def _take(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        body = json.loads(raw) if raw else {}
        call = Call(self.command, parts.path, body, dict(self.headers.items()))
        with self.world.lock:
            self.world.calls.append(call)
        fault = self.world.fault(parts.path)
        if fault is not None and fault.kind in {"code", "500_before", "html"}:
            self._faulty(fault)
            return
        answer = self._answer(call, dict(parse_qsl(parts.query)))
        if fault is None:
            self._send(*answer)
        elif fault.kind == "500_after":
            self._send(500, {"code": 55001, "msg": "server internal error"}, {})
        else:
            self._vanish(fault)

    def _answer(
        self, call: Call, query: dict[str, str]
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        try:
            if call.path == BOOTSTRAP:
                return 200, self.bootstrap(call.body), {}
            with self.world.lock:
                return 200, {"code": 0, "msg": "success", **self._route(call, query)}, {}
        except ApiError as error:
            trace = {"log_id": "local-log"}
            answer = {"code": error.code, "msg": error.message, "error": trace}
            return error.status, answer, error.headers

    def _route(self, call: Call, query: dict[str, str]) -> dict[str, Any]:
        if call.path == TOKEN:
            return _token(self.world, call.body)
        _authorised(self.world, call.headers.get("Authorization", ""))
        for pattern, name in PATHS:
            found = re.fullmatch(pattern, call.path)
            if found:
                part = unquote(found[1]) if found.groups() else ""
                return _resource(self.world, name, call, part, query)
        raise ApiError(99991201, "404 page not found", 404)

    def _send(self, status: int, data: dict[str, Any], headers: dict[str, str]) -> None:
        body = json.dumps(data, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("X-Tt-Logid", "local-log")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _faulty(self, fault: Fault) -> None:
        if fault.kind == "code":
            self._send(fault.status, {"code": fault.code, "msg": fault.message}, fault.headers)
            return
        page = b"<html>502 Bad Gateway</html>"
        self.send_response(502 if fault.kind == "html" else 500)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def _vanish(self, fault: Fault) -> None:
        """The call was carried out, but the caller never hears of it."""
        if fault.kind == "hang_after":
            self.world.released.wait(30)
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True


def _token(world: World, body: dict[str, Any]) -> dict[str, Any]:
    if (body.get("app_id"), body.get("app_secret")) != (world.app_id, world.app_secret):
        raise ApiError(10014, "app secret invalid", 200)
    world.token_fetches += 1
    token = world.number("t-")
    world.tokens.add(token)
    return {"tenant_access_token": token, "expire": 7200}


def _authorised(world: World, header: str) -> None:
    token = header.removeprefix("Bearer ")
    if not token:
        raise ApiError(99991661, "Missing access token for authorization")
    if token not in world.tokens:
        raise ApiError(99991663, "Invalid access token for authorization. Please make a test")


def _resource(
    world: World, name: str, call: Call, part: str, query: dict[str, str]
) -> dict[str, Any]:
    match name, call.method:
        case "bot", "GET":
            return {"bot": {"open_id": world.bot, "app_name": "Loudou", "activate_status": 2}}
        case "messages", "POST":
            data = messages.create(world, query.get("receive_id_type", ""), call.body)
        case "messages", "GET":
            data = messages.listed(world, query)
        case "reply", "POST":
            data = messages.reply(world, part, call.body)
        case "message", "PATCH":
            data = messages.patch(world, part, call.body)
        case "message", "PUT":
            data = messages.update(world, part, call.body)
        case "message", "GET":
            data = messages.read(world, part)
        case "inside" | "user", "GET":
            data = _inside(world, part) if name == "inside" else _user(world, part)
        case _:
            raise ApiError(99991301, "method not allowed", 405)
    return {"data": data}


def _inside(world: World, chat: str) -> dict[str, Any]:
    if chat not in world.chats:
        raise ApiError(232006, "Your request specifies a chat_id which is invalid")
    return {"is_in_chat": world.chats[chat].bot_inside}


def _user(world: World, person: str) -> dict[str, Any]:
    if "contact:user.base:readonly" not in world.scopes:
        raise ApiError(99991672, "Access denied. One of the following scopes is required")
    if person not in world.people:
        raise ApiError(99992351, "open_id not exist")
    return {"user": {"open_id": person, "name": world.people[person]}}
