"""The long connections of the local Feishu: who is connected, pings, events and their receipts."""

from __future__ import annotations

import base64
import json
import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.servers.feishu_frames import CONTROL, DATA, Frame, decode, encode

if TYPE_CHECKING:
    from tests.servers.feishu_world import World

LONGEST = 3.0
"""Seconds within which an event has to be acknowledged."""


@dataclass
class Receipt:
    """What came back for an event: the code, the answer, and how long it took."""

    code: int
    answer: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


class Line:
    """All connections of an app. The attributes are the moods that a test may set."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.ping_interval = 120
        self.pongs = True
        self.bootstrap_code = 0
        self.split = 1
        self.connected = threading.Event()
        self.connections: list[ServerConnection] = []
        self.pings = 0
        self._waiting: dict[str, tuple[threading.Event, list[Frame]]] = {}
        self._server: Server = serve(self._hold, "127.0.0.1", 0)
        self._port = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def bootstrap(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answer POST /callback/ws/endpoint."""
        if self.bootstrap_code:
            return {"code": self.bootstrap_code, "msg": "system busy"}
        if (body.get("AppID"), body.get("AppSecret")) != (
            self._world.app_id,
            self._world.app_secret,
        ):
            return {"code": 1000040344, "msg": "invalid app credential"}
        url = f"ws://127.0.0.1:{self._port}/ws?device_id=d1&service_id=7&ticket=hidden-ticket"
        return {"code": 0, "msg": "", "data": {"URL": url, "ClientConfig": self._config()}}

    def _config(self) -> dict[str, int]:
        return {
            "ReconnectCount": -1,
            "ReconnectInterval": 120,
            "ReconnectNonce": 30,
            "PingInterval": self.ping_interval,
        }

    def _hold(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        self.connected.set()
        try:
            for raw in connection:
                if isinstance(raw, bytes):
                    self._take(connection, decode(raw))
        except ConnectionClosed:
            pass
        finally:
            self.connections.remove(connection)

    def _take(self, connection: ServerConnection, frame: Frame) -> None:
        if frame.method == CONTROL:
            self.pings += 1
            if self.pongs:
                config = json.dumps(self._config()).encode()
                connection.send(encode(Frame(CONTROL, {"type": "pong"}, config)))
            return
        waiting = self._waiting.get(frame.headers.get("message_id", ""))
        if waiting:
            waiting[1].append(frame)
            waiting[0].set()

    def push(self, payload: dict[str, Any]) -> Receipt | None:
        """Send an event to one random connection; None when nobody answered in time."""
        if not self.connections:
            return None
        number, raw = self._world.number("ws"), json.dumps(payload, ensure_ascii=False).encode()
        done: tuple[threading.Event, list[Frame]] = (threading.Event(), [])
        self._waiting[number] = done
        began = time.monotonic()
        connection = random.choice(self.connections)
        step = -(-len(raw) // self.split)
        for seq in range(self.split):
            headers = {
                "type": "event",
                "message_id": number,
                "trace_id": "trace",
                "sum": str(self.split),
                "seq": str(seq),
            }
            part = raw[seq * step : (seq + 1) * step]
            connection.send(encode(Frame(DATA, headers, part, service=7)))
        done[0].wait(LONGEST)
        del self._waiting[number]
        if not done[1]:
            return None
        data = json.loads(done[1][0].payload)
        inner = json.loads(base64.b64decode(data["data"])) if data.get("data") else {}
        return Receipt(int(data["code"]), inner or {}, time.monotonic() - began)

    def hang_up(self) -> None:
        """Close every connection from the server's side."""
        self.connected.clear()
        for connection in list(self.connections):
            connection.close()

    def stop(self) -> None:
        self.hang_up()
        self._server.shutdown()
        self._thread.join(5)
