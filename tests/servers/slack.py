"""Two Slacks to test against: a whole local one from npm, and a small one that can fail.

`local_slack` speaks Socket Mode and signed HTTP events, with people driven from outside.
`stub_slack` is a few Web API methods that keep metadata and fail on demand, as the other cannot.
"""

from __future__ import annotations

import base64
import hashlib
import json
import platform
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections import defaultdict, deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import parse_qs

import pytest
import websocket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = Path(__file__).parent.parent / "e2e"
BINARY = FOLDER / "node_modules" / "local-slack-linux-x64" / "bin" / "local-slack"
BOT, ALICE, BOB, CHANNEL = "U0BOT", "U01ALICE", "U02BOB", "C01GEN"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-local", "xapp-local", "local-signing-secret"

Json = dict[str, Any]
Mode = Literal["socket", "events"]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


T = TypeVar("T")


def wait_for(look: Callable[[], T], what: str, seconds: float = 15) -> T:
    """Return the first truthy thing that `look` sees; fails after some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError):
            if seen := look():
                return seen
        time.sleep(0.03)
    raise AssertionError(f"waited {seconds:g} s in vain for {what}")


def binary() -> Path:
    """Return the local Slack, installed on first use; skips where it cannot be had."""
    if platform.system() != "Linux" or platform.machine() not in {"x86_64", "AMD64"}:
        pytest.skip("the local Slack runs on Linux x86-64 only")
    if BINARY.exists():
        return BINARY
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: the tests against a local Slack need it once")
    done = subprocess.run(
        [npm, "ci"], check=False, cwd=FOLDER, capture_output=True, text=True, timeout=300
    )
    if not BINARY.exists():
        pytest.skip(f"npm ci did not bring the local Slack: {done.stderr[-300:]}")
    return BINARY


@dataclass
class LocalSlack:
    """A running local Slack, and the people in it."""

    port: int
    log_file: Path
    process: subprocess.Popen[bytes] | None = None
    config: Path = Path()

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    def start(self) -> None:
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [binary(), "--config", self.config, "--port", str(self.port),
                 "--base-host", "127.0.0.1"],
                stdout=log, stderr=log,
            )  # fmt: skip
        wait_for(lambda: self.control("state"), "the local Slack")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def control(self, path: str, **body: Any) -> Json:
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/_control/{path}",
            data=data,
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: Json = json.load(answer)
            return found

    def say(self, text: str, *, user: str = ALICE, thread: str = "", channel: str = CHANNEL) -> str:
        """Let a person write; returns the message's id."""
        said = self.control(
            "message", channel=channel, user=user, text=text, thread_ts=thread or None
        )
        return str(said["message"]["ts"])

    def edit(self, message: str, text: str, *, user: str = ALICE) -> None:
        self.control("edit-message", channel=CHANNEL, ts=message, user=user, text=text)

    def delete(self, message: str, *, user: str = ALICE) -> None:
        self.control("delete-message", channel=CHANNEL, ts=message, user=user)

    def command(self, command: str, text: str, *, user: str = ALICE) -> None:
        self.control("command", channel=CHANNEL, user=user, command=command, text=text)

    def press(self, message: str, element: Json, *, user: str = BOB) -> None:
        """Let a person press a button that stands in a message."""
        action = {"type": "button", "block_id": "b", **element}
        self.control("interact", channel=CHANNEL, messageTs=message, user=user, action=action)

    def messages(self, channel: str = CHANNEL) -> list[Json]:
        found: list[Json] = self.control(f"messages/{channel}")["messages"]
        return found

    def log(self) -> list[Json]:
        found: Any = self.control("log")
        return list(found["log"] if isinstance(found, dict) else found)

    @contextmanager
    def screen(self) -> Iterator[Screen]:
        """Sit before the web page, where modals are seen and submitted."""
        line = websocket.create_connection(f"ws://127.0.0.1:{self.port}/ui", timeout=10)
        try:
            yield Screen(line)
        finally:
            line.close()


