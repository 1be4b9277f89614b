"""Keeps other sites from posting to the loopback server through the browser of the person who works on it (CSRF)."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import HTTPException, Request


def own_page(request: Request) -> None:
    """Lets a request pass that comes from a page of this very server: `Origin` names the same scheme, host and port.

    Every browser sends `Origin` with a POST, so one without it is refused too. The host itself is checked by the app's
    list of loopback names. Raises HTTPException 403.
    """
    host = request.headers.get("host", "")
    origin = urlsplit(request.headers.get("origin", ""))
    same = (origin.scheme, origin.netloc) == (request.url.scheme, host)
    if not same or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise HTTPException(HTTPStatus.FORBIDDEN, "请求不是从本页发出的，没有保存。请打开本机的页面再操作。")
