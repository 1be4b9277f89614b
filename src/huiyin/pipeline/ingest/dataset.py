"""What a data folder held: the records, the conversations, and everything that was wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from huiyin.domain.conversation import Conversation
from huiyin.domain.crm import Advisor, Call, Client, Event
from huiyin.domain.record import Moment, Record
from huiyin.pipeline.ingest.issue import Issue, Reject, Severity


class FileCount(Record):
    """What came of one file. `rows` counts data rows or lines; `kind` is its name in spec/formats.md."""

    file: str
    kind: str
    encoding: str | None = None
    rows: int = 0
    accepted: int = 0
    rejected: int = 0


class VoiceMessage(Record):
    """A WeCom voice message. The recogniser reads `path` (relative to the data folder; None: the file is not there)."""

    conversation_id: str
    turn: int
    msgid: str
    path: str | None = None
    play_length_s: float | None = None


class ArchiveEvent(Record):
    """Something that the WeCom archive tells beside the words: consent, a recall, a switched log, an unknown type."""

    msgid: str
    kind: str  # the msgtype, or "switch"
    at: Moment | None = None
    client_id: str | None = None
    userid: str | None = None  # who did it, as the archive calls him
    conversation_id: str | None = None
    note: str | None = None
    raw: str | None = None  # the record as it came, where nothing else holds it


class Dataset(Record):
    """A data folder, read. `root` is the folder that recording paths are relative to."""

    root: str
    clients: tuple[Client, ...] = ()
    advisors: tuple[Advisor, ...] = ()
    calls: tuple[Call, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    events: tuple[Event, ...] = ()
    policy: dict[str, Any] = Field(default_factory=dict)
    voice_messages: tuple[VoiceMessage, ...] = ()
    archive_events: tuple[ArchiveEvent, ...] = ()
    issues: tuple[Issue, ...] = ()
    rejects: tuple[Reject, ...] = ()
    files: tuple[FileCount, ...] = ()

    @property
    def errors(self) -> tuple[Issue, ...]:
        return tuple(i for i in self.issues if i.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Issue, ...]:
        return tuple(i for i in self.issues if i.severity is Severity.WARNING)

    def recording_path(self, conversation: Conversation) -> Path | None:
        """Where the recording of the conversation lies, or None where it names none."""
        return None if conversation.recording is None else Path(self.root) / conversation.recording.path


def write_rejects(path: Path, dataset: Dataset) -> int:
    """Writes the lines that did not go in, one JSON object each (file, line, raw, state, issues). Returns how many.

    No rejects: an empty file, so that yesterday's is not taken for today's.
    """
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for reject in dataset.rejects:
            out.write(reject.model_dump_json() + "\n")
    return len(dataset.rejects)
