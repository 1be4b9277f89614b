"""Transcripts that were made before, so that a re-run costs nothing and a broken-off one loses nothing."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from huiyin.domain.conversation import TranscriptState
from huiyin.pipeline.transcribe.roles import lexicon_digest
from huiyin.pipeline.transcribe.transcribe import Transcript

KEPT = frozenset({TranscriptState.TRANSCRIBED, TranscriptState.SILENT})
"""A failure is not kept: the next run tries again, with a better decoder perhaps."""


@dataclass(frozen=True, kw_only=True)
class CacheKey:
    """All that a transcript depends on: the bytes, the recogniser with its settings, and how speakers were named."""

    audio_sha256: str
    recognizer: str
    advisor_channel: int | None
    kind: str = "call"  # or "voice", a message of one speaker

    @property
    def digest(self) -> str:
        parts = (self.audio_sha256, self.recognizer, str(self.advisor_channel), self.kind, lexicon_digest())
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


class TranscriptCache(Protocol):
    def get(self, key: CacheKey) -> Transcript | None: ...

    def put(self, key: CacheKey, transcript: Transcript) -> None:
        """Keep a transcript whose state is in KEPT; others are passed over."""
        ...


class MemoryTranscriptCache:
    """In memory, for tests and for runs that shall leave nothing behind."""

    def __init__(self) -> None:
        self._kept: dict[CacheKey, Transcript] = {}

    def get(self, key: CacheKey) -> Transcript | None:
        return self._kept.get(key)

    def put(self, key: CacheKey, transcript: Transcript) -> None:
        if transcript.state in KEPT:
            self._kept[key] = transcript


class FolderTranscriptCache:
    """One JSON file a transcript. A file is whole or not there: it is written aside and renamed.

    The files hold what clients said: the folder is made readable for its owner alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: CacheKey) -> Transcript | None:
        try:
            content = self._path(key).read_bytes()
        except FileNotFoundError:
            return None
        try:
            transcript = Transcript.model_validate_json(content)
        except ValidationError:  # written by another version of Huiyin: made anew
            return None
        return transcript if transcript.version == Transcript.model_fields["version"].default else None

    def put(self, key: CacheKey, transcript: Transcript) -> None:
        if transcript.state not in KEPT:
            return
        path = self._path(key)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.parent.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writing-", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(transcript.model_dump_json().encode())
            Path(name).replace(path)
        except BaseException:  # Ctrl-C as well: leave no half file behind
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise

    def _path(self, key: CacheKey) -> Path:
        digest = key.digest
        return self._folder / digest[:2] / f"{digest}.json"
