"""The recogniser as an object: one channel of sound in, words with times out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from huiyin.domain.conversation import Word

SAMPLE_RATE = 16_000
"""Hertz; every array of samples in this package is mono float32 in -1…1 at this rate."""

Samples = npt.NDArray[np.float32]


class Recognizer(Protocol):
    """Turns speech into words. It may be called from `parallel` threads at once."""

    @property
    def name(self) -> str:
        """Model and settings: two recognisers with the same name give the same words for the same samples."""
        ...

    @property
    def parallel(self) -> int:
        """How many calls of `recognize` it can serve at the same time."""
        ...

    def recognize(self, samples: Samples) -> list[Word]:
        """The words in order of time, `start`/`end` in seconds from the first sample; nothing for no speech.

        The words joined are the text, punctuation included, in simplified characters.
        """
        ...


class ScriptedRecognizer:
    """Gives back words prepared beforehand, one script a call, in order. For tests of whatever needs a recogniser."""

    def __init__(self, scripts: Sequence[Sequence[Word]], *, name: str = "scripted", parallel: int = 1) -> None:
        self.name = name
        self.parallel = parallel
        self.calls: list[int] = []
        """The number of samples of each call so far."""
        self._scripts = list(scripts)

    def recognize(self, samples: Samples) -> list[Word]:
        if len(self.calls) >= len(self._scripts):
            raise AssertionError(f"the script holds {len(self._scripts)} calls, and one more was made")
        words = self._scripts[len(self.calls)]
        self.calls.append(len(samples))
        return list(words)
