"""Many recordings, one after the other, in the order given, with progress that can be shown."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from huiyin.domain.conversation import Conversation, Speaker, TranscriptState
from huiyin.pipeline.transcribe.cache import CacheKey, TranscriptCache
from huiyin.pipeline.transcribe.protocol import Recognizer
from huiyin.pipeline.transcribe.transcribe import (
    Transcript,
    apply,
    apply_voice,
    transcribe_recording,
    transcribe_voice,
)
from huiyin.pipeline.transcribe.weights import file_sha256

TO_DO = frozenset({TranscriptState.PENDING, TranscriptState.FAILED, TranscriptState.MISSING_FILE})
"""States in which a named recording is (again) looked for and transcribed."""

_GUESSED_S = 180.0
"""How long a call is taken to be for the estimate where the call record does not say."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """After each recording. `speed` is seconds of new audio a second of work; None until something was recognised."""

    done: int
    total: int
    conversation_id: str
    state: TranscriptState
    cached: bool
    audio_s: float  # so far, cached ones too
    speed: float | None
    eta_s: float | None


OnProgress = Callable[[Progress], None]


def transcribe_all(
    conversations: Iterable[Conversation],
    folder: Path,
    recognizer: Recognizer,
    cache: TranscriptCache,
    on_progress: OnProgress | None = None,
    *,
    voices: Mapping[str, str] | None = None,
    transcribe: Callable[..., Transcript] = transcribe_recording,
) -> Iterator[Conversation]:
    """Every conversation, in order; those whose recording is to be transcribed, with their words or a reason.

    `Recording.path` and the values of `voices` (msgid of a voice message → path) are relative to `folder`. Each
    transcript is kept before its conversation is handed on: whoever stops (Ctrl-C) goes on from there next time.
    """
    everything = list(conversations)
    run = _Run(folder, recognizer, cache, dict(voices or {}), transcribe)
    meter = _Meter([one for one in everything if run.has_work(one)], on_progress)
    for conversation in everything:
        if not run.has_work(conversation):
            yield conversation
            continue
        began = time.monotonic()
        finished, cached = run.one(conversation)
        meter.step(finished, cached=cached, took_s=time.monotonic() - began)
        yield finished


class _Run:
    def __init__(
        self,
        folder: Path,
        recognizer: Recognizer,
        cache: TranscriptCache,
        voices: dict[str, str],
        transcribe: Callable[..., Transcript],
    ) -> None:
        self._folder, self._recognizer, self._cache = folder, recognizer, cache
        self._voices, self._transcribe = voices, transcribe

    def has_work(self, conversation: Conversation) -> bool:
        if any(turn.msgid in self._voices for turn in conversation.turns):
            return True
        return conversation.recording is not None and conversation.transcript_state in TO_DO

    def one(self, conversation: Conversation) -> tuple[Conversation, bool]:
        """The finished conversation, and whether all its words came from the cache."""
        all_cached = True
        if conversation.recording is not None and conversation.transcript_state in TO_DO:
            channel = conversation.recording.advisor_channel
            make = partial(self._transcribe, advisor_channel=channel)
            transcript, all_cached = self._cached(conversation.recording.path, channel, "call", make)
            conversation = apply(conversation, transcript)
        for turn in conversation.turns:
            path = self._voices.get(turn.msgid or "")
            if path is not None:
                transcript, hit = self._voice(path, turn.speaker)
                conversation = apply_voice(conversation, str(turn.msgid), transcript)
                all_cached = all_cached and hit
        return conversation, all_cached

    def _voice(self, path: str, speaker: Speaker) -> tuple[Transcript, bool]:
        return self._cached(path, None, f"voice:{speaker}", partial(transcribe_voice, speaker=speaker))

    def _cached(
        self, relative: str, channel: int | None, kind: str, make: Callable[..., Transcript]
    ) -> tuple[Transcript, bool]:
        path = self._inside(relative)
        if path is None:
            note = "录音路径指到数据目录之外，未读取 (the path leaves the data folder)"
            return Transcript(state=TranscriptState.MISSING_FILE, note=note), False
        if not path.is_file():
            return make(path, self._recognizer), False
        key = CacheKey(
            audio_sha256=file_sha256(path), recognizer=self._recognizer.name, advisor_channel=channel, kind=kind
        )
        kept = self._cache.get(key)
        if kept is not None:
            return kept, True
        transcript = make(path, self._recognizer)
        self._cache.put(key, transcript)
        return transcript, False

    def _inside(self, relative: str) -> Path | None:
        """The file, unless a row of the call records points out of the data folder."""
        inner = PurePosixPath(os.path.normpath(relative.replace("\\", "/")))
        if inner.is_absolute() or ".." in inner.parts:
            return None
        return self._folder / inner


class _Meter:
    """Counts, and says when it will be over: by the audio still to come and the speed so far."""

    def __init__(self, work: list[Conversation], on_progress: OnProgress | None) -> None:
        self._on_progress = on_progress
        self._left = [one.duration_s or _GUESSED_S for one in work]
        self._total = len(work)
        self._audio_s = 0.0
        self._fresh_s = self._took_s = 0.0

    def step(self, conversation: Conversation, *, cached: bool, took_s: float) -> None:
        self._left.pop(0)
        recording = conversation.recording
        heard_s = (recording.duration_s if recording else conversation.duration_s) or 0.0
        self._audio_s += heard_s
        if not cached:
            self._fresh_s += heard_s
            self._took_s += took_s
        speed = self._fresh_s / self._took_s if self._fresh_s and self._took_s else None
        if self._on_progress is None:
            return
        self._on_progress(
            Progress(
                done=self._total - len(self._left),
                total=self._total,
                conversation_id=conversation.conversation_id,
                state=conversation.transcript_state,
                cached=cached,
                audio_s=self._audio_s,
                speed=speed,
                eta_s=sum(self._left) / speed if speed else None,
            )
        )
