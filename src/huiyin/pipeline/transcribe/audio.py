"""Recordings to samples: float32 at 16 kHz, one row a channel, with notes on what is odd about the file."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from huiyin.domain.errors import AudioDecodeError, EmptyAudioError
from huiyin.pipeline.transcribe.protocol import SAMPLE_RATE, Samples
from huiyin.pipeline.transcribe.sniff import HEAD_BYTES, Kind, sniff

SILENT_DBFS = -50.0
"""A channel whose loud moments (99.9th percentile) stay below this carries no speech: line noise of -62 reaches -51."""
SAME_DB = -30.0
"""Two channels are one signal when what is left after subtracting them is this far below them."""
_SHORT_BY_S = 1.0
"""A file that holds this much less than it declares was cut."""


@dataclass(frozen=True, kw_only=True)
class Audio:
    """A decoded recording. `channels` has shape (1 or 2, samples). `notes` are for people."""

    channels: npt.NDArray[np.float32]
    sha256: str
    format: str
    sample_rate: int  # of the file, Hz
    notes: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        return int(self.channels.shape[1]) / SAMPLE_RATE


def load_audio(path: Path) -> Audio:
    """Read and decode a recording; of one that was cut, what is there.

    Raises FileNotFoundError, EmptyAudioError (no bytes, no samples), AudioDecodeError (says what it is instead).
    """
    data = path.read_bytes()
    return decode_audio(data)


def decode_audio(data: bytes) -> Audio:
    """As load_audio, from the bytes of the file."""
    kind = sniff(data[:HEAD_BYTES])
    decoder = _Decoder(data, kind)
    blocks = list(decoder.blocks())
    if not blocks:
        if decoder.broken_packets:
            raise AudioDecodeError(
                f"{kind.label} 文件里没有一段能解码，文件已损坏 (damaged: not one packet can be decoded)"
            )
        raise EmptyAudioError(f"{kind.label} 文件里没有声音数据 (the {kind.label} file holds no audio)")
    channels = np.concatenate(blocks, axis=1).astype(np.float32) / 32768.0
    notes = [*decoder.notes, *_length_note(decoder, data, kind, channels.shape[1] / SAMPLE_RATE)]
    return Audio(
        channels=channels,
        sha256=hashlib.sha256(data).hexdigest(),
        format=f"{kind.label} {decoder.codec}",
        sample_rate=decoder.sample_rate,
        notes=tuple(notes),
    )


class _Decoder:
    """One pass over a file. Afterwards its attributes say what was found."""

    def __init__(self, data: bytes, kind: Kind) -> None:
        self._data = data
        self._kind = kind
        self.codec = ""
        self.sample_rate = 0
        self.declared_s: float | None = None
        self.broken_packets = 0
        self.notes: list[str] = []

    def blocks(self) -> Iterator[npt.NDArray[np.int16]]:
        """Decoded blocks of shape (channels, samples), 16 bits at 16 kHz: half the memory of float."""
        label = self._kind.label
        try:
            container = av.open(io.BytesIO(self._data), format=self._kind.demuxer, metadata_errors="ignore")
        except (av.FFmpegError, ValueError) as error:
            raise AudioDecodeError(
                f"{label} 文件头损坏或不完整，无法打开 (the {label} header is damaged or cut off: {_reason(error)})"
            ) from error
        with container:
            if not container.streams.audio:
                raise EmptyAudioError(f"{label} 文件里没有音轨 (the {label} file has no audio track)")
            stream = container.streams.audio[0]
            self._describe(stream)
            resampler = av.AudioResampler(
                format="s16p", layout="stereo" if self._count(stream) == 2 else "mono", rate=SAMPLE_RATE
            )
            for frame in self._frames(container, stream):
                for part in resampler.resample(frame):
                    yield part.to_ndarray()
            for part in resampler.resample(None):
                yield part.to_ndarray()

    def _describe(self, stream: Any) -> None:
        context = stream.codec_context
        if context is None:
            raise AudioDecodeError(
                f"{self._kind.label} 里的编码不支持 (no decoder for the codec in this {self._kind.label})"
            )
        self.codec = context.name
        self.sample_rate = context.sample_rate
        # an AMR file states no length: FFmpeg guesses one from the first frames, too long where there are pauses
        if stream.duration and stream.time_base and context.name not in _OPENCORE:
            self.declared_s = float(stream.duration * stream.time_base)

    def _count(self, stream: Any) -> int:
        count = int(stream.codec_context.layout.nb_channels)
        if count > 2:
            self.notes.append(f"录音有 {count} 个声道，已混成一路")
        return count

    def _frames(self, container: Any, stream: Any) -> Iterator[Any]:
        """Decoded frames; a packet that cannot be decoded is counted and passed over."""
        packets = container.demux(stream)
        decoder = _amr_decoder(stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.FFmpegError:  # the container breaks off here
                self.broken_packets += 1
                return
            try:
                yield from packet.decode() if decoder is None else decoder.decode(packet)
            except av.EOFError:
                return
            except av.FFmpegError:
                self.broken_packets += 1


_OPENCORE = {"amrnb": "libopencore_amrnb", "amrwb": "libopencore_amrwb"}


def _amr_decoder(stream: Any) -> Any | None:
    """OpenCORE's decoder for AMR, where PyAV brings it; None for the stream's own.

    A phone sends comfort noise and empty frames while nobody speaks. FFmpeg's own decoder refuses them, and the words
    after each pause would move forward in time.
    """
    name = _OPENCORE.get(stream.codec_context.name)
    if name is None or name not in av.codecs_available:
        return None
    decoder = av.CodecContext.create(name, "r")
    decoder.sample_rate = stream.codec_context.sample_rate
    decoder.layout = "mono"
    return decoder


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _length_note(decoder: _Decoder, data: bytes, kind: Kind, got_s: float) -> Iterator[str]:
    if decoder.broken_packets:
        yield f"有 {decoder.broken_packets} 段数据损坏，已跳过，其余可用"
    declared_s = _wav_declared_s(data) if kind.label == "WAV" else decoder.declared_s
    if declared_s is not None and declared_s - got_s > _SHORT_BY_S:
        yield f"录音不完整：文件头写着 {declared_s:.0f} 秒，实有 {got_s:.0f} 秒"


def _wav_declared_s(data: bytes) -> float | None:
    """Seconds by the header of a WAV file; None where a recorder left the size open (0 or all ones)."""
    at, bytes_a_second = 12, 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"fmt ":
            bytes_a_second = int.from_bytes(data[at + 16 : at + 20], "little")
        elif data[at : at + 4] == b"data":
            left_open = size in (0, 0xFFFFFFFF, 0x7FFFFFFF) or not bytes_a_second
            return None if left_open else size / bytes_a_second
        at += 8 + size + size % 2
    return None


def dbfs(level: float) -> float:
    """Decibels below full scale of an amplitude in 0…1; silence is -120."""
    return float(20 * np.log10(max(level, 1e-6)))


def is_silent(samples: Samples) -> bool:
    """Whether a channel carries nothing louder than the idle noise of a line."""
    step = max(1, len(samples) // 200_000)  # a sample of the samples is enough
    return dbfs(float(np.quantile(np.abs(samples[::step]), 0.999))) < SILENT_DBFS


def is_dual_mono(channels: npt.NDArray[np.float32]) -> bool:
    """Whether both channels carry the same mixed signal, at whatever level."""
    left, right = channels
    energy_left, energy_right = float(np.dot(left, left)), float(np.dot(right, right))
    if not energy_left or not energy_right:
        return False
    shared = float(np.dot(left, right)) ** 2 / (energy_left * energy_right)
    return 1 - shared < 10 ** (SAME_DB / 10)
