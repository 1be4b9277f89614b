"""JSON lines into objects, tolerant of what real exports hold (domain-facts A.2: raw control characters)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from huiyin.pipeline.ingest.issue import Issue, Reject, error, printable
from huiyin.pipeline.ingest.text import Source, bad_bytes

_MOST_JOINED = 50  # physical lines that a raw line end inside one JSON string may spread a record over
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_UNSTORABLE_IN_JSON = re.compile(r"\\u(0000|[dD][89a-fA-F])")


@dataclass(frozen=True)
class Line:
    """A JSON object and where it began; or, with `issue` set, why the line holds none."""

    line: int
    raw: str
    data: Mapping[str, Any]
    issue: Issue | None = None


def read_lines(source: Source) -> Iterator[Line]:
    """The objects of the file in order; blank lines are skipped."""
    at = 0
    while at < len(source.lines):
        raw = source.lines[at]
        if not raw.strip():
            at += 1
            continue
        found, used = _read_one(source, at)
        yield found
        at += used


def reject(source: Source, line: Line, issues: tuple[Issue, ...]) -> Reject:
    return Reject(file=source.name, line=line.line, raw=printable(line.raw), issues=issues)


def _read_one(source: Source, at: int) -> tuple[Line, int]:
    """The object that begins at index `at`, and how many physical lines it takes."""
    raw = source.lines[at].rstrip("\r\n")
    undecodable = bad_bytes(source, at + 1, raw)
    if undecodable is not None:
        return Line(at + 1, raw, {}, undecodable), 1
    try:
        return _object(source, at, raw, _parse(raw)), 1
    except json.JSONDecodeError as problem:
        if problem.msg.startswith("Unterminated string"):
            joined = _join(source, at)
            if joined is not None:
                return joined
        reason = f"is not JSON: {problem.msg} at character {problem.pos + 1}"
    except (ValueError, RecursionError):
        reason = "is not usable JSON: a number too long, or nested too deep"
    issue = error(source.name, f"{reason}; the line is left out", line=at + 1, value=raw)
    return Line(at + 1, raw, {}, issue), 1


def _join(source: Source, at: int) -> tuple[Line, int] | None:
    """A record whose string holds raw line ends: its lines together, if they make an object."""
    for used in range(2, min(_MOST_JOINED, len(source.lines) - at) + 1):
        if source.lines[at + used - 1].lstrip().startswith('{"'):
            return None  # the next record begins: this one is cut short
        raw = "".join(source.lines[at : at + used]).rstrip("\r\n")
        try:
            found = _object(source, at, raw, _parse(raw))
        except (ValueError, RecursionError):
            continue
        return (found, used) if found.issue is None and bad_bytes(source, at + 1, raw) is None else None
    return None


def _parse(raw: str) -> object:
    data = json.loads(raw, strict=False, parse_constant=_refuse)
    # A lone surrogate cannot be written as UTF-8, a NUL not be stored by PostgreSQL. Offsets stay as they are.
    return _storable(data) if _UNSTORABLE_IN_JSON.search(raw) else data


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


def _storable(data: object) -> object:
    if isinstance(data, str):
        return _UNSTORABLE.sub("\ufffd", data)
    if isinstance(data, list):
        return [_storable(d) for d in data]
    if isinstance(data, dict):
        return {_storable(k): _storable(v) for k, v in data.items()}
    return data


def _object(source: Source, at: int, raw: str, data: object) -> Line:
    if isinstance(data, dict):
        return Line(at + 1, raw, data)
    message = f"holds a JSON {type(data).__name__}, want one object a line; the line is left out"
    return Line(at + 1, raw, {}, error(source.name, message, line=at + 1, value=raw))
