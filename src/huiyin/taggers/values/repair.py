"""Recognition errors of domain terms, read by their sound. First version of the public names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RepairSpan:
    start: int  # raw offsets
    end: int
    raw: str
    term: str


@dataclass(frozen=True)
class RepairedText:
    text: str
    repairs: tuple[RepairSpan, ...] = ()

    def to_raw(self, start: int, end: int) -> tuple[int, int]:
        """The raw [start, end) behind [start, end) of `text`."""
        return start, end


def repair(text: str, *, finance_context: bool = False) -> RepairedText:
    return RepairedText(text)