@dataclass
class Screen:
    """What a person sees in the local Slack's page."""

    line: Any

    def wait(self, kind: str) -> Json:
        """Return the next thing of a kind that is shown."""
        while True:
            shown: Json = json.loads(self.line.recv())
            if shown.get("t") == kind:
                return shown

    def submit(self, values: dict[str, dict[str, Json]], *, user: str = BOB) -> None:
        time.sleep(0.3)  # nobody is faster; the server loses what comes at once after a fault
        self.line.send(json.dumps({"t": "view_submit", "user": user, "values": values}))


@contextmanager
def local_slack(mode: Mode = "socket", request_url: str = "") -> Iterator[LocalSlack]:
    """Run a local Slack with two people and one channel."""
    binary()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "slack.json"
        config.write_text(json.dumps(_workspace(mode, request_url)))
        server = LocalSlack(free_port(), Path(folder) / "slack.log", config=config)
        try:
            server.start()
            yield server
        finally:
            server.kill()


def _workspace(mode: Mode, request_url: str) -> Json:
    people = [
        {"id": ALICE, "name": "alice", "real_name": "Alice Ops", "email": "alice@example.com"},
        {"id": BOB, "name": "bob", "real_name": "Bob", "email": "bob@example.com"},
    ]
    return {
        "workspace": {"name": "Live Ops", "domain": "liveops", "teamId": "T01TEST"},
        "app": {
            "appId": "A01APP", "botUserId": BOT, "botName": "loudou", "botToken": BOT_TOKEN,
            "appToken": APP_TOKEN, "signingSecret": SECRET, "mode": mode,
            "requestUrl": request_url or "http://127.0.0.1:9/slack/events",
        },
        "users": people,
        "channels": [{"id": CHANNEL, "name": "standup", "members": [ALICE, BOB, BOT]}],
    }  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """How one call fails: an answer of Slack's, or none at all after it was (not) carried out."""

    error: str = ""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    extra: tuple[tuple[str, Any], ...] = ()
    carried_out: bool = False
    reset: bool = False
    body: str = ""


