"""Tags given by hand: held against their conversations (spec/tags.md, "A tag"; spec/formats.md)."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from huiyin.domain.conversation import Channel, Conversation, Recording, Speaker, Turn
from huiyin.domain.errors import InputError, MissingFileError
from huiyin.domain.record import SHANGHAI
from huiyin.domain.tag import Stance
from huiyin.pipeline.ingest.given_tags import GivenTags, read_tags

Json = dict[str, Any]
TALK = Conversation(
    conversation_id="d1", channel=Channel.PHONE, client_id="C1", advisor_id="A1",
    started_at=datetime(2026, 3, 12, 10, 5, tzinfo=SHANGHAI), recording=Recording(path="1.wav"),
    turns=(
        Turn(turn=0, speaker=Speaker.ADVISOR, start=0.0, end=4.0, text="您是想开两融吧，我明天给您回电"),
        Turn(turn=1, speaker=Speaker.CLIENT, start=5.0, end=6.0, text="对，手上有三十万闲钱"),
        Turn(turn=2, speaker=Speaker.CLIENT, start=7.0, end=8.0, text="撤回的话", recalled=True),
    ),
)  # fmt: skip


def tag(**more: Any) -> Json:
    return {
        "conversation_id": "d1", "tag": "idle_funds", "stance": "affirmed",
        "value": {"amount": [300000, 300000], "available_from": None},
        "turns": [1], "quote": "手上有三十万闲钱", "confidence": 0.94,
    } | more  # fmt: skip


def read(tmp_path: Path, *lines: Json | str) -> GivenTags:
    path = tmp_path / "tags.jsonl"
    text = "\n".join(x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines)
    path.write_text(text, encoding="utf-8")
    return read_tags(path, [TALK])


def test_a_tag_gets_its_proof(tmp_path: Path) -> None:
    given = read(tmp_path, tag())
    (found,) = given.tags
    assert given.issues == () and (found.client_id, found.advisor_id, found.stance) == ("C1", "A1", Stance.AFFIRMED)
    assert found.value == {"amount": [300000.0, 300000.0], "available_from": None}
    assert found.said_at == datetime(2026, 3, 12, 10, 5, 5, tzinfo=SHANGHAI)
    (evidence,) = found.proof.evidence
    assert TALK.turns[1].text[evidence.start : evidence.end] == evidence.quote == "手上有三十万闲钱"
    assert (evidence.audio_start, evidence.audio_end) == (5.0, 6.0)
    assert (found.proof.source, found.proof.rule) == ("given", "given:tags.jsonl:1")


def test_assent_is_said_when_the_client_says_it(tmp_path: Path) -> None:
    given = read(tmp_path, tag(tag="permission_intent", value={"permission": "margin"}, turns=[1, 0], quote="开两融"))
    (found,) = given.tags
    assert found.turns == (0, 1) and found.said_at.second == 5
    assert [(e.turn, e.quote) for e in found.proof.evidence] == [(0, "开两融"), (1, TALK.turns[1].text)]


def test_a_commitment_is_said_when_the_advisor_says_it(tmp_path: Path) -> None:
    line = tag(tag="advisor_commitment", value={"action": "call_back"}, turns=[0], quote="我明天给您回电")
    assert read(tmp_path, line).tags[0].said_at.second == 0


def test_a_tag_by_the_wrong_speaker_alone_falls_back_on_its_first_turn(tmp_path: Path) -> None:
    line = tag(tag="permission_intent", value={"permission": "margin"}, turns=[0], quote="开两融")
    assert read(tmp_path, line).tags[0].said_at.second == 0


def test_stance_value_and_confidence_may_be_left_out(tmp_path: Path) -> None:
    line = {"conversation_id": "d1", "tag": "do_not_contact", "turns": [1], "quote": "对"}
    (found,) = read(tmp_path, line).tags
    assert (found.stance, found.value, found.confidence) == (Stance.AFFIRMED, {}, 1.0)


def test_our_own_output_reads_back(tmp_path: Path) -> None:
    (found,) = read(tmp_path, tag()).tags
    again = read(tmp_path, found.model_dump_json())
    assert again.issues == () and again.tags == (found,)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"conversation_id": "nowhere"}, "conversation_id"),
        ({"conversation_id": None}, "conversation_id"),
        ({"conversation_id": ["d1"]}, "conversation_id"),
        ({"tag": "idle"}, "tag"),
        ({"tag": ["idle_funds"]}, "tag"),
        ({"stance": "maybe"}, "stance"),
        ({"stance": []}, "stance"),
        ({"value": {"amount": [2, 1]}}, "value"),
        ({"value": {"sum": 5}}, "value"),
        ({"value": "x"}, "value"),
        ({"tag": "complaint", "value": {"topic": "weather"}}, "value"),
        ({"turns": []}, "turns"),
        ({"turns": [3]}, "turns"),
        ({"turns": [-1]}, "turns"),
        ({"turns": ["1"]}, "turns"),
        ({"turns": [True]}, "turns"),
        ({"turns": 1}, "turns"),
        ({"turns": [2], "quote": "撤回的话"}, "turns"),
        ({"quote": "五十万"}, "quote"),
        ({"quote": "手上有三十万闲钱", "turns": [0]}, "quote"),
        ({"quote": ""}, "quote"),
        ({"quote": 5}, "quote"),
        ({"confidence": 2}, "confidence"),
        ({"confidence": "high"}, "confidence"),
    ],
)
def test_a_bad_tag_is_an_error_with_file_and_line(tmp_path: Path, change: Json, column: str) -> None:
    given = read(tmp_path, tag(), tag() | change)
    (issue,) = given.issues
    assert (issue.file, issue.line, issue.column, issue.severity) == ("tags.jsonl", 2, column, "error")
    assert len(given.tags) == 1 and [r.line for r in given.rejects] == [2]


def test_a_line_that_is_no_json(tmp_path: Path) -> None:
    given = read(tmp_path, "{", tag())
    assert len(given.tags) == 1 and given.issues[0].line == 1


def test_the_same_tag_twice_counts_once(tmp_path: Path) -> None:
    given = read(tmp_path, tag(), tag(confidence=0.5))
    assert len(given.tags) == 1 and "the same tag as on line 1" in given.issues[0].message


def test_unknown_fields_are_named_once(tmp_path: Path) -> None:
    given = read(tmp_path, tag(who="me"), tag(turns=[0, 1], who="me"))
    assert [(i.severity, i.column) for i in given.issues] == [("warning", "who")] and len(given.tags) == 2


def test_no_file_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="no such file of tags"):
        read_tags(tmp_path / "no.jsonl", [TALK])
    (tmp_path / "zip.jsonl").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match="neither UTF-8 nor GB18030"):
        read_tags(tmp_path / "zip.jsonl", [TALK])
