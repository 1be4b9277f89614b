"""Long channels are recognised in pieces cut at pauses, so that all cores work on one recording.

The cuts depend on the sound alone, never on the machine: the same recording gives the same words everywhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huiyin.domain.conversation import Word
from huiyin.pipeline.transcribe.protocol import SAMPLE_RATE, Recognizer
from huiyin.pipeline.transcribe.vad import Span

PIECE_SPEECH_S = 110.0
"""Speech in a piece: four decoder windows, so that batching still pays and a long call still fills the cores."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    channel: int
    start: float  # seconds
    end: float


def cut(spans: Sequence[Span], *, channel: int, duration_s: float) -> list[Piece]:
    """Pieces that together cover the channel, cut in the middle of pauses; none where nobody speaks."""
    if not spans:
        return []
    borders, speech = [0.0], 0.0
    for span, following in itertools.pairwise(spans):
        speech += span.end - span.start
        if speech >= PIECE_SPEECH_S:
            borders.append((span.end + following.start) / 2)
            speech = 0.0
    borders.append(duration_s)
    return [Piece(channel=channel, start=a, end=b) for a, b in itertools.pairwise(borders)]


def recognize_pieces(
    recognizer: Recognizer, channels: npt.NDArray[np.float32], pieces: Sequence[Piece]
) -> dict[int, list[Word]]:
    """The words of each channel in order of time, seconds from the beginning; as many pieces at once as it can."""

    def one(piece: Piece) -> list[Word]:
        samples = channels[piece.channel, int(piece.start * SAMPLE_RATE) : int(piece.end * SAMPLE_RATE)]
        return [shifted(word, piece.start) for word in recognizer.recognize(np.ascontiguousarray(samples))]

    words: dict[int, list[Word]] = {channel: [] for channel in range(len(channels))}
    with ThreadPoolExecutor(max_workers=max(1, recognizer.parallel)) as pool:
        for piece, found in zip(pieces, pool.map(one, pieces), strict=True):
            words[piece.channel] += found
    return words


def shifted(word: Word, by: float) -> Word:
    """The word `by` seconds later."""
    if not by:
        return word
    return word.model_copy(update={"start": round(word.start + by, 2), "end": round(word.end + by, 2)})
