"""One small web server for what platforms send: each path goes to its platform's own door."""

from __future__ import annotations

import logging
import threading
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    Door = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]

log = logging.getLogger("loudou.http")

LARGEST_BODY = 1_000_000
"""Bytes; no event of a chat platform comes near it."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the library's
        log.debug(format, *args)


class Web:
    """A running server; `doors` maps a path to a WSGI application. Port 0 takes a free one."""

    def __init__(self, port: int, doors: Mapping[str, Door], healthy: Callable[[], bool]) -> None:
        self._doors = dict(doors)
        self._healthy = healthy
        self._server = make_server("0.0.0.0", port, self._answer, _Server, _Quiet)  # noqa: S104  platforms call from outside
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="http", daemon=True)
        self._thread.start()

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/health":
            well = self._healthy()
            return _text(
                start, "200 OK" if well else "503 Service Unavailable", "ok" if well else "deaf"
            )
        door = self._doors.get(path)
        if door is None:
            return _text(start, "404 Not Found", "nothing here")
        size = environ.get("CONTENT_LENGTH") or "0"
        if not size.isdigit() or int(size) > LARGEST_BODY:
            return _text(start, "413 Content Too Large", "too large")
        return door(environ, start)

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def _text(start: StartResponse, status: str, text: str) -> Iterable[bytes]:
    body = text.encode()
    start(
        status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    )
    return [body]
