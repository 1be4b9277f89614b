"""The real recogniser: Whisper through faster-whisper (CTranslate2, int8, CPU).

Settings and why (speech-and-speed, sections 0 and 2.2): the batched pipeline with its default
`without_timestamps=True` (with timestamps and a prompt it drops whole sentences), a domain sentence as prompt before
each window, word times, one pipeline a thread, one CPU thread a worker.
"""

from __future__ import annotations

import threading
from typing import Any

from huiyin.domain.conversation import Word
from huiyin.domain.errors import RecognizerError
from huiyin.pipeline.transcribe.filters import Segment, believable, lexicon_digest, prompt
from huiyin.pipeline.transcribe.gaps import unheard, with_heard
from huiyin.pipeline.transcribe.pieces import shifted
from huiyin.pipeline.transcribe.protocol import SAMPLE_RATE, Samples
from huiyin.pipeline.transcribe.text import normalise
from huiyin.pipeline.transcribe.vad import short_spans
from huiyin.pipeline.transcribe.weights import Weights, file_sha256, resolve_weights

BEAM_SIZE = 5
BATCH_SIZE = 8
_VERSION = 1
"""Raised whenever a change of the code alters the words, so that no cache of before is used."""


class FasterWhisperRecognizer:
    """Whisper on the CPU. `workers` calls of `recognize` run at once, each on one core.

    Raises WeightsError where no weights are to be had, RecognizerError where they cannot be loaded.
    """

    def __init__(self, weights: Weights | None = None, *, beam_size: int = BEAM_SIZE, workers: int = 2) -> None:
        from faster_whisper import WhisperModel

        self.weights = weights or resolve_weights()
        self.parallel = workers
        self._beam_size = beam_size
        self._prompt = prompt()
        try:
            self._model = WhisperModel(
                str(self.weights.folder),
                device="cpu",
                compute_type="int8",
                num_workers=workers,
                cpu_threads=1,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise RecognizerError(
                f"The weights in {self.weights.folder} cannot be loaded: {error}. "
                "They must be a Whisper model in CTranslate2 form."
            ) from error
        self._digest = (self.weights.sha256 or file_sha256(self.weights.folder / "model.bin"))[:12]
        self._local = threading.local()

    @property
    def name(self) -> str:
        """For instance `faster-whisper:base@d01c3014881c:int8:beam5:asr-3f9a1c:v1`."""
        weights = f"{self.weights.name}@{self._digest}"
        return f"faster-whisper:{weights}:int8:beam{self._beam_size}:asr-{lexicon_digest()}:v{_VERSION}"

    def recognize(self, samples: Samples) -> list[Word]:
        words = self._decode(samples, self._prompt)
        spans = short_spans(samples)
        for join in (True, False):  # together first, for the context; then one by one what was passed over again
            for gap in unheard(words, spans, join=join):
                part = samples[int(gap.start * SAMPLE_RATE) : int(gap.end * SAMPLE_RATE)]
                words = with_heard(words, [shifted(word, gap.start) for word in self._decode(part, None)], gap)
        return words

    def _decode(self, samples: Samples, initial_prompt: str | None) -> list[Word]:
        found, _ = self._pipeline().transcribe(
            samples,
            language="zh",
            beam_size=self._beam_size,
            batch_size=BATCH_SIZE,
            initial_prompt=initial_prompt,
            word_timestamps=True,
        )
        return believable([_segment(segment) for segment in found])

    def _pipeline(self) -> Any:
        """This thread's pipeline: it keeps the time of the last word, and must not be shared."""
        from faster_whisper import BatchedInferencePipeline

        if not hasattr(self._local, "pipeline"):
            self._local.pipeline = BatchedInferencePipeline(self._model)
        return self._local.pipeline


def _segment(found: Any) -> Segment:
    words = [
        Word(
            text=word.word,
            start=round(float(word.start), 2),
            end=round(float(word.end), 2),
            probability=round(float(word.probability), 3),
        )
        for word in found.words or ()
    ]
    return Segment(words=tuple(normalise(words)), no_speech_prob=found.no_speech_prob, avg_logprob=found.avg_logprob)
