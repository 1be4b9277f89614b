"""Institutions named in talk. First version of the public names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstitutionSpan:
    """`institution` is the canonical short name, None for 别的券商; `type` as in spec/tags.md, external_assets."""

    start: int
    end: int
    text: str
    institution: str | None
    type: str
    entry: str
    confidence: float = 1.0


def find_institutions(text: str) -> list[InstitutionSpan]:
    return []
