"""One POST to one address, within a time and a size. Standard library alone.

No redirect is followed and no proxy of the environment is used: words go to the address that was named, or nowhere.
A deadline holds for the whole exchange, so that a server which sends a byte a second cannot hold a run.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from huiyin.domain.errors import InputError, LargeModelError

CONNECT_S = 10.0
"""Seconds in which a connection must stand."""
_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is: http(s)://host[:port][/path]."""

    scheme: str
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"

    @property
    def is_this_machine(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def read_address(text: str, *, what: str = "--llm") -> Address:
    """The address in a URL such as http://10.0.0.7:8000/v1. Raises InputError that says what is wrong with it.

    A key in the URL is refused: it would stand in the process list and in the warning line.
    """
    try:
        parts: SplitResult = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise InputError(f"{what}: no usable URL; write it like http://10.0.0.7:8000/v1") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"{what}: the URL must begin with http:// or https:// and name a host")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError(f"{what}: the URL must hold no user, key or query; give a key as HUIYIN_LLM_API_KEY")
    if any(not 33 <= ord(c) <= 126 for c in parts.path + parts.hostname):
        raise InputError(f"{what}: the URL holds characters that no URL has")
    path = parts.path.rstrip("/").removesuffix("/chat/completions").rstrip("/")
    return Address(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), path)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def post(
    address: Address, path: str, body: bytes, *, headers: Mapping[str, str], seconds: float, most_bytes: int
) -> Response:
    """Sends `body` and reads the whole answer. Raises LargeModelError: timeout, unreachable, certificate, broken,
    too_large."""
    connection = _connection(address, min(CONNECT_S, seconds))
    expired = threading.Event()
    with closing(connection):
        watch: threading.Timer | None = None
        try:
            connection.connect()
            sock = connection.sock
            sock.settimeout(seconds)
            watch = threading.Timer(seconds, _stop, args=(sock, expired))
            watch.daemon = True
            watch.start()
            connection.request("POST", address.path + path, body=body, headers=dict(headers))
            with closing(connection.getresponse()) as answer:
                names = {k.lower(): v for k, v in answer.getheaders()}
                return Response(answer.status, names, _read(answer, names, most_bytes))
        except LargeModelError:
            if expired.is_set():
                raise _timeout(seconds) from None
            raise
        except (OSError, http.client.HTTPException, ValueError) as problem:
            if expired.is_set():
                raise _timeout(seconds) from None
            raise _told(problem, address, seconds) from None
        finally:
            if watch is not None:
                watch.cancel()


def _connection(address: Address, seconds: float) -> http.client.HTTPConnection:
    if address.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(address.host, address.port, timeout=seconds, context=context)
    return http.client.HTTPConnection(address.host, address.port, timeout=seconds)


def _stop(sock: socket.socket, expired: threading.Event) -> None:
    expired.set()
    with suppress(OSError):
        # of the plain socket: the one of ssl would change state under the reading thread
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _read(answer: http.client.HTTPResponse, headers: Mapping[str, str], most: int) -> bytes:
    told = headers.get("content-length", "")
    length = int(told) if told.isascii() and told.isdigit() else None
    if length is not None and length > most:
        raise _too_large(most)
    pieces: list[bytes] = []
    size = 0
    while piece := answer.read(_CHUNK):
        size += len(piece)
        if size > most:
            raise _too_large(most)
        pieces.append(piece)
    if length is not None and size < length:
        raise LargeModelError("broken", f"the answer broke off after {size} of {length} bytes", again=True)
    return b"".join(pieces)


def _too_large(most: int) -> LargeModelError:
    return LargeModelError("too_large", f"the answer is larger than {most} bytes")


def _timeout(seconds: float) -> LargeModelError:
    return LargeModelError("timeout", f"no whole answer within {seconds:g} s", again=True)


def _told(problem: Exception, address: Address, seconds: float) -> LargeModelError:
    if isinstance(problem, ssl.SSLCertVerificationError):
        return LargeModelError("certificate", f"{address}: {problem.verify_message}; SSL_CERT_FILE names the firm's CA")
    if isinstance(problem, TimeoutError):
        return _timeout(seconds)
    if isinstance(problem, ConnectionRefusedError | socket.gaierror):
        return LargeModelError("unreachable", f"{address}: {problem.strerror or problem}", again=True)
    return LargeModelError("broken", f"{address}: the connection broke ({type(problem).__name__})", again=True)
