"""The shipped network: reads an analysed conversation, says for each turn how likely it decides which tag.

    >>> model = shipped()
    >>> readings = model.read(analysis) if model else {}

int8 ONNX on one thread: the same conversation under the same weights gives the same probabilities. Files, in
`weights/`: `model.onnx`, `tokenizer.json`, `model_card.md`. Without them there is no model, and the rules speak alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from huiyin.domain.conversation import Speaker
from huiyin.taggers.analysis import AnalysedTurn, Analysis
from huiyin.taggers.learned.encode import Marks, Pieces, Window, windows
from huiyin.taggers.learned.labels import (
    CHOICE_AT,
    CHOICES,
    KIND_AT,
    KINDS,
    TYPE_OF_CHOICE,
    TYPE_OF_KIND,
    TYPES,
    Kind,
)

Floats = NDArray[np.float32]

_NETWORK, _TOKENIZER = "model.onnx", "tokenizer.json"
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class TurnReading:
    """Probabilities of one turn, in the order of labels.py; `said` is, for each tag type, the characters [start, end)
    of the piece that weighs most."""

    kinds: tuple[float, ...]
    choices: tuple[float, ...]
    said: tuple[tuple[int, int], ...]

    def kind(self, kind: Kind) -> float:
        return self.kinds[KIND_AT[kind]] if kind in KIND_AT else 0.0

    def choice(self, tag: str, value: str | None) -> float:
        """P(discriminator | the turn decides a tag of this type); 1 for types that have none."""
        return self.choices[CHOICE_AT[tag, value]] if value is not None and (tag, value) in CHOICE_AT else 1.0

    def place(self, tag: str) -> tuple[int, int]:
        return self.said[TYPES.index(tag)]


Readings = Mapping[int, TurnReading]
"""By turn; turns that are no evidence have none."""


class Model(Protocol):
    """What the fusion needs of a model. `version` names the weights."""

    @property
    def version(self) -> str: ...

    def read(self, analysis: Analysis) -> Readings: ...


class LearnedModel:
    """The network with its tokenizer. Safe to share between threads: a run changes nothing in it."""

    def __init__(self, network: bytes, tokenizer: bytes) -> None:
        """Raises the errors of onnxruntime and tokenizers where the bytes are none of theirs."""
        import onnxruntime
        from tokenizers import Tokenizer

        self.version = version_of(network, tokenizer)
        self._tokenizer = Tokenizer.from_str(tokenizer.decode("utf-8"))
        self._marks = marks_of(self._tokenizer)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # the graph is fused as it is written (pipeline/train/graph.py); onnxruntime's own fusions make it slower
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        self._session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])

    def _encoded(self, texts: list[str]) -> list[Any]:
        return list(self._tokenizer.encode_batch(texts, add_special_tokens=False))

    def read(self, analysis: Analysis) -> Readings:
        """The readings of every turn that is evidence and has words."""
        turns = [t for t in analysis.turns if t.text.strip() and t.speaker is not Speaker.OTHER]
        if not turns:
            return {}
        pieces = [Pieces(tuple(e.ids), tuple(e.offsets)) for e in self._encoded([t.text for t in turns])]
        by_turn = {t.index: p for t, p in zip(turns, pieces, strict=True)}
        read = [(t.index, t.speaker, p) for t, p in zip(turns, pieces, strict=True)]
        out: dict[int, TurnReading] = {}
        for window in windows(read, channel=analysis.conversation.channel, marks=self._marks):
            scores = self._session.run(None, {"ids": np.array([window.ids], dtype=np.int64)})[0][0]
            out.update(_readings(window, scores, by_turn, analysis.turns))
        return out


def _readings(
    window: Window, scores: Floats, pieces: Mapping[int, Pieces], turns: Sequence[AnalysedTurn]
) -> dict[int, TurnReading]:
    return {
        index: reading_of(scores[start:end], pieces[index])
        for index, (start, end) in zip(window.turns, window.places, strict=True)
        if index in window.judged
    }


_KIND_TYPES = np.array(TYPE_OF_KIND)
_CHOICE_TYPES = np.array(TYPE_OF_CHOICE)
_CHOICE_GROUPS = [np.flatnonzero(t == _CHOICE_TYPES) for t in sorted(set(TYPE_OF_CHOICE))]


def reading_of(scores: Floats, pieces: Pieces) -> TurnReading:
    """Token scores of a turn (its mark first) as the probabilities of the turn."""
    scores = scores.astype(np.float64)
    said, of_choice, weight = np.split(scores, [len(KINDS), len(KINDS) + len(CHOICES)], axis=1)
    share = np.exp(weight - weight.max(axis=0))
    share /= share.sum(axis=0)
    kinds = 1 / (1 + np.exp(-(share[:, _KIND_TYPES] * said).sum(axis=0)))
    choices = (share[:, _CHOICE_TYPES] * of_choice).sum(axis=0)
    for group in _CHOICE_GROUPS:
        power = np.exp(choices[group] - choices[group].max())
        choices[group] = power / power.sum()
    heaviest = share[1:].argmax(axis=0) if len(share) > 1 else np.zeros(len(TYPES), dtype=int)
    places = [pieces.offsets[at] if at < len(pieces.offsets) else (0, 0) for at in heaviest]
    return TurnReading(
        kinds=tuple(np.round(kinds, _DIGITS).tolist()),
        choices=tuple(np.round(choices, _DIGITS).tolist()),
        said=tuple(places),
    )


def marks_of(tokenizer: Any) -> Marks:
    """The ids of our marks in a tokenizer's vocabulary."""
    at = tokenizer.token_to_id
    begin, end = ("<s>", "</s>") if at("<s>") is not None else ("[CLS]", "[SEP]")
    return Marks(
        begin=at(begin), end=at(end), advisor=at("<advisor>"), client=at("<client>"), phone=at("<phone>"),
        wecom=at("<wecom>"),
    )  # fmt: skip


def version_of(network: bytes, tokenizer: bytes) -> str:
    """The first 12 hex digits of the SHA-256 over both files: the model version that tags carry."""
    return hashlib.sha256(network + b"\0" + tokenizer).hexdigest()[:12]


@cache
def shipped() -> LearnedModel | None:
    """The model of the package data; None where the weights are not installed."""
    return load(files("huiyin.taggers.learned") / "weights")


def load(folder: Traversable) -> LearnedModel | None:
    """The model of a folder that training wrote; None where its files are not there."""
    network, tokenizer = folder / _NETWORK, folder / _TOKENIZER
    if not (network.is_file() and tokenizer.is_file()):
        return None
    return LearnedModel(network.read_bytes(), tokenizer.read_bytes())
