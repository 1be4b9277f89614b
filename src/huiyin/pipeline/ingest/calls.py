"""calls.csv: call detail records, and the conversations that their recordings will become (spec/formats.md)."""

from __future__ import annotations

import os
from pathlib import Path

from huiyin.domain.conversation import Channel, Conversation, Recording, TranscriptState
from huiyin.domain.crm import Call
from huiyin.pipeline.ingest import fields
from huiyin.pipeline.ingest.issue import warning
from huiyin.pipeline.ingest.table import Column, Loaded, Table, read_table
from huiyin.pipeline.ingest.text import Source

CALLS = Table(
    key="call_id",
    record=Call,
    columns=(
        Column(name="call_id", required=True),
        Column(name="client_id", required=True),
        Column(name="advisor_id", required=True),
        Column(name="started_at", parse=fields.moment, required=True),
        Column(name="direction", parse=fields.one_of(("outbound", "inbound"))),
        Column(name="answered", parse=fields.flag, required=True),
        Column(name="duration_s", parse=fields.positive),
        Column(name="recording"),
        Column(name="advisor_channel", parse=fields.whole(0, 1)),
    ),
)


def read_calls(source: Source) -> Loaded[Call]:
    return read_table(source, CALLS)


def call_conversations(source: Source, calls: Loaded[Call], *, root: Path) -> list[Conversation]:
    """One conversation a call, in its order; words are still to come. Warns in `calls.issues` of a recording not there.

    `root` is the data folder, which `Recording.path` is relative to.
    """
    out: list[Conversation] = []
    for call, line in zip(calls.records, calls.lines, strict=True):
        recording, problem = _find_recording(source.folder, call, root=root)
        if problem is not None:
            message = f"{problem}; the call goes in without words"
            calls.issues.append(
                warning(source.name, message, line=line, column="recording", value=call.recording)
            )  # fmt: skip
        out.append(_conversation(call, recording, problem))
    return out


def _conversation(call: Call, recording: Recording | None, problem: str | None) -> Conversation:
    state, note = TranscriptState.PENDING, None
    if not call.answered:
        state, note = TranscriptState.NOT_ANSWERED, "not answered"
    elif problem is not None:
        state, note = TranscriptState.MISSING_FILE, f"{problem}: {call.recording}"
    elif recording is None:
        state, note = TranscriptState.NO_RECORDING, "calls.csv names no recording"
    return Conversation(
        conversation_id=call.call_id, channel=Channel.PHONE, client_id=call.client_id, advisor_id=call.advisor_id,
        started_at=call.started_at, medium="call", direction=call.direction, answered=call.answered,
        duration_s=call.duration_s, recording=recording, transcript_state=state, transcript_note=note,
    )  # fmt: skip


def _find_recording(folder: Path, call: Call, *, root: Path) -> tuple[Recording | None, str | None]:
    """(the recording, what is wrong with it). A path that leaves the data folder is never handed on."""
    if not call.recording:
        return None, None
    name = call.recording
    if "\\" in name and not _is_file(folder / name):
        name = name.replace("\\", "/")
    # Lexically, not resolved: a recordings folder that links to network storage is a normal set-up.
    path = Path(os.path.normpath(folder / name))
    if not path.is_relative_to(root):
        return None, "the recording lies outside the data folder"
    recording = Recording(path=path.relative_to(root).as_posix(), advisor_channel=call.advisor_channel)
    if not _is_file(path):
        return recording, "there is no such recording"
    return recording, None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or with a NUL
        return False
