"""From a file to a transcript, with a recogniser whose words are written beforehand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from audio_files import encoded, silence, tone, wav_bytes, written

from huiyin.domain.conversation import Channel, Conversation, Recording, Speaker, TranscriptState, Turn, Word
from huiyin.domain.record import SHANGHAI
from huiyin.pipeline.transcribe.protocol import SAMPLE_RATE, Samples, ScriptedRecognizer
from huiyin.pipeline.transcribe.transcribe import (
    SpeechFinder,
    Transcript,
    apply,
    apply_voice,
    transcribe_recording,
    transcribe_voice,
)
from huiyin.pipeline.transcribe.vad import Span


def loud(samples: Samples) -> list[Span]:
    """Speech wherever a tenth of a second is loud: the tests speak in tones, which the real finder passes over."""
    frame = SAMPLE_RATE // 10
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    active = np.flatnonzero(np.abs(frames).max(axis=1) > 0.05)
    runs = np.split(active, np.flatnonzero(np.diff(active) > 1) + 1) if len(active) else []
    return [Span(start=float(run[0]) / 10, end=float(run[-1] + 1) / 10) for run in runs]


FINDER = SpeechFinder(utterances=loud, fine=loud)


def said(text: str, start: float, probability: float = 0.9) -> list[Word]:
    times = [round(start + n * 0.1, 2) for n in range(len(text) + 1)]
    return [
        Word(text=character, start=begin, end=end, probability=probability)
        for character, begin, end in zip(text, times[:-1], times[1:], strict=True)
    ]


def two_sides() -> tuple[np.ndarray, np.ndarray]:
    """The left side speaks in seconds 1-3 and 7-9, the right one in 4-6."""
    left = np.concatenate([silence(1), tone(2), silence(4), tone(2), silence(1)])
    right = np.concatenate([silence(4), tone(2, hertz=300), silence(4)])
    return left, right


@pytest.fixture
def stereo(tmp_path: Path) -> Path:
    return written(tmp_path, "call.wav", encoded(*two_sides(), codec="pcm_alaw", container="wav"))


def test_a_stereo_call_becomes_turns_in_order(stereo: Path) -> None:
    left = [*said("您好，我是国泰证券的小李。", 1.1), *said("那您看周三方便吗？", 7.1)]
    recognizer = ScriptedRecognizer([left, said("哦，你说。", 4.1, 0.6)])
    transcript = transcribe_recording(stereo, recognizer, advisor_channel=0, finder=FINDER)
    assert transcript.state is TranscriptState.TRANSCRIBED
    assert [(turn.turn, turn.speaker, turn.channel, turn.start, turn.end, turn.text) for turn in transcript.turns] == [
        (0, "advisor", 0, 1.0, 3.0, "您好，我是国泰证券的小李。"),
        (1, "client", 1, 4.0, 6.0, "哦，你说。"),
        (2, "advisor", 0, 7.0, 9.0, "那您看周三方便吗？"),
    ]
    assert [turn.confidence for turn in transcript.turns] == [0.9, 0.6, 0.9]
    assert transcript.note is None
    assert (transcript.channels, transcript.duration_s, transcript.recognizer) == (2, 10.0, "scripted")
    assert Transcript.model_validate_json(transcript.model_dump_json()) == transcript


def test_the_other_channel_can_be_the_advisor(stereo: Path) -> None:
    recognizer = ScriptedRecognizer([said("你说", 1.1), said("您好", 4.1)])
    transcript = transcribe_recording(stereo, recognizer, advisor_channel=1, finder=FINDER)
    assert [turn.speaker for turn in transcript.turns] == ["client", "advisor"]


def test_same_sound_on_both_channels_is_mono(tmp_path: Path) -> None:
    mixed = np.maximum(*two_sides())
    path = written(tmp_path, "call.wav", wav_bytes(mixed, mixed))
    words = [*said("您好，我是国泰证券的小李。", 1.1), *said("哦，你说。", 4.1), *said("那您看？", 7.1)]
    transcript = transcribe_recording(path, ScriptedRecognizer([words]), advisor_channel=0, finder=FINDER)
    assert [turn.speaker for turn in transcript.turns] == ["advisor", "client", "advisor"]
    assert transcript.note is not None and "两个声道相同" in transcript.note and "单声道" in transcript.note
    assert transcript.advisor_channel is None


def test_a_silent_channel_is_noted_and_the_other_is_one_side(tmp_path: Path) -> None:
    left, _ = two_sides()
    path = written(tmp_path, "call.wav", wav_bytes(silence(10), left))
    words = [*said("哦，你说。", 1.1), *said("那您看？", 7.1)]
    transcript = transcribe_recording(path, ScriptedRecognizer([words]), advisor_channel=0, finder=FINDER)
    assert {turn.speaker for turn in transcript.turns} == {Speaker.CLIENT}
    assert transcript.note == "声道 0 没有声音；只录到客户一方，请核对"


def test_silence_asks_no_recogniser(tmp_path: Path) -> None:
    for content in (wav_bytes(silence(5), silence(5)), wav_bytes(silence(5))):
        transcript = transcribe_recording(written(tmp_path, "call.wav", content), ScriptedRecognizer([]), finder=FINDER)
        assert (transcript.state, transcript.turns) == (TranscriptState.SILENT, ())
        assert transcript.note is not None and transcript.sha256 is not None


def test_a_recogniser_that_hears_nothing_makes_it_silent(stereo: Path) -> None:
    transcript = transcribe_recording(stereo, ScriptedRecognizer([[], []]), finder=FINDER)
    assert transcript.state is TranscriptState.SILENT


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"", TranscriptState.EMPTY),
        (wav_bytes(silence(0)), TranscriptState.EMPTY),
        (b"404 not found", TranscriptState.UNREADABLE),
        (b"\x02#!SILK_V3" + bytes(99), TranscriptState.UNREADABLE),
        (None, TranscriptState.MISSING_FILE),
    ],
)
def test_bad_files_are_states_with_a_reason(tmp_path: Path, content: bytes | None, state: TranscriptState) -> None:
    path = tmp_path / "call.wav"
    if content is not None:
        path.write_bytes(content)
    for transcript in (
        transcribe_recording(path, ScriptedRecognizer([]), finder=FINDER),
        transcribe_voice(path, ScriptedRecognizer([]), speaker=Speaker.CLIENT, finder=FINDER),
    ):
        assert transcript.state is state
        assert transcript.note


def test_a_folder_in_place_of_a_file_is_unreadable(tmp_path: Path) -> None:
    assert transcribe_recording(tmp_path, ScriptedRecognizer([])).state is TranscriptState.UNREADABLE


class Broken:
    name, parallel = "broken", 1

    def recognize(self, samples: Samples) -> list[Word]:
        raise RuntimeError("out of memory")


def test_a_recogniser_that_fails_fails_one_recording(stereo: Path) -> None:
    transcript = transcribe_recording(stereo, Broken(), finder=FINDER)
    assert transcript.state is TranscriptState.FAILED
    assert transcript.note is not None and "out of memory" in transcript.note
    assert transcript.duration_s == 10.0


def call(**more: object) -> Conversation:
    fields: dict[str, object] = {
        "conversation_id": "c1", "channel": Channel.PHONE, "client_id": "K1", "advisor_id": "A1",
        "started_at": datetime(2026, 3, 12, 10, tzinfo=SHANGHAI), "recording": Recording(path="call.wav"),
        "transcript_state": TranscriptState.PENDING,
    }  # fmt: skip
    return Conversation.model_validate(fields | more)


def test_the_call_takes_its_transcript(stereo: Path) -> None:
    recognizer = ScriptedRecognizer([said("您好，我是国泰证券的", 1.1), said("你说", 4.1)])
    done = apply(call(), transcribe_recording(stereo, recognizer, finder=FINDER))
    assert done.transcript_state is TranscriptState.TRANSCRIBED
    assert done.recording is not None
    assert (done.recording.channels, done.recording.duration_s, done.recording.advisor_channel) == (2, 10.0, 0)
    assert done.recording.sha256 and done.recognizer == "scripted" and done.duration_s == 10.0
    assert apply(call(duration_s=61.0), Transcript(state=TranscriptState.SILENT, duration_s=9.0)).duration_s == 61.0
    missing = apply(call(), Transcript(state=TranscriptState.MISSING_FILE, note="gone"))
    assert (missing.transcript_note, missing.has_words) == ("gone", False)


def test_a_voice_message_becomes_the_text_of_its_turn(tmp_path: Path) -> None:
    path = written(tmp_path, "v.amr", encoded(tone(3), codec="libopencore_amrnb", container="amr"))
    transcript = transcribe_voice(
        path, ScriptedRecognizer([said("测试做完了。", 0.3)]), speaker=Speaker.CLIENT, finder=FINDER
    )
    (heard,) = transcript.turns
    assert (heard.text, heard.speaker, heard.start) == ("测试做完了。", "client", 0.0)
    turns = (
        Turn(turn=0, speaker=Speaker.CLIENT, start=0, text="在吗", msgid="m0"),
        Turn(turn=1, speaker=Speaker.CLIENT, start=30, text="[语音]", kind="voice", msgid="m1"),
    )
    chat = call(channel=Channel.WECOM, medium="chat", turns=turns, transcript_state=TranscriptState.GIVEN)
    done = apply_voice(chat, "m1", transcript)
    assert [turn.text for turn in done.turns] == ["在吗", "测试做完了。"]
    assert done.turns[1].words[0].start == pytest.approx(30.3)
    assert (done.turns[1].kind, done.turns[1].confidence) == ("voice", 0.9)
    assert apply_voice(chat, "m1", Transcript(state=TranscriptState.SILENT)) == chat
