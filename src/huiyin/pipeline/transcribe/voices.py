"""Tells two voices on one channel apart by pitch and timbre, with numpy alone.

Nothing is kept: the figures describe how the two voices of this one recording differ, not who anybody is, and are
thrown away with it (no voice prints: domain-facts, PIPL art. 28).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from huiyin.pipeline.transcribe.protocol import SAMPLE_RATE, Samples
from huiyin.pipeline.transcribe.vad import Span

_Array = npt.NDArray[np.float64]

WINDOW_S = 1.0
HOP_S = 0.25
_FRAME, _STEP, _FFT = 400, 160, 512
_MELS, _CEPSTRA = 26, 17
_LOWEST_HZ, _HIGHEST_HZ = 70.0, 400.0
_RIDGE = 0.2
"""Added to the variance within spans, in units of the total: keeps rare directions from being blown up."""
_FEWEST_SPANS = 4


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Overlapping windows of speech. `table` has a row a window, in units of how much one person's speech varies."""

    times: _Array  # middle of each window, seconds
    table: _Array  # shape (windows, features)
    owner: npt.NDArray[np.int_]  # the span of each window


NO_WINDOWS = Windows(times=np.zeros(0), table=np.zeros((0, 1)), owner=np.zeros(0, dtype=np.int_))


def measure(samples: Samples, spans: Sequence[Span]) -> Windows:
    """The windows of all spans; NO_WINDOWS where there is too little speech to tell two voices apart.

    Within a span of speech it is mostly one person, so what changes there is what is being said; dividing by it
    leaves the voice.
    """
    times, rows, owners = [], [], []
    for number, span in enumerate(spans):
        for start in _window_starts(span):
            end = min(start + WINDOW_S, span.end)
            features = _features(samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)])
            if features is not None:
                times.append((start + end) / 2)
                rows.append(features)
                owners.append(number)
    if len(set(owners)) < _FEWEST_SPANS:
        return NO_WINDOWS
    owner = np.array(owners)
    return Windows(times=np.array(times), table=_whitened(_standardised(np.array(rows)), owner), owner=owner)


def _window_starts(span: Span) -> _Array:
    if span.end - span.start <= WINDOW_S:
        return np.array([span.start])
    return np.arange(span.start, span.end - WINDOW_S + HOP_S / 2, HOP_S)


def _features(samples: Samples) -> _Array | None:
    """Mean and spread of the cepstra and the median pitch of a window's loud frames; None for next to nothing."""
    if len(samples) < 3 * _FRAME:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), _FRAME)[::_STEP]
    energy = (frames**2).mean(axis=1)
    loud = energy > max(energy.max() * 0.02, 1e-8)
    if loud.sum() < 5:
        return None
    spectrum = np.abs(np.fft.rfft(frames[loud] * np.hanning(_FRAME), _FFT)) ** 2
    cepstra = np.log(spectrum @ _mel_filters().T + 1e-10) @ _cosines().T
    timbre = np.concatenate([cepstra[:, 1:].mean(axis=0), cepstra[:, 1:].std(axis=0)])
    return np.append(timbre, _log_pitch(frames[loud]))


def _log_pitch(frames: _Array) -> float:
    """The median log2 of the fundamental over voiced frames, by autocorrelation; nan where nothing is voiced."""
    centred = frames - frames.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(centred, 2 * _FFT)) ** 2
    correlation = np.fft.irfft(power)[:, :_FRAME]
    overlap = 1 - np.arange(_FRAME) / _FRAME  # a shifted frame overlaps itself less
    correlation = correlation / np.maximum(overlap, 0.2)
    low, high = int(SAMPLE_RATE / _HIGHEST_HZ), min(int(SAMPLE_RATE / _LOWEST_HZ), _FRAME - 1)
    lags = correlation[:, low:high]
    voiced = lags.max(axis=1) > 0.5 * correlation[:, 0]
    if voiced.sum() < 3:
        return float("nan")
    return float(np.median(np.log2(SAMPLE_RATE / (low + lags[voiced].argmax(axis=1)))))


