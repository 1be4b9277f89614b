"""transcripts.jsonl: what a conversation must be, and how it joins its call (spec/tags.md, spec/formats.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from huiyin.domain.conversation import Conversation, TranscriptState
from huiyin.pipeline.ingest.dataset import Dataset
from huiyin.pipeline.ingest.folder import read_folder

Json = dict[str, Any]


def turn(number: int, speaker: str = "client", start: float = 0.0, **more: Any) -> Json:
    return {"turn": number, "speaker": speaker, "start": start, "end": start + 1, "text": "嗯你说"} | more


def talk(**more: Any) -> Json:
    return {
        "conversation_id": "d1", "channel": "phone", "client_id": "C1", "advisor_id": "A1",
        "started_at": "2026-03-12T10:05:00+08:00", "turns": [turn(0, "advisor"), turn(1, "client", 2.0)],
    } | more  # fmt: skip


def read(tmp_path: Path, *lines: Json | str, calls: str | None = None) -> Dataset:
    text = "".join((x if isinstance(x, str) else json.dumps(x, ensure_ascii=False)) + "\n" for x in lines)
    (tmp_path / "transcripts.jsonl").write_text(text, encoding="utf-8")
    if calls is not None:
        head = "call_id,client_id,advisor_id,started_at,answered,direction,duration_s,recording\n"
        (tmp_path / "calls.csv").write_text(head + calls, encoding="utf-8")
    return read_folder(tmp_path)


def test_a_conversation_goes_in(tmp_path: Path) -> None:
    data = read(tmp_path, talk(), talk(conversation_id="d2", channel="wecom", started_at="2026-03-12 10:06"))
    assert data.issues == ()
    first, second = data.conversations
    assert (first.medium, first.transcript_state, len(first.turns)) == ("call", TranscriptState.GIVEN, 2)
    assert (second.medium, second.started_at.isoformat()) == ("chat", "2026-03-12T10:06:00+08:00")


def test_our_own_output_reads_back(tmp_path: Path) -> None:
    (first,) = read(tmp_path, talk()).conversations
    data = read(tmp_path, first.model_dump_json())
    assert data.issues == () and data.conversations == (first,)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"conversation_id": ""}, "conversation_id"),
        ({"conversation_id": 5}, "conversation_id"),
        ({"channel": "email"}, "channel"),
        ({"client_id": None}, "client_id"),
        ({"advisor_id": " "}, "advisor_id"),
        ({"started_at": "昨天"}, "started_at"),
        ({"started_at": "2026-03-12"}, "started_at"),
        ({"turns": None}, "turns"),
        ({"turns": "x"}, "turns"),
        ({"turns": ["x"]}, "turns[0]"),
        ({"turns": [turn(1)]}, "turns[0].turn"),
        ({"turns": [turn(0), turn(0, start=1)]}, "turns[1].turn"),
        ({"turns": [turn(0, "boss")]}, "turns[0].speaker"),
        ({"turns": [turn(0, text=None)]}, "turns[0].text"),
        ({"turns": [turn(0) | {"start": "0"}]}, "turns[0].start"),
        ({"turns": [turn(0, start=-1.0)]}, "turns[0].start"),
        ({"turns": [turn(0, start=1e300)]}, "turns[0].start"),
        ({"turns": [turn(0, start=5.0), turn(1, start=4.0)]}, "turns[1].start"),
        ({"turns": [turn(0, start=5.0, end=4.0)]}, "turns[0].end"),
        ({"turns": [turn(0, confidence=2)]}, "turns[0].confidence"),
        ({"duration_s": -1}, "duration_s"),
        ({"direction": "up"}, "direction"),
        ({"recording": {"path": "../../x.wav"}}, "recording.path"),
    ],
)
def test_a_bad_conversation_is_rejected_with_its_reason(tmp_path: Path, change: Json, column: str) -> None:
    data = read(tmp_path, talk() | change, talk(conversation_id="d2"))
    (issue,) = data.errors
    assert (issue.file, issue.line, issue.column) == ("transcripts.jsonl", 1, column)
    assert [c.conversation_id for c in data.conversations] == ["d2"]
    assert [r.line for r in data.rejects] == [1]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "is not JSON"),
        ("[1]", "holds a JSON list"),
        ("null", "holds a JSON NoneType"),
        ('{"a": NaN}', "not usable JSON"),
        ("[" * 100_000, "not usable JSON"),
        ('{"a": ' + "9" * 5000 + "}", "not usable JSON"),
    ],
)
def test_a_line_that_is_no_object(tmp_path: Path, line: str, message: str) -> None:
    data = read(tmp_path, line, "", talk())
    assert len(data.conversations) == 1
    assert message in data.errors[0].message and data.errors[0].line == 1


def test_an_id_given_twice(tmp_path: Path) -> None:
    data = read(tmp_path, talk(), talk(client_id="C2"))
    assert [c.client_id for c in data.conversations] == ["C1"]
    assert data.errors[0].render().startswith('error: transcripts.jsonl:2: conversation_id: "d1": given twice: line 1')


def test_unknown_fields_are_named_once(tmp_path: Path) -> None:
    data = read(tmp_path, talk(mood="good", tags=[]), talk(conversation_id="d2", mood="bad"))
    assert [(i.line, i.column) for i in data.warnings] == [(1, "mood"), (1, "tags")]
    assert len(data.conversations) == 2


def test_what_cannot_be_stored_is_replaced_in_place(tmp_path: Path) -> None:
    line = json.dumps(talk(turns=[turn(0, text="一\x00二\ud83d三")]))
    (found,) = read(tmp_path, line).conversations
    assert found.turns[0].text == "一\ufffd二\ufffd三"
    found.model_dump_json().encode()


# ---------------------------------------------------------------- the transcript of a call


CALL = "K1,C1,A1,2026-03-12 10:05,true,outbound,95,\n"


def joined(data: Dataset) -> Conversation:
    (found,) = data.conversations
    return found


def test_a_transcript_takes_its_facts_from_the_call(tmp_path: Path) -> None:
    found = joined(read(tmp_path, talk(conversation_id="K1"), calls=CALL))
    assert (found.direction, found.duration_s, found.answered) == ("outbound", 95.0, True)
    assert (found.transcript_state, found.transcript_note, len(found.turns)) == (TranscriptState.GIVEN, None, 2)


def test_a_call_whose_recording_is_missing_still_gets_its_transcript(tmp_path: Path) -> None:
    data = read(tmp_path, talk(conversation_id="K1"), calls="K1,C1,A1,2026-03-12 10:05,true,,,rec/1.wav\n")
    assert joined(data).transcript_state is TranscriptState.GIVEN


def test_where_call_and_transcript_differ_the_call_stands(tmp_path: Path) -> None:
    data = read(tmp_path, talk(conversation_id="K1", client_id="C2", started_at="2026-03-12 11:05"), calls=CALL)
    assert joined(data).client_id == "C1" and joined(data).started_at.hour == 10
    assert [i.column for i in data.warnings] == ["client_id", "started_at"]


def test_a_call_not_answered_with_words_is_pointed_out(tmp_path: Path) -> None:
    data = read(tmp_path, talk(conversation_id="K1"), calls="K1,C1,A1,2026-03-12 10:05,false,,,\n")
    assert not joined(data).answered and [i.column for i in data.warnings] == ["turns"]


def test_an_id_of_a_chat_in_the_archive_is_taken(tmp_path: Path) -> None:
    record = {"msgid": "m1", "action": "send", "from": "wmA", "tolist": ["li"], "msgtime": 1764550801123,
              "msgtype": "text", "text": {"content": "您好"}}  # fmt: skip
    (tmp_path / "wecom.jsonl").write_text(json.dumps(record) + "\n")
    data = read(tmp_path, talk(conversation_id="wecom:m1", channel="wecom"))
    assert joined(data).turns[0].text == "您好"
    assert [i.column for i in data.errors] == ["conversation_id"] and len(data.rejects) == 1
