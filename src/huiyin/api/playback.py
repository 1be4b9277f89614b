"""Recordings made playable: decoded once, kept by content in the cache folder."""

from __future__ import annotations

import os
import tempfile
import wave
from pathlib import Path

import numpy as np

from huiyin.pipeline.transcribe.audio import load_audio
from huiyin.pipeline.transcribe.protocol import SAMPLE_RATE
from huiyin.pipeline.transcribe.weights import cache_root, file_sha256


def inside(folder: Path, relative: str) -> Path | None:
    """The file below `folder`; None where the path leads out of it."""
    path = (folder / relative).resolve()
    return path if path.is_relative_to(folder.resolve()) else None


def playable(path: Path) -> Path:
    """A PCM WAV of the recording, all channels. Raises AudioError where it cannot be decoded."""
    kept = cache_root() / "playback" / f"{file_sha256(path)}.wav"
    if kept.is_file():
        return kept
    channels = load_audio(path).channels
    samples = (np.clip(channels, -1.0, 1.0) * 32767).astype("<i2")
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(suffix=".part", dir=kept.parent)
    with os.fdopen(handle, "wb") as raw, wave.open(raw, "wb") as out:
        out.setnchannels(samples.shape[0])
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(samples.T.tobytes())
    Path(name).replace(kept)
    return kept