@cache
def _mel_filters() -> _Array:
    """Triangular filters of shape (mels, bins) over 100…3600 Hz, what a telephone lets through."""
    mels = np.linspace(_mel(100.0), _mel(3600.0), _MELS + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    bins = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    filters: _Array = np.maximum(0, np.minimum(rising, falling))
    return filters


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


@cache
def _cosines() -> _Array:
    order, mel = np.arange(_CEPSTRA)[:, None], np.arange(_MELS)[None, :]
    cosines: _Array = np.cos(np.pi * order * (mel + 0.5) / _MELS)
    return cosines


def _standardised(table: _Array) -> _Array:
    pitch = table[:, -1]
    known = pitch[~np.isnan(pitch)]
    table[np.isnan(pitch), -1] = np.median(known) if len(known) else 0.0
    spread = table.std(axis=0)
    scaled: _Array = (table - table.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0)
    return scaled


def _whitened(table: _Array, owner: npt.NDArray[np.int_]) -> _Array:
    """The table in units of how much each direction varies within a span, over windows that do not overlap."""
    apart = round(WINDOW_S / HOP_S)
    same = owner[apart:] == owner[:-apart]
    steps = (table[apart:] - table[:-apart])[same]
    within = steps.T @ steps / max(2 * len(steps), 1)
    scale, axes = np.linalg.eigh(within + _RIDGE * np.eye(table.shape[1]))
    whitened: _Array = table @ (axes / np.sqrt(scale))
    return whitened


def two_voices(windows: Windows) -> _Array:
    """A first guess by sound alone: 0 or 1 for each window, by two-means over the spans' means."""
    numbers, place = np.unique(windows.owner, return_inverse=True)
    means = np.array([windows.table[windows.owner == number].mean(axis=0) for number in numbers])
    weights = np.bincount(place).astype(np.float64)
    found = [_two_means(means, weights, labels) for labels in _beginnings(means, weights)]
    labels = min((one for one in found if one is not None), key=lambda one: one[0], default=(0.0, None))[1]
    if labels is None:
        return np.full(len(windows.times), 0.5)
    return labels[place].astype(np.float64)


def evidence(windows: Windows, first: _Array) -> _Array:
    """Nats for the first of two speakers in each window, given the probability that each window is the first's.

    Each speaker is a cloud of unit variance around a mean. Overlapping windows share their sound, so each counts for
    the part that is its own. All zero where one of the two has hardly said anything.
    """
    if min(first.sum(), (1 - first).sum()) < 1:
        return np.zeros(len(first))
    one = np.average(windows.table, axis=0, weights=first)
    other = np.average(windows.table, axis=0, weights=1 - first)
    nearer: _Array = ((windows.table - other) ** 2).sum(axis=1) - ((windows.table - one) ** 2).sum(axis=1)
    return nearer / 2 * HOP_S / WINDOW_S


def _beginnings(means: _Array, weights: _Array) -> list[npt.NDArray[np.bool_]]:
    """First guesses: the median split along each of the main directions in which the spans differ."""
    centred = (means - np.average(means, axis=0, weights=weights)) * np.sqrt(weights)[:, None]
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    places = (means @ axes[:6].T).T
    return [place > np.median(place) for place in places]


def _two_means(
    means: _Array, weights: _Array, labels: npt.NDArray[np.bool_]
) -> tuple[float, npt.NDArray[np.bool_]] | None:
    """Inertia and the labels; None where one side ran empty."""
    inertia = 0.0
    for _ in range(50):
        if not 0 < labels.sum() < len(labels):
            return None
        one = np.average(means[~labels], axis=0, weights=weights[~labels])
        other = np.average(means[labels], axis=0, weights=weights[labels])
        far_one, far_other = ((means - one) ** 2).sum(axis=1), ((means - other) ** 2).sum(axis=1)
        inertia = float((weights * np.minimum(far_one, far_other)).sum())
        moved = far_other < far_one
        if (moved == labels).all():
            break
        labels = moved
    return inertia, labels
