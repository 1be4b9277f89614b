"""Many recordings: order, progress, the cache, and stopping in the middle."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from audio_files import silence, tone, wav_bytes, written

from huiyin.domain.conversation import Channel, Conversation, Recording, Speaker, TranscriptState, Turn
from huiyin.domain.record import SHANGHAI
from huiyin.pipeline.transcribe.batch import Progress, transcribe_all
from huiyin.pipeline.transcribe.cache import CacheKey, FolderTranscriptCache, MemoryTranscriptCache, TranscriptCache
from huiyin.pipeline.transcribe.protocol import Recognizer, ScriptedRecognizer
from huiyin.pipeline.transcribe.transcribe import Transcript

WHEN = datetime(2026, 3, 12, 10, tzinfo=SHANGHAI)
TURN = Turn(turn=0, speaker=Speaker.CLIENT, start=0, end=1, text="喂", kind="speech")


class Transcriber:
    """Stands for transcribe_recording; counts, and can be told to fail or to be interrupted."""

    def __init__(self, *answers: Transcript | BaseException) -> None:
        self.answers = list(answers)
        self.paths: list[str] = []

    def __call__(self, path: Path, recognizer: Recognizer, *, advisor_channel: int | None) -> Transcript:
        self.paths.append(path.name)
        answer = self.answers[len(self.paths) - 1] if self.answers else heard()
        if isinstance(answer, BaseException):
            raise answer
        return answer


def heard(state: TranscriptState = TranscriptState.TRANSCRIBED, duration_s: float = 2.0) -> Transcript:
    turns = (TURN,) if state is TranscriptState.TRANSCRIBED else ()
    return Transcript(state=state, turns=turns, duration_s=duration_s, recognizer="scripted", channels=1, note="x")


def call(number: int, path: str | None = None, **more: Any) -> Conversation:
    fields: dict[str, Any] = {
        "conversation_id": f"c{number}", "channel": Channel.PHONE, "client_id": "K", "advisor_id": "A",
        "started_at": WHEN, "recording": Recording(path=path or f"rec/{number}.wav"),
        "transcript_state": TranscriptState.PENDING,
    }  # fmt: skip
    return Conversation.model_validate(fields | more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data" / "rec").mkdir(parents=True)
    for number in range(3):
        written(tmp_path / "data" / "rec", f"{number}.wav", wav_bytes(tone(1 + number)))
    return tmp_path / "data"


@pytest.fixture(params=["memory", "folder"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> TranscriptCache:
    return MemoryTranscriptCache() if request.param == "memory" else FolderTranscriptCache(tmp_path / "cache")


RECOGNIZER = ScriptedRecognizer([])


def test_everything_comes_back_in_order_and_only_what_waits_is_transcribed(
    folder: Path, cache: TranscriptCache
) -> None:
    given = call(9, transcript_state=TranscriptState.GIVEN, turns=(TURN,))
    unanswered = call(8, recording=None, answered=False, transcript_state=TranscriptState.NOT_ANSWERED)
    work = Transcriber()
    done = list(transcribe_all([call(1), given, call(0), unanswered], folder, RECOGNIZER, cache, transcribe=work))
    assert [one.conversation_id for one in done] == ["c1", "c9", "c0", "c8"]
    assert work.paths == ["1.wav", "0.wav"]
    assert done[1] is given and done[3] is unanswered
    assert done[0].transcript_state is TranscriptState.TRANSCRIBED


def test_progress_counts_what_is_to_do(folder: Path, cache: TranscriptCache) -> None:
    seen: list[Progress] = []
    calls = [call(0, duration_s=2.0), call(1, duration_s=2.0), call(2, duration_s=4.0)]
    list(transcribe_all(calls, folder, RECOGNIZER, cache, seen.append, transcribe=Transcriber()))
    assert [(one.done, one.total, one.conversation_id, one.cached) for one in seen] == [
        (1, 3, "c0", False), (2, 3, "c1", False), (3, 3, "c2", False),
    ]  # fmt: skip
    assert [one.audio_s for one in seen] == [2.0, 4.0, 6.0]
    assert all(one.speed and one.speed > 0 for one in seen)
    assert seen[0].speed is not None and seen[0].eta_s == pytest.approx(6.0 / seen[0].speed)
    assert seen[-1].eta_s == 0


def test_a_second_run_costs_nothing(folder: Path, cache: TranscriptCache) -> None:
    first = list(transcribe_all([call(0), call(1)], folder, RECOGNIZER, cache, transcribe=Transcriber()))
    again, seen = Transcriber(), list[Progress]()
    assert list(transcribe_all([call(0), call(1)], folder, RECOGNIZER, cache, seen.append, transcribe=again)) == first
    assert again.paths == []
    assert [one.cached for one in seen] == [True, True]
    assert seen[-1].speed is None


def test_the_cache_asks_for_the_same_bytes_model_and_channel(folder: Path, cache: TranscriptCache) -> None:
    list(transcribe_all([call(0)], folder, RECOGNIZER, cache, transcribe=Transcriber()))
    other_model = ScriptedRecognizer([], name="other")
    other_channel = call(0, recording=Recording(path="rec/0.wav", advisor_channel=1))
    for recognizer, conversation in ((other_model, call(0)), (RECOGNIZER, other_channel), (RECOGNIZER, call(1))):
        work = Transcriber()
        list(transcribe_all([conversation], folder, recognizer, cache, transcribe=work))
        assert len(work.paths) == 1
    (folder / "rec" / "renamed.wav").write_bytes((folder / "rec" / "0.wav").read_bytes())
    work = Transcriber()
    list(transcribe_all([call(0, "rec/renamed.wav")], folder, RECOGNIZER, cache, transcribe=work))
    assert work.paths == []


def test_a_failure_is_tried_again_and_silence_is_not(folder: Path, cache: TranscriptCache) -> None:
    work = Transcriber(heard(TranscriptState.FAILED), heard(TranscriptState.SILENT))
    done = list(transcribe_all([call(0), call(1)], folder, RECOGNIZER, cache, transcribe=work))
    assert [one.transcript_state for one in done] == ["failed", "silent"]
    again = Transcriber()
    list(transcribe_all(done[:1], folder, RECOGNIZER, cache, transcribe=again))
    list(transcribe_all([call(1)], folder, RECOGNIZER, cache, transcribe=again))
    assert again.paths == ["0.wav"]


def test_who_stops_in_the_middle_goes_on_from_there(folder: Path, tmp_path: Path) -> None:
    cache = FolderTranscriptCache(tmp_path / "cache")
    work = Transcriber(heard(), KeyboardInterrupt())
    run = transcribe_all([call(0), call(1), call(2)], folder, RECOGNIZER, cache, transcribe=work)
    assert next(run).conversation_id == "c0"
    with pytest.raises(KeyboardInterrupt):
        next(run)
    again = Transcriber()
    done = list(transcribe_all([call(0), call(1), call(2)], folder, RECOGNIZER, cache, transcribe=again))
    assert again.paths == ["1.wav", "2.wav"]
    assert all(one.transcript_state is TranscriptState.TRANSCRIBED for one in done)


def test_a_file_that_cannot_be_read_back_is_made_anew(tmp_path: Path) -> None:
    cache = FolderTranscriptCache(tmp_path)
    key = CacheKey(audio_sha256="a" * 64, recognizer="m", advisor_channel=None)
    cache.put(key, heard())
    (file,) = tmp_path.rglob("*.json")
    for content in (b"{", b'{"state": "transcribed", "colour": 1}', b'{"version": 99, "state": "silent"}'):
        file.write_bytes(content)
        assert cache.get(key) is None
    cache.put(key, heard())
    assert cache.get(key) == heard()
    assert [entry for entry in tmp_path.rglob("*") if entry.is_file()] == [file]


def test_a_write_that_breaks_off_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        FolderTranscriptCache(tmp_path).put(CacheKey(audio_sha256="a", recognizer="m", advisor_channel=0), heard())
    assert [entry for entry in tmp_path.rglob("*") if entry.is_file()] == []


@pytest.mark.parametrize("path", ["../secret.wav", "/etc/hosts", "rec/../../secret.wav", "rec\\..\\..\\secret.wav"])
def test_a_path_out_of_the_data_folder_is_not_read(folder: Path, path: str) -> None:
    (folder.parent / "secret.wav").write_bytes(wav_bytes(tone(1)))
    work = Transcriber()
    (done,) = transcribe_all([call(0, path)], folder, RECOGNIZER, MemoryTranscriptCache(), transcribe=work)
    assert done.transcript_state is TranscriptState.MISSING_FILE
    assert work.paths == []


def test_a_windows_path_and_a_missing_file(folder: Path) -> None:
    real = ScriptedRecognizer([])
    (folder / "rec" / "quiet.wav").write_bytes(wav_bytes(silence(2)))
    done = list(
        transcribe_all([call(0, "rec\\quiet.wav"), call(1, "rec/7.wav")], folder, real, MemoryTranscriptCache())
    )
    assert [one.transcript_state for one in done] == ["silent", "missing_file"]


def test_voice_messages_of_a_chat_are_transcribed_too(folder: Path, cache: TranscriptCache) -> None:
    (folder / "rec" / "quiet.wav").write_bytes(wav_bytes(silence(2)))
    turns = (Turn(turn=0, speaker=Speaker.CLIENT, start=0, text="[语音]", kind="voice", msgid="m1"),)
    chat = call(
        5, recording=None, channel=Channel.WECOM, medium="chat", turns=turns, transcript_state=TranscriptState.GIVEN
    )
    seen: list[Progress] = []
    voices = {"m1": "rec/quiet.wav"}
    done = list(transcribe_all([chat], folder, RECOGNIZER, cache, seen.append, voices=voices))
    assert done == [chat]
    assert [(one.done, one.total) for one in seen] == [(1, 1)]
    list(transcribe_all([chat], folder, RECOGNIZER, cache, seen.append, voices=voices))
    assert seen[-1].cached
