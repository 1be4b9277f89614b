"""The pieces that Chinese talk needs, out of the 250,000 of a multilingual encoder.

The embedding is most of a small encoder's size: 384 numbers a piece. Kept are the pieces into which the words of
jieba's dictionary and the talk to be learned fall apart, and everything that is one printable ASCII character.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from pathlib import Path

import jieba
from tokenizers import Regex, Tokenizer, models, normalizers

MARKS = ("<s>", "<pad>", "</s>", "<unk>", "<advisor>", "<client>", "<phone>", "<wecom>")
_UNKNOWN = 3
_SPACE = "▁"


def tokenizer_of(pieces: Sequence[tuple[str, float]]) -> Tokenizer:
    """A unigram tokenizer over `pieces`, whose fourth is the unknown one. Blanks are pieces of their own kind."""
    tokenizer = Tokenizer(models.Unigram(list(pieces), unk_id=_UNKNOWN, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), _SPACE)])
    return tokenizer


def dictionary_words(least: int) -> list[str]:
    """Words of jieba's dictionary that it counts at least `least` times."""
    path = Path(jieba.__file__).parent / "dict.txt"
    rows = (line.split(" ") for line in path.read_text(encoding="utf-8").splitlines())
    return [row[0] for row in rows if int(row[1]) >= least]


def cut(pieces: Sequence[tuple[str, float]], texts: Iterable[str]) -> list[int]:
    """Ids of the pieces to keep, ascending, the first four (the encoder's own marks) among them."""
    full = tokenizer_of(pieces)
    used = {0, 1, 2, 3}
    for encoding in full.encode_batch(list(texts)):
        used.update(encoding.ids)
    wanted = set(string.printable) - set(string.whitespace) | set("，。？！、；：…—“”‘’（）《》～￥％＋＝") | {_SPACE}
    used.update(i for i, (piece, _) in enumerate(pieces) if piece in wanted)
    return sorted(used)
