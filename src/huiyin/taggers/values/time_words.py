"""The words for times (lexicons/times.yaml) as one pattern, and which entry a match belongs to."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from huiyin import lexicon

_PIECE = re.compile(r"<([A-Z_]+\d?)>")


@cache
def pattern() -> re.Pattern[str]:
    """An alternation of all entries. `match.lastgroup` is "days_<id>", "parts_<id>" or "hours_<id>"."""
    data = lexicon.load("times")
    pieces = {**data["pieces"], "FEASTS": "|".join(sorted(feasts(), key=len, reverse=True))}

    def filled(text: str) -> str:
        return _PIECE.sub(lambda m: filled(pieces[m.group(1)]), text)

    entries = [
        f"(?P<{kind}_{row['id']}>{filled(row['pattern'])})" for kind in ("days", "parts", "hours") for row in data[kind]
    ]
    return re.compile(f"(?=[{data['first']}])(?:{'|'.join(entries)})")


@cache
def words(name: str, key: str | None = None) -> re.Pattern[str]:
    """A pattern of the lexicon outside the alternation: greeting, gap, bare_hour.<key>."""
    value: Any = lexicon.load("times")[name]
    return re.compile(value[key] if key else value)


@cache
def feasts() -> dict[str, dict[int, Any]]:
    """Name of a feast → year → (first, last) day off."""
    rows = lexicon.load("festivals")["feasts"]
    return {name: {int(y): tuple(span) for y, span in row["days"].items()} for row in rows for name in row["names"]}
