"""Silences a channel where it only carries the other side's leak.

Both sides are heard faintly on each other's channel (a loudspeaker, the line's side tone); a recogniser turns the
leak into a second copy of the words. Measured on a call with a leak at -26 dB: turn CER 39.8 % without the mask,
11.3 % with it; on a clean call no difference (speech-and-speed, "Cross-talk mask").
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from huiyin.pipeline.transcribe.protocol import SAMPLE_RATE

LOUDER_DB = 15.0
SMOOTHING_S = 0.25
FLOOR_DBFS = -50.0
_FRAME = SAMPLE_RATE // 100


def mask_crosstalk(channels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A copy of both channels (shape (2, samples)), zero wherever the other is LOUDER_DB louder and above the floor."""
    length = channels.shape[1]
    frames = -(-length // _FRAME)
    padded = np.pad(channels, ((0, 0), (0, frames * _FRAME - length)))
    power = (padded.reshape(2, frames, _FRAME) ** 2).mean(axis=2)
    width = max(1, round(SMOOTHING_S * SAMPLE_RATE / _FRAME))
    level = 10 * np.log10(np.stack([_moving_mean(row, width) for row in power]) + 1e-12)
    masked = channels.copy()
    for own, other in ((0, 1), (1, 0)):
        leak = (level[other] - level[own] > LOUDER_DB) & (level[other] > FLOOR_DBFS)
        masked[own] *= np.repeat(~leak, _FRAME)[:length]
    return masked


def _moving_mean(row: npt.NDArray[np.float32], width: int) -> npt.NDArray[np.float64]:
    """The mean over `width` frames around each frame; at the ends over those that are there."""
    total = np.concatenate(([0.0], np.cumsum(row, dtype=np.float64)))
    at = np.arange(len(row))
    low = np.maximum(at - width // 2, 0)
    high = np.minimum(at + width // 2 + 1, len(row))
    mean: npt.NDArray[np.float64] = (total[high] - total[low]) / (high - low)
    return mean
