"""Where somebody speaks: our own cuts with Silero, which faster-whisper carries (no download)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from huiyin.pipeline.transcribe.protocol import SAMPLE_RATE, Samples

THRESHOLD = 0.4
SILENCE_MS = 500
PAD_MS = 200
LONGEST_S = 25.0
"""A monologue without a pause is cut here, at its longest pause above 0.1 s, so that a quote stays findable by ear."""
_SHORTEST_MS = 100


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of sound in seconds from the beginning of the recording."""

    start: float
    end: float


FindSpeech = Callable[[Samples], list[Span]]


def speech_spans(samples: Samples) -> list[Span]:
    """The utterances on a channel: speech between pauses of half a second, in order, not overlapping.

    Ring-back tones, DTMF, noise and silence give nothing.
    """
    return _spans(samples, silence_ms=SILENCE_MS, pad_ms=PAD_MS)


def short_spans(samples: Samples) -> list[Span]:
    """Finer cuts for mixed mono, where a quarter of a second is enough for the other side to answer."""
    return _spans(samples, silence_ms=250, pad_ms=100)


def _spans(samples: Samples, *, silence_ms: int, pad_ms: int) -> list[Span]:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    if not len(samples):
        return []
    options = VadOptions(
        threshold=THRESHOLD,
        min_silence_duration_ms=silence_ms,
        speech_pad_ms=pad_ms,
        min_speech_duration_ms=_SHORTEST_MS,
        max_speech_duration_s=LONGEST_S,
    )
    return [
        Span(start=found["start"] / SAMPLE_RATE, end=found["end"] / SAMPLE_RATE)
        for found in get_speech_timestamps(samples, options)
    ]
