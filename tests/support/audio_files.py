"""Small audio files made on the spot, in the formats that recorders write."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float32]


def tone(seconds: float, *, hertz: float = 440.0, level: float = 0.3, rate: int = 8000) -> Signal:
    at = np.arange(int(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hertz * at)).astype(np.float32)


def silence(seconds: float, *, rate: int = 8000) -> Signal:
    return np.zeros(int(seconds * rate), dtype=np.float32)


def wav_bytes(*channels: Signal, rate: int = 8000) -> bytes:
    """PCM, 16 bits."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.stack(channels, axis=1) * 32767).astype("<i2").tobytes())
    return out.getvalue()


def encoded(*channels: Signal, codec: str, container: str, rate: int = 8000, bit_rate: int | None = None) -> bytes:
    """The channels through one of FFmpeg's encoders."""
    out = io.BytesIO()
    layout = "stereo" if len(channels) == 2 else "mono"
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate)
        stream.layout = layout
        if bit_rate:
            stream.bit_rate = bit_rate
        samples = (np.stack(channels, axis=1).reshape(1, -1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
        frame.sample_rate = rate
        fitting = av.AudioResampler(
            format=stream.format.name,
            layout=layout,
            rate=stream.rate,
            frame_size=stream.codec_context.frame_size or 160,
        )
        for part in [*fitting.resample(frame), *fitting.resample(None)]:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return out.getvalue()


def gsm_wav(blocks: int = 50) -> bytes:
    """A WAV of Microsoft GSM 6.10 (tag 49): 65 bytes hold 320 samples. The bits are noise; they decode all the same."""
    payload = np.random.default_rng(0).integers(0, 256, 65 * blocks, dtype=np.uint8).tobytes()
    layout = (49).to_bytes(2, "little") + (1).to_bytes(2, "little") + (8000).to_bytes(4, "little")
    layout += (1625).to_bytes(4, "little") + (65).to_bytes(2, "little") + (0).to_bytes(2, "little")
    layout += (2).to_bytes(2, "little") + (320).to_bytes(2, "little")
    body = b"WAVEfmt " + len(layout).to_bytes(4, "little") + layout
    body += b"data" + len(payload).to_bytes(4, "little") + payload
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
