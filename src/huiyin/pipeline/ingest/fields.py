"""One value from text: each parser returns it, or raises ValueError whose text says what was wanted.

Times and dates: spec/formats.md ("Times are ISO 8601; one without a zone is Asia/Shanghai").
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from datetime import date, datetime

from huiyin.domain.record import in_shanghai

_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2}|\d{8})[T ](\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?|\d{4}(\d{2})?)\s?(Z|[+-]\d{2}(:?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?([eE][+-]?\d{1,3})?|[+-]?\.\d+", re.ASCII)
_YEARS = range(1900, 2101)

Parser = Callable[[str], object]


def moment(text: str) -> datetime:
    """`2026-03-12T10:05:00+08:00`, `2026-03-12 10:05`, `…Z`; without a zone it is Shanghai time."""
    if _DATE.fullmatch(text):
        raise ValueError("has no time of day; want ISO 8601, e.g. 2026-03-12T10:05:00+08:00")
    if not _MOMENT.fullmatch(text):
        raise ValueError("is not an ISO 8601 time; want e.g. 2026-03-12T10:05:00+08:00")
    try:
        found = in_shanghai(
            datetime.fromisoformat(text.upper().replace(",", ".").replace(" Z", "Z").replace(" +", "+"))
        )
    except (ValueError, OverflowError):
        raise ValueError("is no time in the calendar; want e.g. 2026-03-12T10:05:00+08:00") from None
    if found.year not in _YEARS:
        raise ValueError(f"lies outside the years {_YEARS.start} to {_YEARS.stop - 1}")
    return found


def day(text: str) -> date:
    """`2026-03-12`; a time of midnight after it is let pass, as databases export dates so."""
    head, _, rest = text.replace("T", " ").partition(" ")
    if not _DATE.fullmatch(head) or re.fullmatch(r"(00:00(:00(\.0+)?)?)?", rest) is None:
        raise ValueError("is not a date; want YYYY-MM-DD")
    try:
        found = date.fromisoformat(head)
    except ValueError:
        raise ValueError("is no date in the calendar; want YYYY-MM-DD") from None
    if found.year not in _YEARS:
        raise ValueError(f"lies outside the years {_YEARS.start} to {_YEARS.stop - 1}")
    return found


def flag(text: str) -> bool:
    found = {"true": True, "1": True, "false": False, "0": False}.get(text.lower())
    if found is None:
        raise ValueError("is neither true nor false")
    return found


def number(text: str) -> float:
    """A finite decimal number; thousands may be set off by commas (`500,000`)."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("is not a number; want e.g. 500000")
    found = float(text.replace(",", ""))
    if not math.isfinite(found):
        raise ValueError("is too large")
    return found


def positive(text: str) -> float:
    """A number that is not below zero."""
    found = number(text)
    if found < 0:
        raise ValueError("is below zero")
    return found


def whole(low: int, high: int) -> Callable[[str], int]:
    """A parser of whole numbers in [low, high]."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not low <= int(text) <= high:
            raise ValueError(f"is not a whole number from {low} to {high}")
        return int(text)

    return parse


def one_of(choices: Collection[str]) -> Callable[[str], str]:
    """A parser of one of the keys, whatever its case."""
    known = {c.lower(): c for c in choices}

    def parse(text: str) -> str:
        found = known.get(text.lower())
        if found is None:
            raise ValueError(f"is none of {', '.join(known.values())}")
        return found

    return parse


def some_of(choices: Collection[str]) -> Callable[[str], tuple[str, ...]]:
    """A parser of several of the keys, set off by semicolons; said twice is once."""
    single = one_of(choices)

    def parse(text: str) -> tuple[str, ...]:
        parts = [p.strip() for p in re.split(r"[;；|]", text) if p.strip()]
        found: list[str] = []
        for part in parts:
            try:
                found.append(single(part))
            except ValueError as problem:
                raise ValueError(f"{part!r} {problem}") from None
        return tuple(dict.fromkeys(found))

    return parse


def words(text: str) -> str:
    """Text as it is."""
    return text
