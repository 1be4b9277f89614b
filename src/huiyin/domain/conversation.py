"""What was said: a conversation, its turns, and the recording behind it (spec/tags.md, "A conversation")."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import Field

from huiyin.domain.record import Moment, Record


class Channel(StrEnum):
    PHONE = "phone"
    WECOM = "wecom"


class Speaker(StrEnum):
    ADVISOR = "advisor"
    CLIENT = "client"
    OTHER = "other"
    """Somebody else in a group chat, a robot, a forwarded message: nobody's tag."""


class TranscriptState(StrEnum):
    """Why a conversation has the words that it has."""

    GIVEN = "given"  # came as text (transcripts.jsonl, WeCom)
    TRANSCRIBED = "transcribed"
    SILENT = "silent"  # recognised, and nobody spoke
    NO_RECORDING = "no_recording"  # answered, but nothing was recorded
    MISSING_FILE = "missing_file"  # a recording is named that is not there
    UNREADABLE = "unreadable"  # the recording cannot be decoded
    EMPTY = "empty"  # the recording holds no audio
    FAILED = "failed"  # the recogniser failed on it; a re-run tries again
    NOT_ANSWERED = "not_answered"
    PENDING = "pending"  # not transcribed yet


HAS_WORDS = frozenset({TranscriptState.GIVEN, TranscriptState.TRANSCRIBED, TranscriptState.SILENT})


class Word(Record):
    """A recognised word; `start`/`end` in seconds since the conversation began."""

    text: str
    start: float
    end: float
    probability: float | None = None


class Turn(Record):
    """One utterance (call) or one message (chat). Offsets of tags index `text` exactly as it stands here."""

    turn: int
    speaker: Speaker
    start: float  # seconds since Conversation.started_at
    end: float | None = None
    text: str
    channel: int | None = None  # audio channel of a stereo recording
    confidence: float | None = Field(default=None, ge=0, le=1)
    words: tuple[Word, ...] = ()
    kind: str = "text"  # text, voice, image, file, link, mixed, chatrecord, event … (WeCom msgtype, or "speech")
    msgid: str | None = None
    author_id: str | None = None  # who of the firm, or which client, where the channel has several
    media: str | None = None  # sound of a voice message, relative to the data folder
    recalled: bool = False  # a recalled message stays, and is no evidence
    quoted: tuple[tuple[int, int], ...] = ()  # character ranges of `text` that are somebody else's words


class Recording(Record):
    """An audio file. `path` is relative to the data folder; `sha256` is known once it has been read."""

    path: str
    sha256: str | None = None
    advisor_channel: int | None = Field(default=None, ge=0, le=1)
    channels: int | None = None
    duration_s: float | None = None


class Conversation(Record):
    """A call or a stretch of chat between one client and the firm; also an attempt that nobody answered."""

    conversation_id: str
    channel: Channel
    client_id: str
    advisor_id: str
    started_at: Moment
    turns: tuple[Turn, ...] = ()
    medium: Literal["call", "chat"] = "call"
    direction: Literal["outbound", "inbound"] | None = None
    answered: bool = True
    duration_s: float | None = None
    recording: Recording | None = None
    transcript_state: TranscriptState = TranscriptState.GIVEN
    transcript_note: str | None = None  # the reason, for people
    recognizer: str | None = None  # which model made the words
    group_id: str | None = None  # WeCom roomid, where it is a group chat

    def moment(self, seconds: float) -> datetime:
        """The wall-clock moment `seconds` after the conversation began."""
        return self.started_at + timedelta(seconds=seconds)

    @property
    def has_words(self) -> bool:
        return self.transcript_state in HAS_WORDS
