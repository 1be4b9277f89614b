"""A server that speaks the chat-completions protocol on loopback, and misbehaves in every way on demand.

with LlmServer(status(500), completion(tags=[])) as server:  # the last behaviour goes on
    HttpLargeModel(settings(server.url, "m")).ask(prompt)
server.requests[0].body["response_format"]
"""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


class Talk:
    """One connection: the request, the socket to answer on, and whether the server is closing."""

    def __init__(self, request: Request, sock: socket.socket, closing: threading.Event) -> None:
        self.request = request
        self.sock = sock
        self.closing = closing

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)


Behaviour = Callable[[Talk], None]


def http(
    status: int, body: bytes, *, kind: str | None = "application/json", length: int | None = -1, **more: str
) -> bytes:
    """A whole HTTP answer; `length` None leaves Content-Length out, another number lies about it."""
    headers = {"Connection": "close", **{k.replace("_", "-"): v for k, v in more.items()}}
    if kind:
        headers["Content-Type"] = kind
    if length is not None:
        headers["Content-Length"] = str(len(body) if length == -1 else length)
    head = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + body


def completion_body(text: Any, *, finish: str = "stop", usage: Any = None) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    counted = {"prompt_tokens": 1200, "completion_tokens": 40} if usage is None else usage
    return json.dumps({"choices": [choice], "usage": counted}, ensure_ascii=False).encode()


def completion(text: Any = None, *, tags: Sequence[Any] = (), finish: str = "stop", usage: Any = None) -> Behaviour:
    """A proper answer: the given text, or the tags as the schema wants them."""
    content = json.dumps({"tags": list(tags)}, ensure_ascii=False) if text is None else text
    return lambda talk: talk.send(http(200, completion_body(content, finish=finish, usage=usage)))


def by_prompt(answer: Callable[[str], list[Any]]) -> Behaviour:
    """Tags by the user's message."""

    def behave(talk: Talk) -> None:
        tags = answer(talk.request.body["messages"][-1]["content"])
        talk.send(http(200, completion_body(json.dumps({"tags": tags}, ensure_ascii=False))))

    return behave


def status(code: int, body: bytes = b'{"error": "no"}', *, kind: str = "application/json", **headers: str) -> Behaviour:
    return lambda talk: talk.send(http(code, body, kind=kind, length=-1, **headers))


def raw(data: bytes) -> Behaviour:
    return lambda talk: talk.send(data)


def refuses_formats(*formats: str, then: Behaviour, code: int = 400, body: bytes = b"{}") -> Behaviour:
    """Refuses the response formats named, and answers otherwise."""

    def behave(talk: Talk) -> None:
        asked = talk.request.body.get("response_format", {}).get("type", "text")
        (status(code, body) if asked in formats else then)(talk)

    return behave


def hang(talk: Talk) -> None:
    talk.closing.wait(20)


def hang_in_body(talk: Talk) -> None:
    talk.send(http(200, completion_body('{"tags": []}'))[:-5])
    talk.closing.wait(20)


def drip(talk: Talk) -> None:
    """A byte now and then: no single read ever times out."""
    for byte in http(200, completion_body('{"tags": []}' + " " * 5000)):
        talk.send(bytes([byte]))
        if talk.closing.wait(0.02):
            return


def reset(talk: Talk) -> None:
    talk.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    talk.sock.close()


def truncated(talk: Talk) -> None:
    """Promises more bytes than it sends."""
    body = completion_body('{"tags": []}')
    talk.send(http(200, body[: len(body) // 2], length=len(body)))


def truncated_chunks(talk: Talk) -> None:
    talk.send(http(200, b"", length=None, Transfer_Encoding="chunked") + b"100\r\n" + b'{"choices": [')


def endless(talk: Talk) -> None:
    """An answer that never ends, as fast as it is read."""
    talk.send(http(200, b'{"choices": "', length=None))
    with suppress(OSError):
        while not talk.closing.is_set():
            talk.send(b"x" * 65536)


class LlmServer:
    """Each request gets the next behaviour; the last one goes on."""

    def __init__(self, *script: Behaviour) -> None:
        self.requests: list[Request] = []
        self._script = list(script)
        self._closing = threading.Event()
        self._lock = threading.Lock()
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):
                    outer._handle(self)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

            def shutdown_request(self, request: Any) -> None:
                with suppress(OSError):
                    super().shutdown_request(request)

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def _handle(self, handler: socketserver.StreamRequestHandler) -> None:
        line = handler.rfile.readline().decode("latin-1").split()
        headers: dict[str, str] = {}
        while (row := handler.rfile.readline().decode("latin-1").strip()) and ":" in row:
            name, _, value = row.partition(":")
            headers[name.lower()] = value.strip()
        body = json.loads(handler.rfile.read(int(headers.get("content-length", 0))) or b"{}")
        request = Request(line[1], headers, body)
        with self._lock:
            self.requests.append(request)
            behave = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        behave(Talk(request, handler.connection, self._closing))

    def __enter__(self) -> LlmServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