@dataclass
class StubSlack:
    """A Web API that keeps messages with their metadata, and fails as told."""

    port: int = 0
    calls: list[tuple[str, Json]] = field(default_factory=list)
    users: dict[str, Json] = field(default_factory=dict)
    channels: dict[str, Json] = field(default_factory=dict)
    scopes: str = ""
    socket_url: str = ""
    posted: list[Json] = field(default_factory=list)
    page: int = 200
    _faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    _clock: int = 1_700_000_000

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    def fail(self, method: str, *faults: Fault) -> None:
        """Let the next calls of a method fail, in this order."""
        self._faults[method].extend(faults)

    def of(self, method: str) -> list[Json]:
        return [arguments for name, arguments in self.calls if name == method]

    def answer(self, method: str, arguments: Json) -> tuple[Json | None, Fault]:
        self.calls.append((method, arguments))
        fault = self._faults[method].popleft() if self._faults[method] else Fault()
        failed = bool(fault.error or fault.reset or fault.body or fault.status != 200)
        answer: Json = {"ok": True}
        if not failed or fault.carried_out:
            work: Callable[[Json], Json] | None = getattr(
                self, "do_" + method.replace(".", "_"), None
            )
            answer = work(arguments) if work else {"ok": False, "error": "unknown_method"}
        if fault.reset:
            return None, fault
        if fault.error:
            answer = {"ok": False, "error": fault.error, **dict(fault.extra)}
        return answer, fault

    def do_auth_test(self, _: Json) -> Json:
        return {"ok": True, "user": "loudou", "team": "Live Ops", "team_id": "T01TEST",
                "user_id": BOT, "bot_id": "B0BOT"}  # fmt: skip

    def do_chat_postMessage(self, arguments: Json) -> Json:  # noqa: N802  Slack's name
        self._clock += 1
        message = {**arguments, "ts": f"{self._clock}.000100", "user": BOT, "bot_id": "B0BOT"}
        self.posted.append(message)
        return {"ok": True, "channel": arguments["channel"], "ts": message["ts"]}

    def do_chat_update(self, arguments: Json) -> Json:
        for message in self.posted:
            if message["ts"] == arguments["ts"]:
                message.update(arguments)
                return {"ok": True, "channel": arguments["channel"], "ts": arguments["ts"]}
        return {"ok": False, "error": "message_not_found"}

    def do_chat_postEphemeral(self, _: Json) -> Json:  # noqa: N802  Slack's name
        return {"ok": True, "message_ts": "1.1"}

    def do_views_open(self, _: Json) -> Json:
        return {"ok": True, "view": {"id": "V1"}}

    def do_users_info(self, arguments: Json) -> Json:
        user = self.users.get(arguments["user"])
        return {"ok": True, "user": user} if user else {"ok": False, "error": "user_not_found"}

    def do_conversations_info(self, arguments: Json) -> Json:
        found = self.channels.get(arguments["channel"])
        return (
            {"ok": True, "channel": found} if found else {"ok": False, "error": "channel_not_found"}
        )

    def do_conversations_history(self, arguments: Json) -> Json:
        return self._pages([m for m in self.posted if not m.get("thread_ts")], arguments)

    def do_conversations_replies(self, arguments: Json) -> Json:
        root = arguments["ts"]
        return self._pages(
            [m for m in self.posted if root in {m.get("thread_ts"), m["ts"]}], arguments
        )

    def do_apps_connections_open(self, _: Json) -> Json:
        return {"ok": True, "url": self.socket_url}

    def _pages(self, messages: list[Json], arguments: Json) -> Json:
        oldest = float(arguments.get("oldest") or 0)
        found = [
            m for m in messages if float(m["ts"]) >= oldest and m["channel"] == arguments["channel"]
        ]
        start = int(arguments.get("cursor") or 0)
        page = found[start : start + self.page]
        if arguments.get("include_all_metadata") not in {True, "1", "true"}:
            page = [{k: v for k, v in m.items() if k != "metadata"} for m in page]
        more = str(start + self.page) if start + self.page < len(found) else ""
        return {"ok": True, "messages": page, "response_metadata": {"next_cursor": more}}


class _Handler(BaseHTTPRequestHandler):
    stub: StubSlack

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the library's
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        if "json" in (self.headers.get("content-type") or ""):
            arguments: Json = json.loads(body or "{}")
        else:
            arguments = {k: v[0] for k, v in parse_qs(body).items()}
        answer, fault = self.stub.answer(self.path.rsplit("/", 1)[-1], arguments)
        if answer is None:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        data = (fault.body or json.dumps(answer)).encode()
        self.send_response(fault.status)
        self.send_header("content-type", "text/html" if fault.body else "application/json")
        self.send_header("content-length", str(len(data)))
        if self.stub.scopes:
            self.send_header("x-oauth-scopes", self.stub.scopes)
        for name, value in fault.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def stub_slack() -> Iterator[StubSlack]:
    """Run the small Web API."""
    stub = StubSlack()
    handler = type("Handler", (_Handler,), {"stub": stub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    stub.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def deaf_socket() -> Iterator[tuple[str, list[float]]]:
    """Take web socket connections, say hello, then never another word: no events, no pongs."""
    taken: list[float] = []
    lines: list[socket.socket] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            lines.append(line)
            _shake_hands(line)
            hello = json.dumps({"type": "hello"}).encode()
            line.sendall(bytes([0x81, len(hello)]) + hello)
            taken.append(time.monotonic())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{server.getsockname()[1]}/", taken
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        for line in lines:
            line.close()
        thread.join(5)


def _shake_hands(line: socket.socket) -> None:
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        request += line.recv(4096)
    headers = dict(one.split(": ", 1) for one in request.decode().split("\r\n")[1:] if ": " in one)
    key = {name.lower(): value for name, value in headers.items()}["sec-websocket-key"]
    magic = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(magic.encode()).digest()).decode()
    line.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
    )
