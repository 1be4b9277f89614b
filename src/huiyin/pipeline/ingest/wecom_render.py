"""How a WeCom message reads: its text, and which parts of it are somebody else's words (domain-facts A.4)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from huiyin.domain.record import SHANGHAI
from huiyin.pipeline.ingest.wecom_types import ALIASES, CUT_LABEL, EMPTY_LABEL, MESSAGE_TYPES, UNKNOWN_LABEL

MAX_DEPTH = 8
MAX_NODES = 200
SECONDS_BELOW = 1e12
"""A time stamp below it counts seconds, one above milliseconds (domain-facts A.4, chatrecord; F.4)."""

_DASHES = r"\s*\n\s*-(?:[ \t]?-){2,}[^\S\n]*\n?"
_QUOTED_REPLY = re.compile(
    rf"""\s*这是一条引用/回复消息\s*[:：]?\s*
        (?: ["“].*["”]{_DASHES}  # to the last close of quotes over dashes: a quote may hold a quote
          | .*?{_DASHES}         # no quotation marks: to the first dashes
          | .*$ )                # cut short: nothing in it is sure to be his own
    """,
    re.DOTALL | re.VERBOSE,
)
_WECHAT_REPLY = re.compile(rf"\s*「.*?」{_DASHES}", re.DOTALL)

Piece = tuple[str, bool]
"""Text, and whether it is somebody else's words."""


@dataclass(frozen=True)
class Rendered:
    text: str
    quoted: tuple[tuple[int, int], ...] = ()


@dataclass
class _Budget:
    """What is left of the nodes that one message may unfold into."""

    nodes: int = MAX_NODES


def render(msgtype: str, payload: Mapping[str, Any]) -> Rendered:
    """The message as text. A type without words reads as its label ("[图片]"), an unknown one as its name."""
    pieces = [p for p in _pieces(msgtype, payload, 0, _Budget()) if p[0]]
    if not any(p[0].strip() for p in pieces):
        return Rendered(EMPTY_LABEL)
    text = ""
    quoted: list[tuple[int, int]] = []
    for piece, foreign in pieces:
        if foreign and quoted and quoted[-1][1] == len(text):
            quoted[-1] = (quoted[-1][0], len(text) + len(piece))
        elif foreign:
            quoted.append((len(text), len(text) + len(piece)))
        text += piece
    return Rendered(text, tuple(quoted))


def _pieces(msgtype: str, payload: Mapping[str, Any], depth: int, budget: _Budget) -> Iterator[Piece]:
    budget.nodes -= 1
    if depth > MAX_DEPTH or budget.nodes < 0:
        yield CUT_LABEL, True
        return
    kind = MESSAGE_TYPES.get(msgtype)
    if kind is None:
        yield f"{UNKNOWN_LABEL} {msgtype}", True
        return
    if msgtype == "mixed":
        yield from _mixed(payload, depth, budget)
        return
    texts = [t for name in kind.fields for t in _texts(payload.get(name))]
    if not kind.label:
        yield from _own_words("\n".join(texts))
        return
    yield kind.label, False
    if texts:
        yield " " + " ".join(texts), not kind.own_words
    if msgtype == "chatrecord":
        yield from _forwarded(payload, depth, budget)


def _own_words(text: str) -> Iterator[Piece]:
    """A text message; the message that it answers stands in front of it, and is somebody else's."""
    found = _QUOTED_REPLY.match(text) or _WECHAT_REPLY.match(text)
    end = found.end() if found else 0
    yield text[:end], True
    yield text[end:], False


def _mixed(payload: Mapping[str, Any], depth: int, budget: _Budget) -> Iterator[Piece]:
    for number, (kind, body, _) in enumerate(_items(payload)):
        if budget.nodes <= 0:
            yield CUT_LABEL, True
            return
        if number:
            yield "\n", False
        yield from _pieces(kind, body, depth + 1, budget)


def _forwarded(payload: Mapping[str, Any], depth: int, budget: _Budget) -> Iterator[Piece]:
    """Messages passed on: who wrote them is not told, so that they are nobody's (domain-facts A.4, F.6)."""
    for kind, body, at in _items(payload):
        if budget.nodes <= 0:
            yield "\n" + CUT_LABEL, True
            return
        yield "\n" + _clock(at), True
        for text, _ in _pieces(kind, body, depth + 1, budget):
            yield text, True


def _items(payload: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], object]]:
    """(type, body, time) of the parts of a mixed message or a forwarded record."""
    items = as_json(payload.get("item"))
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, Mapping):
            continue
        kind = str(item.get("type", "")).lower().removeprefix("chatrecord") or "chatrecord"
        kind = ALIASES.get(kind, kind)
        content = item.get("content")
        body = as_json(content)
        if not isinstance(body, Mapping):
            body = {"content": content} if isinstance(content, str) else {}
        yield kind, body, item.get("msgtime")


def _texts(value: object) -> Iterator[str]:
    """The texts of a field: itself, or of the parts of a list (answers of a vote, questions of a form, articles)."""
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, list):
        for part in value[:MAX_NODES]:
            if isinstance(part, Mapping):
                part = part.get("title") or part.get("ques")
            if isinstance(part, str) and part.strip():
                yield part


def _clock(at: object) -> str:
    """When a forwarded message was written, for people; nothing where it is not told."""
    ms = milliseconds(at)
    if ms is None:
        return ""
    return datetime.fromtimestamp(ms // 1000, UTC).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M ")


def as_json(value: object) -> object:
    """A JSON string unpacked; anything else, and a string that is no JSON, as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return json.loads(value, strict=False)
    except (ValueError, RecursionError):
        return value


def whole_number(value: object) -> int | None:
    """A number that may come as a string, whole; None where it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip()
        if not re.fullmatch(r"-?\d{1,18}(\.0*)?", value, re.ASCII):
            return None
        return int(value.partition(".")[0])
    if isinstance(value, int):
        return value if abs(value) < 10**18 else None
    if isinstance(value, float) and abs(value) < 1e18:
        return int(value)
    return None


def milliseconds(value: object) -> int | None:
    """A time stamp in seconds or milliseconds as milliseconds since 1970; None unless it lies in 2000 to 2100."""
    found = whole_number(value)
    if found is None:
        return None
    if abs(found) < SECONDS_BELOW:
        found *= 1000
    return found if 946_684_800_000 <= found < 4_102_444_800_000 else None
