"""Recognised words into the form the rest works on: simplified characters, full-width punctuation.

Every conversion keeps the number of characters, so that words keep their times and offsets keep their meaning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from huiyin.domain.conversation import Word

_FULL_WIDTH = str.maketrans({",": "，", "?": "？", "!": "！", ":": "：", ";": "；", "(": "（", ")": "）"})
_CJK = "[\u3400-\u9fff]"
_PUNCTUATION_OF_SPEECH = re.compile(r"(?<![0-9A-Za-z])[,:]|[,:](?![0-9A-Za-z])|[?!;()]")
_FULL_STOP = re.compile(rf"(?<={_CJK})\.(?![0-9A-Za-z])")
_PAUSE = re.compile(rf"(?<={_CJK}) (?={_CJK})")


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional to simplified characters, one for one: `len` stays, whatever OpenCC would do to a phrase."""
    converted: str = _converter().convert(text)
    if len(converted) == len(text):
        return converted
    singly = [_converter().convert(character) for character in text]
    return "".join(new if len(new) == 1 else old for old, new in zip(text, singly, strict=True))


def full_width(text: str) -> str:
    """Chinese punctuation for half-width marks, one for one; numbers such as 3.5, 10,000 and 15:30 stay.

    A lone space between two Chinese characters is how the model writes a pause, and becomes a comma.
    """
    text = _PUNCTUATION_OF_SPEECH.sub(lambda match: match.group().translate(_FULL_WIDTH), text)
    text = _FULL_STOP.sub("。", text)
    return _PAUSE.sub("，", text)


def normalise(words: Sequence[Word]) -> list[Word]:
    """The words with their text converted as one text (what a comma becomes depends on its neighbours)."""
    text = full_width(simplified("".join(word.text for word in words)))
    converted, at = [], 0
    for word in words:
        piece = text[at : at + len(word.text)]
        at += len(word.text)
        converted.append(word if piece == word.text else word.model_copy(update={"text": piece}))
    return converted
