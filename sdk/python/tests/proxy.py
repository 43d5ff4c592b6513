"""A proxy before the real server that does once what networks do now and then: refuse, lose an answer, cut a stream."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

_HOP_BY_HOP = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}


class Proxy(ThreadingHTTPServer):
    """Forwards to `target`, but for what the next faults say."""

    daemon_threads = True

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        #: Statuses to refuse the next requests with, each with `Retry-After: 0`.
        self.refusals: list[int] = []
        #: How many of the next answers to lose after the server has done its work.
        self.lost_answers = 0
        #: How many of the next streams to cut after their first event.
        self.cut_streams = 0
        #: The headers of each request, in order.
        self.seen: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Proxy
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _forward(self) -> None:
        proxy = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        proxy.seen.append(headers)
        self.close_connection = True
        if proxy.refusals:
            self._head(proxy.refusals.pop(0), {"retry-after": "0"})
            return
        with (
            httpx.Client(timeout=60) as upstream,
            upstream.stream(self.command, proxy.target + self.path, headers=headers, content=body) as answer,
        ):
            if proxy.lost_answers:
                proxy.lost_answers -= 1
                answer.read()
                return
            self._head(answer.status_code, {k: v for k, v in answer.headers.items() if k.lower() not in _HOP_BY_HOP})
            self._relay(answer)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()

    def _relay(self, answer: httpx.Response) -> None:
        is_stream = answer.headers.get("content-type", "").startswith("text/event-stream")
        for chunk in answer.iter_raw():
            try:
                self.wfile.write(chunk)
                self.wfile.flush()
            except OSError:
                return
            if is_stream and b"\n\n" in chunk and self.server.cut_streams:
                self.server.cut_streams -= 1
                return

    do_DELETE = do_GET = do_PATCH = do_POST = do_PUT = _forward


@contextmanager
def before(target: str) -> Iterator[Proxy]:
    """A proxy for as long as it is needed."""
    proxy = Proxy(target)
    thread = threading.Thread(target=proxy.serve_forever, name="proxy")
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()
